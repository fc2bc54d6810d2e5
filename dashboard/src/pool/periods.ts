import type { z } from "zod";
import type { periodsOfIntervalsWire } from "#domains/pool/wire.ts";
import type { Answer } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";
import { boundsOf, type Range } from "../app/parts/ranges.ts";

/** What was cleared in the points of a chart over time, the oldest first. */
export type Periods = z.infer<typeof periodsOfIntervalsWire>;
export type Period = Periods["periods"][number];

/** What was cleared up to now in an area, or in all with null, as far back as a range goes. */
export function usePeriods({
  areaId,
  range: { seconds },
  intervalSeconds,
  now,
}: {
  areaId: number | null;
  range: Range;
  /** The shortest of these areas. */
  intervalSeconds: number;
  now: number;
}): Answer<Periods> {
  const { from, to, of } = boundsOf({ seconds, intervalSeconds, now });
  const area = areaId === null ? "" : `areaId=${areaId}&`;
  return useGet<Periods>(`/v1/intervals/periods?${area}of=${of}&from=${from}&to=${to}`, {
    question: `${areaId} ${seconds}`,
  });
}
