import { connectionWh } from "#domains/pool/rules/admission.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { MAX_ORDER_WH } from "#domains/pool/rules/order.ts";
import type { Side } from "#kernel/auction/order.ts";
import { ProblemError } from "../../app/api/getJson.ts";
import type { Formats } from "../../app/format/formats.ts";
import { KWH_DECIMALS, MONEY_DECIMALS, readDecimal } from "../../app/format/readDecimal.ts";
import { asSentence } from "../../app/format/sentences.ts";
import type { PricedWish } from "./worstCase.ts";

/** What stands in the form; `intervalId` is null for the soonest with time to sign. */
export type OrderDraft = {
  readonly side: Side;
  readonly energyText: string;
  readonly priceText: string;
  readonly intervalId: number | null;
};

export type OrderField = "energy" | "price" | "interval";
export type FieldProblems = Partial<Record<OrderField, string>>;

/** The wish in numbers, or what is wrong with which field; `capacityW` of the connection, W. */
export function readDraft(
  draft: OrderDraft,
  { terms, capacityW, formats }: { terms: AreaTerms; capacityW: number; formats: Formats },
): { readonly wish: PricedWish | null; readonly problems: FieldProblems } {
  const energyWh = readDecimal(draft.energyText, KWH_DECIMALS);
  const price = readDecimal(draft.priceText, MONEY_DECIMALS);
  const energy = energyProblem(energyWh, connectionWh(capacityW, terms), formats);
  const limit = priceProblem(price, terms, formats);
  const problems = { ...(energy ? { energy } : {}), ...(limit ? { price: limit } : {}) };
  const isReadable = energyWh !== null && price !== null && !energy && !limit;
  return { wish: isReadable ? { side: draft.side, energyWh, limitPriceMicroPerKwh: price } : null, problems };
}

/** No order is above what the connection carries in an interval. */
function energyProblem(energyWh: bigint | null, mostWh: number, formats: Formats): string | null {
  if (energyWh === null) return "Write kWh such as 0.42, with at most three decimals.";
  if (energyWh <= 0n) return "An order needs some energy.";
  if (energyWh > BigInt(mostWh))
    return `Your connection carries ${formats.fineEnergy(mostWh)} in an interval, and no more.`;
  return energyWh > BigInt(MAX_ORDER_WH) ? "That is more than one order can carry." : null;
}

function priceProblem(price: bigint | null, terms: AreaTerms, formats: Formats): string | null {
  if (price === null) return "Write a price such as 0.20, with at most six decimals.";
  const { floorMicroPerKwh, ceilingMicroPerKwh } = terms;
  if (price < floorMicroPerKwh)
    return `Below the band: the supplier pays ${formats.price(floorMicroPerKwh)} to everybody.`;
  if (price > ceilingMicroPerKwh)
    return `Above the band: the supplier sells at ${formats.price(ceilingMicroPerKwh)} to everybody.`;
  return null;
}

const FIELD_OF_REASON: ReadonlyMap<string, OrderField> = new Map([
  ["zeroEnergy", "energy"],
  ["energyOutOfRange", "energy"],
  ["aboveConnection", "energy"],
  ["priceOutsideBand", "price"],
  ["gateClosed", "interval"],
  ["intervalTooFar", "interval"],
  ["bothSides", "interval"],
  ["bookFull", "interval"],
]);

const WORDS_OF_REASON: ReadonlyMap<string, string> = new Map([
  ["zeroEnergy", "An order needs some energy."],
  ["energyOutOfRange", "That is more than one order can carry."],
  ["aboveConnection", "That is more than your connection carries in an interval."],
  ["priceOutsideBand", "The price is outside the band of this area."],
  ["gateClosed", "The gate of this interval closed before the order arrived. Choose a later one."],
  ["intervalTooFar", "Orders are taken for the next seven days only."],
  ["bothSides", "You have an order of the other side in this interval. Choose another interval."],
  ["bookFull", "The book of this interval is full. Choose another one."],
  [
    "unknownParticipant",
    "This metering point may not trade: its account is suspended, or its meter is retired.",
  ],
  [
    "invalidSignature",
    "The signature is not of the key that signs for this account when the gate closes. Your account page says which it is.",
  ],
  [
    "duplicateId",
    "You have an open order of this side and price for this interval. Change the price a little.",
  ],
]);

/** The desk's refusal in plain words, and the field that it is about; null when the error is no refusal of an order. */
export function readRefusal(error: unknown): { field: OrderField | null; words: string } | null {
  if (!(error instanceof ProblemError) || error.reason === null) return null;
  const words = WORDS_OF_REASON.get(error.reason) ?? asSentence(error.message);
  return { field: FIELD_OF_REASON.get(error.reason) ?? null, words };
}
