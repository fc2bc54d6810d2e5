import type { SessionView } from "#domains/charging/queries/sessions.ts";
import type { LedgerEntry } from "#domains/charging/sessionLedger.ts";
import type { InvoiceLine } from "#domains/charging/sessions/invoice.ts";
import type { ChargingTariff } from "#domains/charging/sessions/tariff.ts";

/** An entry of a session that was invoiced. */
export type Invoiced = LedgerEntry & { readonly invoiced: NonNullable<LedgerEntry["invoiced"]> };

/** A session as the chain has it. */
export function sessionBody({
  stage,
  limitMicro,
  amountMicro,
  provenMicro,
  paidMicro,
  returnedMicro,
  ...rest
}: SessionView) {
  const { id, driver, payee, heldAt, expiresAt, invoiceHash, chargedAt, disputableUntil, finishedAt } = rest;
  return {
    ...{ id, driver, payee, heldAt, expiresAt, invoiceHash, chargedAt, disputableUntil, finishedAt },
    sessionStage: stage,
    limitMicro: String(limitMicro),
    amountMicro: textOf(amountMicro),
    provenMicro: textOf(provenMicro),
    paidMicro: textOf(paidMicro),
    returnedMicro: textOf(returnedMicro),
  };
}

/** What it came to, and what the module signed of it. */
export function invoiceBody({ invoiced, signed }: Invoiced) {
  const { session, invoice, statement, amountMicro, id } = invoiced;
  const { tariffId, currency, lines, totalMicro } = invoice;
  return {
    id,
    stationId: session.stationId,
    ...{ tariffId, currency },
    startedAt: session.startedAt,
    endedAt: session.endedAt,
    energyWh: String(session.energyWh),
    fromWh: String(statement.fromWh),
    toWh: String(statement.toWh),
    lines: lines.map(lineBody),
    totalMicro: String(totalMicro),
    amountMicro: String(amountMicro),
    moduleKey: signed?.moduleKey ?? null,
    signature: signed?.signature ?? null,
  };
}

export function lineBody(line: InvoiceLine) {
  const { component, amountMicro } = line;
  const common = { component, amountMicro: String(amountMicro) };
  if (line.component === "session") return { ...common, quantity: null, priceMicro: null };
  if (line.component === "energy")
    return { ...common, quantity: String(line.energyWh), priceMicro: String(line.priceMicroPerKwh) };
  return { ...common, quantity: String(line.seconds), priceMicro: String(line.priceMicroPerHour) };
}

/** Prices by time of day. */
export function tariffBody({
  tariffId,
  currency,
  sessionFeeMicro,
  idleGraceSeconds,
  prices,
}: ChargingTariff) {
  return {
    ...{ tariffId, currency, idleGraceSeconds },
    sessionFeeMicro: String(sessionFeeMicro),
    prices: prices.map(({ fromMinute, energyMicroPerKwh, timeMicroPerHour, idleMicroPerHour }) => ({
      fromMinute,
      energyMicroPerKwh: String(energyMicroPerKwh),
      timeMicroPerHour: String(timeMicroPerHour),
      idleMicroPerHour: String(idleMicroPerHour),
    })),
  };
}

/** Whole numbers as the wire has them; null stays null. */
export function textOf(micro: bigint | null): string | null {
  return micro === null ? null : String(micro);
}
