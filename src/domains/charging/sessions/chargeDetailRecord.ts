import type { LocalClock } from "#kernel/units/localClock.ts";
import type { ChargingSession, TimeSpan } from "./chargingSession.ts";
import { energyUntil } from "./energyByInterval.ts";
import { chargedTimes, type Invoice, type InvoiceLine } from "./invoice.ts";
import { type ChargingTariff, pricedSpans } from "./tariff.ts";

/** Who runs a station and where it stands, in the words of OCPI. */
export type CdrParty = {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  /** Of three letters, as the operator is registered. */
  readonly partyId: string;
  readonly location: {
    readonly id: string;
    readonly address: string;
    readonly city: string;
    /** ISO 3166-1 alpha-3. */
    readonly country: string;
    readonly latitude: string;
    readonly longitude: string;
  };
};

const MILLIS_PER_SECOND = 1_000;
const MICRO_PER_UNIT = 1_000_000;
const WH_PER_KWH = 1_000;
const SECONDS_PER_HOUR = 3_600;
/** Hours are not exact in decimals: a session's seconds can be had from so many. */
const HOUR_DECIMALS = 6;

/**
 * A session as a charge detail record of OCPI 2.2.1 (chapter 10.3.1), a value for JSON. Money and energy are exact, as decimals;
 * hours are rounded to six. Prices include taxes, so that `excl_vat` is the whole as long as no tax is known.
 */
export function chargeDetailRecord(
  session: ChargingSession,
  {
    invoice,
    tariff,
    clock,
    party,
    settledAt,
  }: {
    readonly invoice: Invoice;
    readonly tariff: ChargingTariff;
    readonly clock: LocalClock;
    readonly party: CdrParty;
    /** Unix seconds. */
    readonly settledAt: number;
  },
): object {
  const [charging, idle] = chargedTimes(session, tariff);
  const periods = chargingPeriods(session, { tariff, clock, idle: idle.spans });
  return {
    country_code: party.countryCode,
    party_id: party.partyId,
    // A record's name has at most 39 characters.
    id: `${session.stationId}-${session.sessionId}`.slice(-39),
    session_id: session.sessionId,
    start_date_time: isoTime(session.startedAt),
    end_date_time: isoTime(session.endedAt),
    cdr_token: {
      country_code: party.countryCode,
      party_id: party.partyId,
      uid: session.idToken,
      type: "OTHER",
      contract_id: session.idToken,
    },
    auth_method: "WHITELIST",
    cdr_location: locationOf(session, party),
    currency: invoice.currency,
    charging_periods: periods,
    total_cost: money(invoice.totalMicro),
    total_fixed_cost: money(costOf(invoice, "session")),
    total_energy: Number(session.energyWh) / WH_PER_KWH,
    total_energy_cost: money(costOf(invoice, "energy")),
    total_time: hours(lengthOf([{ from: session.startedAt, to: session.endedAt }])),
    total_time_cost: money(costOf(invoice, "time")),
    total_parking_time: hours(session.endedAt - session.startedAt - lengthOf(charging.spans)),
    total_parking_cost: money(costOf(invoice, "idle")),
    remark: session.notes.join(", "),
    last_updated: isoTime(settledAt),
  };
}

function locationOf({ stationId, evseId }: ChargingSession, { location }: CdrParty): object {
  const { latitude, longitude, ...place } = location;
  return {
    ...place,
    coordinates: { latitude, longitude },
    evse_uid: `${stationId}*${evseId}`,
    evse_id: `${stationId}*${evseId}`,
    connector_id: "1",
    connector_standard: "IEC_62196_T2",
    connector_format: "SOCKET",
    connector_power_type: "AC_3_PHASE",
  };
}

/** A period a price and state: energy, and hours of charging or of standing there. */
function chargingPeriods(
  session: ChargingSession,
  { tariff, clock, idle }: { tariff: ChargingTariff; clock: LocalClock; idle: readonly TimeSpan[] },
): object[] {
  const { startedAt, chargingEndedAt, endedAt, readings } = session;
  const bounds = [startedAt, chargingEndedAt, ...idle.flatMap(({ from, to }) => [from, to]), endedAt];
  const priced = pricedSpans(tariff, clock, { from: startedAt, to: endedAt });
  const cuts = [...new Set([...bounds, ...priced.map(({ to }) => to)])].sort((one, other) => one - other);
  const spans = cuts.slice(1).map((to, i) => ({ from: cuts[i] ?? to, to }));
  const energies = energyUntil(
    readings,
    spans.map(({ to }) => to),
  );
  return spans.map(({ from, to }, i) => ({
    start_date_time: isoTime(from),
    dimensions: [
      { type: "ENERGY", volume: Number(energies[i] ?? 0n) / WH_PER_KWH },
      { type: to <= chargingEndedAt ? "TIME" : "PARKING_TIME", volume: hours(to - from) },
    ],
    tariff_id: tariff.tariffId,
  }));
}

function costOf({ lines }: Invoice, component: InvoiceLine["component"]): bigint {
  return lines
    .filter((line) => line.component === component)
    .reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
}

function lengthOf(spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** A price of OCPI; the shortest decimal of the number is exact below 2⁵³ micro. */
function money(micro: bigint): object {
  return { excl_vat: Number(micro) / MICRO_PER_UNIT };
}

function hours(seconds: number): number {
  return Number((seconds / SECONDS_PER_HOUR).toFixed(HOUR_DECIMALS));
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString();
}
