import { z } from "zod";
import { PRICINGS } from "#kernel/auction/order.ts";
import {
  decimal,
  digits,
  during,
  hex,
  MAX_AREA,
  MAX_INTERVAL,
  MAX_MEMBER,
  MAX_SECONDS,
  paging,
  signatureText,
  subject,
  unixSeconds,
  wholeNumber,
} from "#platform/api/wire.ts";
import {
  MAX_ORDER_WH,
  MAX_PRICE_MICRO_PER_KWH,
  MAX_SEQUENCE,
  MIN_PRICE_MICRO_PER_KWH,
} from "./rules/order.ts";
import { PRICE_STATES, STAGES } from "./rules/stage.ts";

export const side = z.enum(["bid", "offer"]);
export const pricing = z.enum(PRICINGS);
export const stage = z.enum(STAGES);
const orderStatus = z.enum(["open", "submitted", "unfilled", "partlyFilled", "filled", "refused"]);

export const orderParams = z.strictObject({ orderId: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });

const byStatus = { status: orderStatus.optional() };
export const ordersQuery = z.strictObject({ ...subject, ...byStatus, ...paging });
export const participantOrdersQuery = z.strictObject({ ...byStatus, ...during, ...paging });
export const intervalsQuery = z.strictObject({
  areaId: subject.areaId,
  status: stage.optional(),
  before: z
    .string()
    .regex(/^\d{1,12}\.\d{1,5}$/)
    .optional()
    .describe("`next` of the page before"),
  limit: paging.limit,
});

/** A version of the rules of an area's pool. */
const termsWire = z.object({
  version: z.int(),
  fromInterval: z.int().describe("first interval that they hold for; 0 from the beginning"),
  intervalSeconds: z.int(),
  gateClosureSeconds: z.int(),
  pricing,
  floorMicroPerKwh: decimal,
  ceilingMicroPerKwh: decimal,
  upstreamPriceMicroPerKwh: decimal,
  penaltyPermille: decimal,
  surplusPriceMicroPerKwh: decimal,
  gridFeeMicroPerKwh: decimal,
  supply: z
    .object({
      member: z.int(),
      operator: hex,
      untilInterval: z
        .int()
        .nullable()
        .describe("first interval that it stands for no more; null without an end"),
    })
    .nullable()
    .describe("the supplier that stands for surpluses at this version; null when none accepted it"),
  announcedAt: unixSeconds,
  transactionHash: hex,
});

const partiesWire = z.object({ supplier: z.int(), dso: z.int(), fund: z.int() });

export const areaWire = z.object({
  areaId: z.int(),
  name: z.string().nullable(),
  operator: hex,
  gateway: hex.describe("who publishes its readings"),
  accounts: partiesWire.describe("accounts of the area's supplier, grid operator and fund"),
  members: partiesWire.describe("the same by their numbers as members of the area"),
  waitingSeconds: z
    .int()
    .describe("so long a reading is waited for after its interval; without it a member counts as zero"),
  terms: termsWire.describe("the version in force"),
  versions: z.array(termsWire).describe("all versions, those announced for later too"),
  openedAt: unixSeconds,
  transactionHash: hex,
});

/** What a kWh costs and is made of (R2.50). */
export const priceWire = z.object({
  state: z
    .enum(PRICE_STATES)
    .describe("pending: not cleared yet; none: cleared, and nothing was traded; known: the local price"),
  energyMicroPerKwh: decimal.nullable().describe("the local price; null unless it is known"),
  gridFeeMicroPerKwh: decimal.describe("paid to the grid operator on delivered energy"),
  totalMicroPerKwh: decimal.nullable().describe("energy and grid fee"),
  floorMicroPerKwh: decimal.describe("lowest price of the band"),
  ceilingMicroPerKwh: decimal.describe("highest price of the band"),
  feedInMicroPerKwh: decimal.nullable().describe("what the supplier pays outside the market"),
  retailMicroPerKwh: decimal.nullable().describe("what the supplier charges outside the market"),
});

export const intervalWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  startsAt: unixSeconds,
  endsAt: unixSeconds,
  status: stage,
  attempt: z.int().describe("clearings that were given up; the figures are of the one after them"),
  abandonedAt: unixSeconds.nullable().describe("when the last of these was given up"),
  termsVersion: z.int().nullable().describe("version of the terms that it was cleared with"),
  isSupplied: z
    .boolean()
    .nullable()
    .describe(
      "whether a supplier takes what is bought and not used; null before the clearing or without a trade",
    ),
  pricing: pricing.nullable(),
  price: priceWire,
  clearingPriceMicroPerKwh: decimal.nullable().describe("null with midpoint pricing or without a trade"),
  clearedWh: decimal,
  welfareMicro: decimal.nullable(),
  orders: z.int().describe("of the whole book when `isBookComplete`, else the submitted ones"),
  bookRoot: hex.nullable().describe("binds every order of the clearing; null before it"),
  isBookComplete: z.boolean().nullable().describe("whether all orders behind `bookRoot` are known here"),
  trades: z.int(),
  gridFeeMicro: decimal,
  supplierMicro: decimal.nullable(),
  remainderMicro: decimal.nullable(),
  gasUsed: decimal,
  readings: z.object({ root: hex, version: z.int(), meters: z.int(), publishedAt: unixSeconds }).nullable(),
  clearedAt: unixSeconds.nullable(),
  settledAt: unixSeconds.nullable(),
  returnedAt: unixSeconds.nullable().describe("when all that was reserved was given back"),
  isFinal: z
    .boolean()
    .describe("whether no reorganisation of the chain can change what is told here; nothing is paid before"),
});
export const intervalsWire = z.object({
  intervals: z.array(intervalWire),
  next: z
    .string()
    .meta({ example: "1941100.1" })
    .nullable()
    .describe("`before` of the next page; null at the end"),
});

