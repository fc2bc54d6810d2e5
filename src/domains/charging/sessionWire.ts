import { z } from "zod";
import {
  decimal,
  digits,
  hex,
  MAX_ACCOUNT,
  MAX_AREA,
  MAX_MEMBER,
  MAX_SECONDS,
  paging,
  signatureText,
  unixSeconds,
  wholeNumber,
} from "#platform/api/wire.ts";
import { WAITING_KINDS } from "./schedule/waitingReason.ts";
import { SESSION_STAGES } from "./sessionTables.ts";

const hash = hex.meta({ example: `0x${"5a".repeat(32)}` });
const micro = decimal.meta({ example: "2990000" });

export const sessionsQuery = z.strictObject({
  driver: digits(MAX_ACCOUNT).optional(),
  payee: digits(MAX_ACCOUNT).optional(),
  ...paging,
});
export const sessionParams = z.strictObject({
  areaId: digits(MAX_AREA),
  id: z.string().regex(/^0x[0-9a-f]{64}$/),
});
/** A driver shows its salt in a header, which no log of addresses keeps. */
export const saltHeaders = z.object({ "session-salt": z.string().max(66).optional() });

const sessionWire = z.object({
  id: hash.describe("the session's name on the chain"),
  sessionStage: z.enum(SESSION_STAGES).meta({ example: "charged" }),
  driver: z.int().meta({ example: 12 }),
  payee: z.int().meta({ example: 7 }),
  limitMicro: micro,
  heldAt: unixSeconds,
  expiresAt: unixSeconds,
  amountMicro: micro.nullable(),
  invoiceHash: hash.nullable(),
  chargedAt: unixSeconds.nullable(),
  disputableUntil: unixSeconds.nullable(),
  provenMicro: micro.nullable(),
  paidMicro: micro.nullable(),
  returnedMicro: micro.nullable(),
  finishedAt: unixSeconds.nullable(),
});

export const sessionsWire = z.object({ sessions: z.array(sessionWire).describe("the newest first") });

const lineWire = z.object({
  component: z
    .enum(["session", "energy", "time", "idle"])
    .describe("what it is for")
    .meta({ example: "energy" }),
  quantity: decimal
    .nullable()
    .describe("Wh of energy, seconds of time; null for the session")
    .meta({ example: "3500" }),
  priceMicro: micro.nullable().describe("micro a kWh or an hour; null for the session"),
  amountMicro: micro.describe("micro"),
});

export const sessionInvoiceWire = z.object({
  id: hash.describe("the session's name on the chain"),
  stationId: z.string().describe("the station's name").meta({ example: "station-1" }),
  tariffId: z.string().describe("the tariff's name").meta({ example: "day and night" }),
  currency: z.string().describe("ISO 4217").meta({ example: "EUR" }),
  startedAt: unixSeconds.describe("when the session began; unix seconds"),
  endedAt: unixSeconds.describe("when it ended; unix seconds"),
  energyWh: decimal.describe("what the meter counted, Wh").meta({ example: "3500" }),
  fromWh: decimal.describe("the meter's register at the start, Wh").meta({ example: "10000" }),
  toWh: decimal.describe("the meter's register at the end, Wh").meta({ example: "13500" }),
  lines: z.array(lineWire).describe("the components, which add up to the total"),
  totalMicro: micro.describe("tariff × meter, micro"),
  amountMicro: micro.describe("what was charged: the total, or the limit where that is less"),
  moduleKey: hash.nullable().describe("the module that signed it; null before"),
  signature: hash.nullable().describe("of the module; null before"),
});

/** A charge detail record of OCPI 2.2.1 is as OCPI has it. */
export const chargeDetailWire = z
  .record(z.string(), z.unknown())
  .describe("a charge detail record of OCPI 2.2.1")
  .meta({ example: { country_code: "DE", party_id: "CWT", id: "station-1-7" } });

const watts = z.int().nonnegative().meta({ example: 11_000 });
const stationName = z.string().max(64);
/** 32 bytes that a client sends. */
const word = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .meta({ example: `0x${"5a".repeat(32)}` });
/** Seconds that the contract can hold, 40 bits. */
const MAX_EXPIRY = 2 ** 40 - 1;

export const payeeQuery = z.strictObject({ payee: digits(MAX_ACCOUNT) });
export const sessionRecordsQuery = z.strictObject({
  payee: digits(MAX_ACCOUNT),
  station: stationName.optional(),
  ...paging,
});

