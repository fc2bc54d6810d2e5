import { z } from "zod";
import { decimal, digits, hex, MAX_ACCOUNT, MAX_AREA, paging, unixSeconds } from "#platform/api/wire.ts";
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
