import type { Answer } from "../app/api/answer.ts";
import { getJson } from "../app/api/getJson.ts";
import { useAnswer } from "../app/api/useAnswer.ts";
import { useGet } from "../app/api/useGet.ts";
import type { EnergySeries } from "./seriesSums.ts";
import type { Span } from "./span.ts";

/**
 * The intervals of a time, of all the account's metering points in an area; with null, in the first one that it is in. A day and a week are kept up to date by every event; a month and a year, which are megabytes,
 * when the market's day changes.
 */
export function useSeries({
  account,
  areaId,
  span,
  from,
  to,
  today,
}: {
  account: number;
  areaId: number | null;
  span: Span;
  from: number;
  to: number;
  today: string;
}): Answer<EnergySeries> {
  const area = areaId === null ? "" : `&areaId=${areaId}`;
  const path = `/v1/participants/${account}/series?from=${from}&to=${to}${area}`;
  const isShort = span === "day" || span === "week";
  const live = useGet<EnergySeries>(isShort ? path : null);
  const daily = useAnswer({
    queryKey: ["daily", path, today],
    queryFn: ({ signal }) => getJson<EnergySeries>(path, signal),
    enabled: !isShort,
    isStillTrue: (key) => key[1] === path,
  });
  return isShort ? live : daily;
}
