import type { z } from "zod";
import type { operatorWire } from "#domains/pool/wireOperator.ts";
import type { Answer } from "../../app/api/answer.ts";
import { useGet } from "../../app/api/useGet.ts";

/** What `/v1/operator` says, with the pool's part of it. */
export type PoolOperator = z.infer<typeof operatorWire>;

export function useOperator(): Answer<PoolOperator> {
  return useGet<PoolOperator>("/v1/operator");
}
