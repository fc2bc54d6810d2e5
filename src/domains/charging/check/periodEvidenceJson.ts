import type { z } from "zod";
import type { quotaEvidenceWire } from "#domains/charging/wireEvidence.ts";

/** A period's evidence as it goes over HTTP. */
export type PeriodEvidenceJson = z.infer<typeof quotaEvidenceWire>;
