import { z } from "zod";
import { STAGES } from "#domains/pool/rules/stage.ts";
import { PRICINGS } from "#kernel/auction/order.ts";

/*
 * What goes over HTTP. Money (micro), prices (micro per kWh) and energy (Wh) are whole numbers as decimal strings, since
 * JSON numbers lose digits; times are unix seconds; hashes, addresses and signatures are lower-case hexadecimal.
 */

export const MAX_AREA = 2 ** 16 - 1;
export const MAX_INTERVAL = 2 ** 32 - 1;
export const MAX_ACCOUNT = 2 ** 24 - 1;
export const MAX_SECONDS = MAX_INTERVAL * 86_400;
/** Rows of a page; what the database's queries give at most. */
export const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;
const MAX_OFFSET = 10_000_000;

/**
 * A whole number in a path or a query, from `min` (default 0) to `max`: digits only, so that "1e3", " 1" and "" are
 * refused. The OpenAPI document says these bounds, and what is taken when it is left out.
 */
export const digits = (max: number, { min = 0, instead }: { min?: number; instead?: number } = {}) =>
  z
    .unknown()
    .transform((text, context) => {
      const value = typeof text === "string" && DIGITS.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: "custom", message: `a whole number from ${min} to ${max} in digits` });
      return z.NEVER;
    })
    .meta({
      type: "integer",
      minimum: min,
      maximum: max,
      ...(instead === undefined ? {} : { description: `${instead} when it is left out` }),
    });

const DIGITS = /^(0|[1-9]\d{0,15})$/;

export const decimal = z
  .string()
  .regex(/^-?\d+$/)
  .describe("a whole number in decimal digits");
export const unixSeconds = z.int().nonnegative().describe("unix seconds");
export const hex = z.string().regex(/^0x[0-9a-f]*$/);
export const side = z.enum(["bid", "offer"]);
export const pricing = z.enum(PRICINGS);
export const stage = z.enum(STAGES);
const orderStatus = z.enum(["open", "submitted", "unfilled", "partlyFilled", "filled", "refused"]);

export const areaParams = z.strictObject({ areaId: digits(MAX_AREA) });
export const intervalParams = z.strictObject({
  areaId: digits(MAX_AREA),
  intervalId: digits(MAX_INTERVAL),
});
export const accountParams = z.strictObject({ account: digits(MAX_ACCOUNT) });
export const orderParams = z.strictObject({ orderId: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });

const paging = {
  limit: digits(MAX_LIMIT, { min: 1, instead: DEFAULT_LIMIT }).optional().default(DEFAULT_LIMIT),
  offset: digits(MAX_OFFSET, { instead: 0 }).optional().default(0),
};
const subject = {
  areaId: digits(MAX_AREA).optional(),
  intervalId: digits(MAX_INTERVAL).optional(),
  account: digits(MAX_ACCOUNT).optional(),
};
export const pageQuery = z.strictObject(paging);
export const listQuery = z.strictObject({ ...subject, ...paging });
const byStatus = { status: orderStatus.optional() };
export const ordersQuery = z.strictObject({ ...subject, ...byStatus, ...paging });
export const participantOrdersQuery = z.strictObject({ ...byStatus, ...paging });
export const areaQuery = z.strictObject({ areaId: subject.areaId });
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
const billRange = { from: digits(MAX_SECONDS).optional(), to: digits(MAX_SECONDS).optional() };
export const billsQuery = z.strictObject({ ...billRange, ...paging });

export const areaWire = z.object({
  areaId: z.int(),
  name: z.string().nullable(),
  operator: hex,
  accounts: z.object({ supplier: z.int(), dso: z.int(), fund: z.int() }),
  terms: z.object({
    intervalSeconds: z.int(),
    gateClosureSeconds: z.int(),
    pricing,
    floorMicroPerKwh: decimal,
    ceilingMicroPerKwh: decimal,
    upstreamPriceMicroPerKwh: decimal,
    penaltyPermille: decimal,
    surplusPriceMicroPerKwh: decimal,
    gridFeeMicroPerKwh: decimal,
  }),
  createdAt: unixSeconds,
  transactionHash: hex,
});

/** What a kWh costs and is made of (R2.50). */
export const priceWire = z.object({
  energyMicroPerKwh: decimal.nullable().describe("the local price; null as long as it is not cleared"),
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
  voidedAt: unixSeconds.nullable(),
});
export const intervalsWire = z.object({
  intervals: z.array(intervalWire),
  next: z.string().nullable().describe("`before` of the next page; null at the end"),
});

export const orderWire = z.object({
  orderId: hex,
  areaId: z.int(),
  intervalId: z.int(),
  account: z.int(),
  side,
  limitPriceMicroPerKwh: decimal,
  energyWh: decimal,
  sequence: z.int(),
  signature: hex,
  signer: hex.nullable(),
  status: orderStatus,
  refusal: z.string().nullable().describe("why the chain did not take it; null unless refused"),
  receivedAt: unixSeconds
    .nullable()
    .describe("at the operator's desk; null when its archive is not available"),
  submittedAt: unixSeconds.nullable(),
  fillWh: decimal.nullable(),
  exactPayment: decimal.nullable().describe("thousandths of a micro; positive pays"),
  transactionHash: hex.nullable().describe("that submitted it; null when it was not submitted"),
});
export const ordersWire = z.object({ orders: z.array(orderWire) });

/** A whole number, or its decimal digits in a string; a pattern says the bounds of both. */
const wholeNumber = (min: number, max: number) =>
  z.union([
    z.int().min(min).max(max),
    z
      .string()
      .regex(new RegExp(`^(?:${min < 0 ? `-${digitsUpTo(-min)}|` : ""}${digitsUpTo(max)})$`))
      .transform(Number),
  ]);

