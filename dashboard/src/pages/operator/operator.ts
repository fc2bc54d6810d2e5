import type { z } from "zod";
import type { operatorWire } from "#domains/pool/wireOperator.ts";

/** What `/v1/operator` says of the market's work. */
export type Operator = z.infer<typeof operatorWire>;
