import { type Answer, whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";

/** An area as everybody needs it who knows no market: who runs it and publishes its readings, and how long its intervals are. */
export type Area = {
  readonly areaId: number;
  readonly name: string | null;
  readonly operator: string;
  readonly gateway: string;
  /** Parties of the area that trade in none. */
  readonly accounts: { readonly supplier: number; readonly dso: number; readonly fund: number };
  /** So long a reading is waited for after its interval. */
  readonly waitingSeconds: number;
  readonly terms: { readonly intervalSeconds: number };
};

/** All areas. */
export function useAreas(): Answer<{ readonly areas: readonly Area[] }> {
  return useGet<{ readonly areas: readonly Area[] }>("/v1/areas");
}

/** One area; null until the areas are known. */
export function useArea(areaId: number): Area | null {
  return whenTold(useAreas(), ({ areas }) => areas.find((area) => area.areaId === areaId) ?? null, null);
}