/** A session that a station is still telling of. */
const runningWire = z.object({
  startedAt: unixSeconds
    .nullable()
    .describe("when it began, by the station's clock; null where it did not say"),
  energyWh: decimal
    .nullable()
    .describe("what its meter rose, Wh; null before two readings")
    .meta({ example: "3500" }),
  heardAt: unixSeconds.describe("when the station said something of it last"),
  hasEnded: z.boolean().describe("whether the station said that it is over").meta({ example: false }),
});

const sessionRecordWire = sessionWire.extend({
  record: z
    .object({
      stationId: z.string().describe("the station's name").meta({ example: "station-1" }),
      running: runningWire
        .nullable()
        .describe("what the station says meanwhile; null where it says nothing, or it is invoiced"),
      invoice: sessionInvoiceWire.nullable().describe("what it came to; null before"),
    })
    .nullable()
    .describe(
      "what the operator's own book has of it; null where this process has no such book, or it is too old",
    ),
});

export const sessionRecordsWire = z.object({
  sessions: z.array(sessionRecordWire).describe("the newest first"),
  stations: z
    .array(z.string().meta({ example: "station-1" }))
    .describe("stations of the operator's book, by name; empty where this process has none"),
});

const earningsWire = z.object({
  from: unixSeconds.describe("when the day or month begins"),
  sessions: z.int().describe("how many sessions ended in it").meta({ example: 12 }),
  paidMicro: micro.describe("what they paid, micro"),
});

export const sessionEarningsWire = z.object({
  days: z.array(earningsWire).describe("days on which sessions ended, the newest first"),
  months: z.array(earningsWire).describe("months in which sessions ended, the newest first"),
  earnedMicro: micro.describe("what all of these paid, micro"),
  bookedMicro: micro.describe("what the movements of the account have of sessions in that time, micro"),
  awaitedMicro: micro.describe("what is charged, and can still be disputed or is not ended, micro"),
  awaitedSessions: z.int().describe("of how many sessions").meta({ example: 2 }),
  since: unixSeconds.describe("from when on sessions are counted"),
});

export const stationVehiclesParams = z.strictObject({ areaId: digits(MAX_AREA), member: digits(MAX_MEMBER) });

const waitingWire = z.object({
  kind: z.enum(WAITING_KINDS).describe("why it does not charge").meta({ example: "lessSlack" }),
  freeW: watts.describe("what the others leave of the limits for it, W"),
  leastW: watts.describe("below it the vehicle pauses, W"),
  slackSeconds: z.int().describe("how long it can wait; below 0 it will lack").meta({ example: 5_400 }),
  ahead: z.int().describe("vehicles that charge and can wait less long").meta({ example: 2 }),
});

export const stationVehiclesWire = z.object({
  now: z
    .object({
      startsAt: unixSeconds.describe("beginning of the interval that runs"),
      limitW: watts.describe("what the station may draw in it, W"),
      limitUntil: unixSeconds.describe("until then that is known"),
      points: z.int().describe("its charging points").meta({ example: 4 }),
      demandW: watts.nullable().describe("what it asked for in the period, W; null where it did not"),
      isRationed: z
        .boolean()
        .nullable()
        .describe("whether the margin was too small for all; null where that is not known")
        .meta({ example: true }),
      vehicles: z
        .array(
          z.object({
            id: z.string().describe("a pseudonym").meta({ example: "works-gate 1" }),
            leavesAt: unixSeconds.describe("when it leaves"),
            wantedWh: z.number().describe("what it still wants, Wh").meta({ example: 8_000 }),
            mostW: watts.describe("its own limit, W"),
            offeredW: watts.describe("what it is offered, W"),
            waiting: waitingWire.nullable().describe("why it does not charge; null while it does"),
          }),
        )
        .describe("vehicles that are there and want energy"),
    })
    .nullable()
    .describe("the interval that runs; null where this process does not run the station"),
});

const dayPriceWire = z.object({
  fromMinute: z.int().describe("minutes after local midnight from which it holds").meta({ example: 480 }),
  energyMicroPerKwh: micro.describe("a kWh, micro"),
  timeMicroPerHour: micro.describe("an hour of charging, micro"),
  idleMicroPerHour: micro.describe("an hour of standing there afterwards, micro"),
});

const tariffWire = z.object({
  tariffId: z.string().describe("its name").meta({ example: "day and night" }),
  currency: z.string().describe("ISO 4217").meta({ example: "EUR" }),
  sessionFeeMicro: micro.describe("a session, micro"),
  idleGraceSeconds: z.int().describe("time after charging that is free, s").meta({ example: 900 }),
  prices: z.array(dayPriceWire).describe("by time of day, taxes included"),
});

