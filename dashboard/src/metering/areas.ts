import type { UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { areaWire } from "#platform/api/wire.ts";
import { useGet } from "../app/api/useGet.ts";

export type Area = z.infer<typeof areaWire>;

/** All market areas with their rules. */
export function useAreas(): UseQueryResult<{ areas: Area[] }> {
  return useGet<{ areas: Area[] }>("/v1/areas");
}
