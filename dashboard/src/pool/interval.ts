import type { z } from "zod";
import { isPaid } from "#domains/pool/rules/stage.ts";
import type { intervalsWire, intervalWire } from "#domains/pool/wire.ts";
import { type Answer, whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";

export type Interval = z.infer<typeof intervalWire>;
export type Intervals = z.infer<typeof intervalsWire>;

type Place = { readonly areaId: number; readonly intervalId: number };

/** An interval; once it is read and settled, or given back, nothing changes it any more. With null nothing is asked. */
export function useInterval(place: Place | null): Answer<Interval> {
  const path = place === null ? null : `/v1/intervals/${place.areaId}/${place.intervalId}`;
  return useGet<Interval>(path, { isFinal: isOver });
}

/** One without a trade has nothing to pay from its clearing on; it is still to be delivered and read. */
function isOver({ status, readings }: Interval): boolean {
  return (isPaid(status) && readings !== null) || status === "returned";
}

/** Neighbours of an interval on the chain; null where there is none, undefined as long as that is not known. */
export type Neighbours = { readonly earlier: number | null; readonly later: number | null };

/** The intervals before and after one, as far as the chain has them. */
export function useNeighbours({ areaId, intervalId, endsAt }: Interval): Neighbours | undefined {
  // The later one begins where this one ends: both, and this one between them, are what begins before the next second.
  const before = `${endsAt + 1}.${areaId}`;
  const neighbours = useGet<Intervals>(
    `/v1/intervals?areaId=${areaId}&before=${before}&limit=${WITH_NEIGHBOURS}`,
    {
      isFinal: ({ intervals }) => intervals.length === WITH_NEIGHBOURS,
    },
  );
  const of = ({ intervals }: Intervals): Neighbours => {
    const ids = intervals.map((interval) => interval.intervalId);
    return {
      earlier: ids.find((id) => id < intervalId) ?? null,
      later: ids.find((id) => id > intervalId) ?? null,
    };
  };
  return whenTold(neighbours, of, undefined);
}

/** One before, itself, one after. */
const WITH_NEIGHBOURS = 3;
