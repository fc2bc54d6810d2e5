import type { z } from "zod";
import type {
  quotaAreasWire,
  quotaDepositWire,
  quotaPeriodsWire,
  quotaPeriodWholeWire,
  stationPeriodsWire,
} from "#domains/charging/wire.ts";
import type { Answer } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";

export type QuotaAreas = z.infer<typeof quotaAreasWire>;
export type QuotaArea = QuotaAreas["areas"][number];
export type QuotaPeriod = z.infer<typeof quotaPeriodsWire>["periods"][number];
export type WholePeriod = z.infer<typeof quotaPeriodWholeWire>;
export type StationInPeriod = WholePeriod["stationList"][number];
export type StationPeriods = z.infer<typeof stationPeriodsWire>;
export type QuotaDeposit = z.infer<typeof quotaDepositWire>;

export const QUOTA_AREAS = "/v1/quota-areas";

/** Areas whose stations share a transformer; none in a community without quotas. */
export function useQuotaAreas(): Answer<QuotaAreas> {
  return useGet<QuotaAreas>(QUOTA_AREAS);
}

/** One period whole. */
export function useQuotaPeriod(areaId: number | string, period: number | string) {
  return useGet<WholePeriod>(`/v1/areas/${areaId}/quota-periods/${period}`);
}