const periodLength = z.enum(["interval", "hour", "day"]);

export const periodsOfIntervalsQuery = z.strictObject({
  areaId: subject.areaId,
  from: digits(MAX_SECONDS),
  to: digits(MAX_SECONDS),
  of: periodLength.describe("single intervals, or hours or days of the area's zone; at most 800 of them"),
});

/** What was cleared in periods that follow one another; those without a cleared interval are left out. */
export const periodsOfIntervalsWire = z.object({
  of: periodLength,
  periods: z.array(
    z.object({
      from: unixSeconds,
      to: unixSeconds,
      intervals: z.int().describe("that were cleared"),
      tradedIntervals: z.int().describe("of these, in which energy was traded"),
      clearedWh: decimal,
      orders: z.int(),
      trades: z.int(),
      priceMicroPerKwh: decimal
        .nullable()
        .describe("mean of the local prices by traded energy; null without a trade"),
      lowestMicroPerKwh: decimal.nullable().describe("lowest local price; null without a trade"),
      highestMicroPerKwh: decimal.nullable().describe("highest local price; null without a trade"),
      feedInMicroPerKwh: decimal
        .nullable()
        .describe("what the supplier pays outside the market, mean of the period; null over several areas"),
      retailMicroPerKwh: decimal
        .nullable()
        .describe(
          "what the supplier charges outside the market, mean of the period; null over several areas",
        ),
    }),
  ),
});

export const orderWire = z.object({
  orderId: hex,
  areaId: z.int(),
  intervalId: z.int(),
  member: z.int().describe("of the area; it signed by this number"),
  account: z.int(),
  side,
  limitPriceMicroPerKwh: decimal,
  energyWh: decimal,
  sequence: z.int(),
  signature: hex,
  signer: hex.nullable(),
  status: orderStatus,
  refusal: z
    .string()
    .meta({ example: "margin" })
    .nullable()
    .describe("why the chain did not take it; null unless refused"),
  receivedAt: unixSeconds
    .nullable()
    .describe("at the operator's desk; null when its archive is not available"),
  submittedAt: unixSeconds.nullable(),
  fillWh: decimal.nullable(),
  exactPayment: decimal.nullable().describe("thousandths of a micro; positive pays"),
  transactionHash: hex.nullable().describe("that submitted it; null when it was not submitted"),
});
export const ordersWire = z.object({ orders: z.array(orderWire) });

/** An order as a wallet or an agent sends it, of a member of the area by its number; the signature is over EIP-712 typed data (docs/api.md). */
export const newOrderWire = z.strictObject({
  areaId: z.int().min(0).max(MAX_AREA),
  intervalId: z.int().min(0).max(MAX_INTERVAL),
  member: z.int().min(0).max(MAX_MEMBER),
  side,
  limitPriceMicroPerKwh: wholeNumber(MIN_PRICE_MICRO_PER_KWH, MAX_PRICE_MICRO_PER_KWH),
  energyWh: wholeNumber(0, MAX_ORDER_WH),
  sequence: z.int().min(0).max(MAX_SEQUENCE),
  signature: signatureText,
});
export const receiptWire = z.object({
  status: z.literal("accepted"),
  orderId: hex,
  receivedAt: unixSeconds,
});

export const tradeWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  number: z.int(),
  bidOrderId: hex,
  offerOrderId: hex,
  buyer: z.int().describe("account"),
  buyerMember: z.int(),
  seller: z.int().describe("account"),
  sellerMember: z.int(),
  energyWh: decimal,
  priceMicroPerKwh: decimal,
  exactPayment: decimal.describe("energy times price, thousandths of a micro"),
});
export const tradesWire = z.object({ trades: z.array(tradeWire) });

export const pricedInterval = z.object({
  intervalId: z.int(),
  startsAt: unixSeconds,
  endsAt: unixSeconds,
  gateClosesAt: unixSeconds,
  status: stage,
  price: priceWire,
});
export const pricesWire = z.object({
  now: unixSeconds,
  clockSpeed: z.number().positive().describe("seconds of the market for each second of the world"),
  areas: z.array(
    z.object({
      areaId: z.int(),
      name: z.string().nullable(),
      current: pricedInterval,
      next: pricedInterval,
    }),
  ),
});
