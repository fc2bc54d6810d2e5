import type { Formats } from "../app/format/formats.ts";
import type { StationInPeriod, WholePeriod } from "./quotas.ts";

/** How the figures of a period came about, a sentence each. */
export function reasonsOf(period: WholePeriod, formats: Formats): string[] {
  const kw = (w: number) => formats.capacity(w);
  const { marginW, totalDemandW, beta, isRationed, stations } = period;
  const asked = `${stations === 1 ? "1 station" : `${stations} stations`} asked for ${kw(totalDemandW)} of ${kw(marginW)}.`;
  if (beta === null || isRationed === null) return [asked, "The margin is not divided yet."];
  if (!isRationed) return [asked, "That fits, so each got what it asked for."];
  const [first] = period.stationList;
  const example = first
    ? [
        `So station ${first.member} got ${kw(first.demandW)} × ${kw(marginW)} ÷ ${kw(totalDemandW)} = ${kw(first.allocatedW ?? 0)}.`,
      ]
    : [];
  return [
    asked,
    `That is more than there is, so each got ${(beta * 100).toFixed(2)} % of its demand, in whole watts.`,
    ...example,
    "Watts that were left over went to the largest remainders, of equal ones to the lower number: the quotas come to the margin exactly.",
  ];
}

/** What a deposit is for, and what became of it. */
export function depositWords(station: StationInPeriod, formats: Formats): string {
  const money = (micro: string) => formats.money(micro);
  const paid = BigInt(station.quotaMicro) > 0n ? BigInt(station.quotaMicro) : 0n;
  const taken = paid + BigInt(station.feeMicro ?? "0") + BigInt(station.penaltyMicro ?? "0");
  if (station.withdrawnMicro === null)
    return `${money(station.depositMicro)} are held for auction, fee and penalty${taken > 0n ? `; ${money(String(taken))} of it is used` : ""}.`;
  return `${money(String(taken))} of ${money(station.depositMicro)} were used; ${money(station.withdrawnMicro)} came back.`;
}
