import type { z } from "zod";
import type { operatorWire } from "#platform/api/wireOperator.ts";

/** What `/v1/operator` says of the market's work. */
export type Operator = z.infer<typeof operatorWire>;