/** A pattern of the whole numbers from 0 to `max`: shorter ones, and those that are smaller from some digit on. */
function digitsUpTo(max: number): string {
  const text = String(max);
  const smaller = [...text].flatMap((digit, i) => {
    const least = i === 0 ? 1 : 0;
    if (Number(digit) <= least) return [];
    return [`${text.slice(0, i)}[${least}-${Number(digit) - 1}]\\d{${text.length - i - 1}}`];
  });
  const shorter = text.length === 1 ? [] : [`[1-9]\\d{0,${text.length - 2}}`];
  return `(?:0|${[...shorter, ...smaller, text].join("|")})`;
}

/** An order as a wallet or an agent sends it; the signature is over EIP-712 typed data (docs/api.md). */
export const newOrderWire = z.strictObject({
  areaId: z.int().min(0).max(MAX_AREA),
  intervalId: z.int().min(0).max(MAX_INTERVAL),
  account: z.int().min(0).max(MAX_ACCOUNT),
  side,
  limitPriceMicroPerKwh: wholeNumber(-(2 ** 31), 2 ** 31 - 1),
  energyWh: wholeNumber(0, 2 ** 32 - 1),
  sequence: z.int().min(0).max(255),
  signature: z
    .string()
    .regex(/^0x(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{130})$/, "64 bytes (EIP-2098) or 65 bytes (r, s, v)"),
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
  buyer: z.int(),
  seller: z.int(),
  energyWh: decimal,
  priceMicroPerKwh: decimal,
  exactPayment: decimal.describe("energy times price, thousandths of a micro"),
});
export const tradesWire = z.object({ trades: z.array(tradeWire) });

export const readingWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  account: z.int(),
  meterId: hex.nullable(),
  importWh: decimal.nullable().describe("null for others while the reading is sealed"),
  exportWh: decimal.nullable().describe("null for others while the reading is sealed"),
  quality: z.enum(["measured", "estimated", "substituted", "missing"]),
  version: z.int(),
  signature: hex.nullable(),
  leaf: hex.nullable().describe("its hash, as under the published root; null without a signature"),
  proof: z.enum(["published", "opened", "unproven"]),
});
export const readingsWire = z.object({ readings: z.array(readingWire) });

export const participantWire = z.object({
  account: z.int(),
  name: z.string().nullable().describe("for the owner, the operator, and in a demonstration everybody"),
  address: hex,
  kycHash: hex,
  isVerified: z.boolean(),
  entity: z.int().nullable(),
  areaId: z.int().nullable(),
  meterId: hex.nullable(),
  registeredAt: unixSeconds,
  freeMicro: decimal,
  marginMicro: decimal,
  escrowMicro: decimal,
});
export const participantsWire = z.object({ participants: z.array(participantWire) });

export const movementsWire = z.object({
  movements: z.array(
    z.object({
      kind: z.string(),
      freeMicro: decimal.describe("change of the free balance"),
      marginMicro: decimal.describe("change of the margin"),
      escrowMicro: decimal.describe("change of what is reserved"),
      timestamp: unixSeconds,
      transactionHash: hex,
      areaId: z.int().nullable(),
      intervalId: z.int().nullable(),
    }),
  ),
});
export const devicesWire = z.object({
  meterId: hex.nullable(),
  devices: z.array(z.object({ deviceKey: hex, validFrom: unixSeconds, validUntil: unixSeconds.nullable() })),
});

const billSums = {
  importWh: decimal,
  exportWh: decimal,
  boughtWh: decimal,
  soldWh: decimal,
  shortfallWh: decimal,
  unconsumedWh: decimal,
  gridImportWh: decimal.describe("imported beyond what was bought and consumed locally"),
  gridExportWh: decimal.describe("exported beyond what was sold and delivered locally"),
  paymentMicro: decimal,
  shortfallMicro: decimal,
  surplusMicro: decimal,
  gridFeeMicro: decimal,
  netMicro: decimal.describe("paid in the market in all: payment + shortfall − surplus + grid fee"),
};
export const billLineWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  startsAt: unixSeconds,
  ...billSums,
  beyondMicro: decimal.nullable().describe("energy beyond the market, at the tariff"),
  tariffMicro: decimal.nullable().describe("all energy at the tariff, as without a market"),
});
export const billWire = z.object({
  account: z.int(),
  intervals: z.int(),
  ...billSums,
  boughtMicro: decimal.describe("paid for trades; an interval with both sides counts by what was left"),
  soldMicro: decimal.describe("received for trades; payment = bought − sold"),
  gridMicro: decimal.describe("paid beyond the market at the tariff"),
  feedInMicro: decimal.describe("received beyond the market; market bill = net + grid − feed-in"),
  marketBillMicro: decimal,
  tariffBillMicro: decimal,
  savingMicro: decimal,
  linesWithoutTariff: z.int(),
});
export const billsWire = z.object({ bills: z.array(billWire) });
export const participantBillWire = z.object({ bill: billWire.nullable(), lines: z.array(billLineWire) });

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

export const healthWire = z.object({ status: z.literal("up") });
export const readyWire = z.object({
  status: z.enum(["ready", "notReady"]),
  checks: z.array(z.object({ name: z.string(), isReady: z.boolean(), detail: z.string() })),
});

/** An error by RFC 9457. `reason` is a word for programs; `requestId` finds the line in the log. */
export const problemWire = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  reason: z.string().optional(),
  requestId: z.string().optional(),
  orderId: z.string().optional(),
  errors: z.array(z.object({ place: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemWire>;
