import type { z } from "zod";
import type { MemberTrail } from "#domains/pool/queries/trails.ts";
import { tradesOfCharges } from "#domains/pool/rules/poolCharges.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import { MICRO_PER_FINE, roundParts } from "#kernel/units/roundedParts.ts";
import type { trailWire } from "#platform/api/wireAudit.ts";
import { countWords } from "#platform/api/words.ts";
import type { PoolContext } from "./poolContext.ts";

export type TrailStep = z.infer<typeof trailWire>["steps"][number];

type Words = Pick<PoolContext, "currency">;

/** What was moved into escrow for the member's position. */
export function reservedStep(context: Words, { interval, position, clearedIn }: MemberTrail): TrailStep {
  const { boughtWh = 0n, soldWh = 0n, reserveMicro = 0n } = position ?? {};
  return {
    stage: "reserved",
    at: interval?.clearedAt ?? null,
    sentence: position
      ? `In this interval the member bought ${formatKwh(boughtWh)} kWh and sold ${formatKwh(soldWh)} kWh in all; ${money(context, reserveMicro)} of its margin are in escrow until it is settled.`
      : "What the position can cost at worst will move from the margin into escrow.",
    transactionHash: clearedIn,
  };
}

/** What the meter counted; `isShown` says whether the reader may know it. */
export function meteredStep(
  { interval, reading }: MemberTrail,
  { isShown, now }: { isShown: boolean; now: number },
): TrailStep {
  const isOver = interval !== null && interval.endsAt <= now;
  const counted = (wh: number) => `${formatKwh(BigInt(wh))} kWh`;
  const sentences = {
    toCome: "The meter counts until delivery is over.",
    missing: "No reading of this member is known.",
    sealed: "The reading is sealed: others see its hash only.",
    shown: `The meter counted ${counted(reading?.importWh ?? 0)} of import and ${counted(reading?.exportWh ?? 0)} of export (${reading?.quality ?? "missing"}).`,
  };
  const unread = isOver ? "missing" : "toCome";
  return {
    stage: "metered",
    at: isOver ? interval.endsAt : null,
    sentence: sentences[reading === null ? unread : isShown ? "shown" : "sealed"],
    transactionHash: null,
  };
}

/** The root under which the reading stands. */
export function publishedStep({ interval, publishedIn }: MemberTrail): TrailStep {
  const { readingsRoot = null, readingsMeters = null, publishedAt = null } = interval ?? {};
  return {
    stage: "published",
    at: publishedAt,
    sentence:
      readingsRoot === null
        ? "The root of the readings will be published after delivery."
        : `The root ${readingsRoot} of ${countWords(readingsMeters ?? 0, "reading")} is published.`,
    transactionHash: publishedIn,
  };
}

/** How the member's position left escrow, and what it paid. */
export function settlementSteps(context: Words, trail: MemberTrail): TrailStep[] {
  const { interval, page, position, line } = trail;
  if (interval?.stage === "returned" && !page) return givenBackSteps(context, trail);
  const settled: TrailStep = {
    stage: "settled",
    at: page?.timestamp ?? null,
    sentence: settledSentence(trail),
    transactionHash: page?.transactionHash ?? null,
  };
  const isPaid = page !== null && position !== null && line !== null;
  const paid: TrailStep = {
    stage: "paid",
    at: isPaid ? page.timestamp : null,
    sentence: isPaid ? paidSentence(context, line) : "Payment comes with the settlement.",
    transactionHash: isPaid ? page.transactionHash : null,
  };
  return [settled, paid];
}

function settledSentence({ page, line, interval }: MemberTrail): string {
  if (page === null) return "The contract will settle the position against the reading.";
  if (line?.isReadingMissing)
    return `The contract settled page ${page.page}; no reading of this member came in time, so it counted as zero.`;
  const settled = `The contract settled page ${page.page} against the readings, which were proved under the root.`;
  return interval?.isSupplied === false
    ? `${settled} No supplier stood for the interval: what was bought and not used earned nothing.`
    : settled;
}

function givenBackSteps(context: Words, { interval, position }: MemberTrail): TrailStep[] {
  const at = interval?.returnedAt ?? null;
  const returned = money(context, position?.reserveMicro ?? 0n);
  return [
    {
      stage: "settled",
      at,
      sentence: "The interval was given back, as its readings did not come in time: no trade counts.",
      transactionHash: null,
    },
    {
      stage: "paid",
      at,
      sentence: `${returned} went back from escrow to the margin.`,
      transactionHash: null,
    },
  ];
}

function paidSentence(context: Words, line: NonNullable<MemberTrail["line"]>): string {
  const { paymentMicro, shortfallMicro, surplusMicro, gridFeeMicro } = tradesOfCharges(line.charges);
  const parts = [
    { micro: paymentMicro, what: "for trades" },
    ...(shortfallMicro === 0n ? [] : [{ micro: shortfallMicro, what: "for what was not delivered" }]),
    ...(surplusMicro === 0n ? [] : [{ micro: -surplusMicro, what: "for what was not consumed" }]),
    { micro: gridFeeMicro, what: "of grid fee" },
  ];
  // As they are written, the parts add up.
  const shown = roundParts(
    parts.map(({ micro }) => micro),
    { unit: MICRO_PER_FINE },
  );
  const words = parts.map(({ what }, i) => `${paidWords(context, shown.parts[i] ?? 0n)} ${what}`);
  return `In all the member ${paidWords(context, shown.total)} for this interval: ${words.join(", ")}.`;
}

/** "paid €0.030", or received. */
export function paidWords(context: Words, micro: bigint): string {
  return micro < 0n ? `received ${money(context, -micro)}` : `paid ${money(context, micro)}`;
}

/** Money of one interval, for people. */
export function money({ currency }: Words, micro: bigint): string {
  return moneyWords(currency).fineMoney(micro);
}
