import type { LocalClock } from "#kernel/units/localClock.ts";
import { roundParts } from "#kernel/units/roundedParts.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";
import type { ChargingSession, TimeSpan } from "./chargingSession.ts";
import { energyUntil } from "./energyByInterval.ts";
import { type ChargingTariff, pricedSpans, requireTariff } from "./tariff.ts";

/** What a session is charged for, one component at one price; all money micro. */
export type InvoiceLine =
  | { readonly component: "session"; readonly amountMicro: bigint }
  | {
      readonly component: "energy";
      readonly energyWh: bigint;
      readonly priceMicroPerKwh: bigint;
      readonly amountMicro: bigint;
    }
  | {
      readonly component: "time" | "idle";
      readonly seconds: number;
      readonly priceMicroPerHour: bigint;
      readonly amountMicro: bigint;
    };

/** What a driver owes for a session. The lines add up to the total. */
export type Invoice = {
  readonly stationId: string;
  readonly sessionId: string;
  readonly tariffId: string;
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  readonly totalMicro: bigint;
};

/** Wh × micro per kWh are thousandths, s × micro per hour 3,600ths of a micro: both are whole numbers of 18,000ths. */
export const PARTS_OF_A_MICRO = 18_000n;
const PARTS = { wh: 18n, second: 5n };

/** A line whose amount is still exact, in 18,000ths of a micro. */
type ExactLine = { readonly line: InvoiceLine; readonly exact: bigint };

/**
 * Invoices a session: the session's fee, its energy by price, the time of charging, and the time of standing there after that, less
 * the time of grace at its begin. The sum is exact, and rounded once, up, to a whole micro; the lines add up to it, each less than a
 * micro from exact.
 *
 * @throws TariffImpossibleError when the tariff has no price for some time
 */
export function invoiceSession(
  session: ChargingSession,
  { tariff, clock }: { readonly tariff: ChargingTariff; readonly clock: LocalClock },
): Invoice {
  requireTariff(tariff);
  const lines = merge([
    ...sessionFee(tariff),
    ...energyLines(session, { tariff, clock }),
    ...chargedTimes(session, tariff).flatMap(({ component, spans }) =>
      spans.flatMap((span) => timeLines(component, { span, tariff, clock })),
    ),
  ]);
  const exact = lines.map((each) => each.exact);
  const sum = exact.reduce((total, each) => total + each, 0n);
  const totalMicro = divideRoundingUp(sum, PARTS_OF_A_MICRO);
  const { parts } = roundParts(exact, { unit: PARTS_OF_A_MICRO, total: totalMicro * PARTS_OF_A_MICRO });
  return {
    stationId: session.stationId,
    sessionId: session.sessionId,
    tariffId: tariff.tariffId,
    currency: tariff.currency,
    lines: lines.map(({ line }, i) => ({ ...line, amountMicro: (parts[i] ?? 0n) / PARTS_OF_A_MICRO })),
    totalMicro,
  };
}

/** When a session is charged for by time: while it charges, and while it is idle after the time of grace. */
export function chargedTimes(
  { startedAt, chargingEndedAt, idle }: ChargingSession,
  { idleGraceSeconds }: ChargingTariff,
): readonly [
  { readonly component: "time"; readonly spans: readonly TimeSpan[] },
  { readonly component: "idle"; readonly spans: readonly TimeSpan[] },
] {
  let grace = idleGraceSeconds;
  const afterGrace = idle.flatMap(({ from, to }) => {
    const begin = Math.min(from + grace, to);
    grace -= begin - from;
    return begin < to ? [{ from: begin, to }] : [];
  });
  return [
    { component: "time", spans: [{ from: startedAt, to: chargingEndedAt }] },
    { component: "idle", spans: afterGrace },
  ];
}

type Prices = { readonly tariff: ChargingTariff; readonly clock: LocalClock };

function sessionFee({ sessionFeeMicro }: ChargingTariff): ExactLine[] {
  if (sessionFeeMicro === 0n) return [];
  const exact = sessionFeeMicro * PARTS_OF_A_MICRO;
  return [{ line: { component: "session", amountMicro: 0n }, exact }];
}

function energyLines(
  { startedAt, endedAt, readings }: ChargingSession,
  { tariff, clock }: Prices,
): ExactLine[] {
  // Energy without a duration, in a session of one instant, is at the price of that instant.
  const spans = pricedSpans(tariff, clock, { from: startedAt, to: Math.max(endedAt, startedAt + 1) });
  const energies = energyUntil(
    readings,
    spans.map(({ to }) => to),
  );
  return spans.map(({ price: { energyMicroPerKwh } }, i) => {
    const energyWh = energies[i] ?? 0n;
    return {
      line: { component: "energy", energyWh, priceMicroPerKwh: energyMicroPerKwh, amountMicro: 0n },
      exact: energyWh * energyMicroPerKwh * PARTS.wh,
    };
  });
}

function timeLines(
  component: "time" | "idle",
  { span, tariff, clock }: Prices & { readonly span: TimeSpan },
): ExactLine[] {
  return pricedSpans(tariff, clock, span).map(({ from, to, price }) => {
    const priceMicroPerHour = component === "time" ? price.timeMicroPerHour : price.idleMicroPerHour;
    const seconds = to - from;
    return {
      line: { component, seconds, priceMicroPerHour, amountMicro: 0n },
      exact: BigInt(seconds) * priceMicroPerHour * PARTS.second,
    };
  });
}

/** One line a component and price, in the order of their first; without those of no quantity or no price. */
function merge(lines: readonly ExactLine[]): ExactLine[] {
  const byKey = new Map<string, ExactLine>();
  for (const { line, exact } of lines.filter((each) => each.exact > 0n)) {
    const price = "priceMicroPerKwh" in line ? line.priceMicroPerKwh : priceOf(line);
    const key = `${line.component} ${price}`;
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined
        ? { line, exact }
        : { line: withQuantityOf(known.line, line), exact: known.exact + exact },
    );
  }
  return [...byKey.values()];
}

function priceOf(line: InvoiceLine): bigint {
  return "priceMicroPerHour" in line ? line.priceMicroPerHour : 0n;
}

function withQuantityOf(line: InvoiceLine, added: InvoiceLine): InvoiceLine {
  if (line.component === "energy" && added.component === "energy")
    return { ...line, energyWh: line.energyWh + added.energyWh };
  if ("seconds" in line && "seconds" in added) return { ...line, seconds: line.seconds + added.seconds };
  return line;
}