export const driverSessionWire = z.object({
  session: sessionWire.describe("as the chain has it"),
  stationId: z.string().describe("the station's name").meta({ example: "station-1" }),
  idToken: z
    .string()
    .describe("what the driver shows at the station")
    .meta({ example: "5a5a5a5a5a5a5a5a5a5a" }),
  timeZone: z.string().describe("of the tariff's times of day").meta({ example: "Europe/Berlin" }),
  tariff: tariffWire.describe("what the driver signed for"),
  running: runningWire
    .nullable()
    .describe("what the station says meanwhile; null where it says nothing, or it is invoiced"),
  invoice: sessionInvoiceWire.nullable().describe("what it came to; null before"),
  hasPromise: z
    .boolean()
    .describe("whether this server knows the station, and can say what it may promise")
    .meta({ example: true }),
});

/** Batteries of vehicles, Wh; more than any has. */
const MAX_BATTERY_WH = 2_000_000;
const MAX_VEHICLE_W = 1_000_000;
export const promiseQuery = z.strictObject({
  capacityWh: digits(MAX_BATTERY_WH, { min: 1 }),
  storedWh: digits(MAX_BATTERY_WH),
  targetWh: digits(MAX_BATTERY_WH, { min: 1 }),
  mostW: digits(MAX_VEHICLE_W, { min: 1 }),
  departsAt: digits(MAX_SECONDS),
});

const promisedWire = z.object({
  energyWh: z.int().describe("what the meter will have counted, Wh").meta({ example: 20_000 }),
  storedWh: z.int().describe("what the battery will have, Wh").meta({ example: 48_000 }),
  fullAt: unixSeconds.nullable().describe("when the battery has what is wanted; null where it will not"),
  costMicro: micro.describe("what that costs by the tariff, without standing there afterwards, micro"),
});

export const promiseWire = z.object({
  alone: promisedWire.describe("with the vehicles that are there now"),
  crowded: promisedWire.describe("where each free point is taken by a vehicle of the same wishes"),
  others: z.int().describe("vehicles that are there").meta({ example: 1 }),
  comers: z.int().describe("points that are free besides").meta({ example: 2 }),
  limitW: watts.describe("what the station may draw now, W"),
  limitUntil: unixSeconds.describe("until then that is known; it is taken to go on"),
});

/** A tariff as a driver signs for it: what the hash has besides what is shown. */
const offsetWire = z.object({
  from: unixSeconds.describe("from when on it holds"),
  offsetSeconds: z.int().describe("how far local time is ahead of UTC, s").meta({ example: 3_600 }),
});

export const chargingPricesWire = z.object({
  timeZone: z.string().describe("of the tariffs' times of day").meta({ example: "Europe/Berlin" }),
  stations: z
    .array(
      z.object({
        stationId: z.string().describe("the station's name").meta({ example: "station-1" }),
        stationHash: hash.describe("what stands for the station on the chain"),
        payeeMember: z.int().describe("number of the member that is paid").meta({ example: 12 }),
        tariff: tariffWire.describe("what a session costs there now"),
        offsets: z.array(offsetWire).describe("the zone's offsets as the announced tariff has them"),
      }),
    )
    .describe("stations that charge over the chain; empty where this server runs none"),
});

/** An amount that the contract can hold, 48 bits. */
const MAX_HOLD_MICRO = 2 ** 48 - 1;

/** What a driver signs for a session, and the salt of its commitment; the signature is over EIP-712 typed data (docs/api.md). */
export const newHoldWire = z.strictObject({
  stationId: stationName.min(1).describe("the station's name").meta({ example: "station-1" }),
  salt: word.describe("32 random bytes; who has them sees the session"),
  session: word.describe("hash of salt, station and announced tariff"),
  driverMember: z.int().min(0).max(MAX_MEMBER),
  payeeMember: z.int().min(0).max(MAX_MEMBER).describe("number of the member that is paid"),
  limitMicro: wholeNumber(1, MAX_HOLD_MICRO),
  expiresAt: z.int().min(0).max(MAX_EXPIRY),
  signature: signatureText,
});

export const holdReceiptWire = z.object({
  id: hash.describe("the session's name on the chain"),
  idToken: z
    .string()
    .describe("what the driver shows at the station")
    .meta({ example: "5a5a5a5a5a5a5a5a5a5a" }),
  isHeld: z
    .boolean()
    .describe("whether it is in escrow already; the token opens nothing before")
    .meta({ example: true }),
});
