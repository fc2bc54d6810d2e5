import type { ReadingsUnderRoot } from "#domains/metering/meterGateway.ts";
import { proveAbsence, proveReading } from "#domains/metering/rules/readingProof.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { MeteredProof } from "./quotaMarket.ts";

/** What is published of an interval; null while nothing is. */
export type PublishedInterval = ReadingsUnderRoot | null;

/** Published readings of an interval, those of `demanded`, the stations that demanded, in the first list. */
export type PublishedSource = (
  intervalId: IntervalId,
  demanded: ReadonlySet<number>,
) => Promise<PublishedInterval>;

/**
 * What shows the energy of a station in each interval of a period; null while a reading of it is waited for. Once none is waited
 * for any more, its absence is shown, and nothing of an interval of which nothing is published.
 */
export function meteredProofs(
  published: readonly PublishedInterval[],
  { member, isWaitedFor }: { readonly member: number; readonly isWaitedFor: boolean },
): readonly MeteredProof[] | null {
  const proofs: MeteredProof[] = [];
  for (const interval of published) {
    const reading = interval?.readings.find((each) => each.member === member);
    if (!reading && isWaitedFor) return null;
    if (!interval) proofs.push(null);
    else proofs.push((reading ? proveReading : proveAbsence)(interval.tree, interval.context, member));
  }
  return proofs;
}
