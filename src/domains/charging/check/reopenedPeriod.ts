import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import type { PeriodEvidence } from "./periodEvidence.ts";

/** A station as the steps of the period left it: what it may draw, and what of its deposit is in escrow. */
export type ReopenedStation = {
  readonly demandW: number;
  readonly quotaW: number;
  readonly depositMicro: bigint;
};

/** Stations after the margin was divided, by the rule, before the auction. */
export function dividedStations({
  demands,
  opening,
  division,
}: PeriodEvidence): ReadonlyMap<number, ReopenedStation> {
  const { quotasW } = allocateQuotas({ demands, marginW: opening.marginW });
  return new Map(
    demands.map(({ member, demandW, depositMicro }) => [
      member,
      { demandW, depositMicro, quotaW: division === null ? 0 : (quotasW.get(member) ?? 0) },
    ]),
  );
}

/** Stations after the auction as it was recorded: a buyer's deposit has paid. */
export function tradedStations(evidence: PeriodEvidence): ReadonlyMap<number, ReopenedStation> {
  const stations = new Map(dividedStations(evidence));
  for (const { member, quotaW, paymentMicro } of evidence.auction?.trades ?? []) {
    const station = stations.get(member);
    if (station === undefined) continue;
    const depositMicro = station.depositMicro - (quotaW > 0 ? paymentMicro : 0n);
    stations.set(member, { ...station, quotaW: station.quotaW + quotaW, depositMicro });
  }
  return stations;
}
