import type { z } from "zod";
import type { exceptionWire, healthWire } from "#platform/api/wireException.ts";

/** What `/v1/operator` says of the process, whatever its markets are. */
export type Operator = {
  readonly exceptions: readonly z.infer<typeof exceptionWire>[];
  readonly health: readonly z.infer<typeof healthWire>[];
};
