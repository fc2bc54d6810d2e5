import type { UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { areaWire } from "#domains/pool/wire.ts";
import { useGet } from "../app/api/useGet.ts";

export type Area = z.infer<typeof areaWire>;

/** All market areas with the pool's rules. */
export function usePoolAreas(): UseQueryResult<{ areas: Area[] }> {
  return useGet<{ areas: Area[] }>("/v1/areas");
}
