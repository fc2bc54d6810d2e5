import { refusalText } from "#domains/accounts/rules/refusalText.ts";
import type {
  GridCause,
  GridPart,
  LineReason,
  MeteredFlow,
  TradedSide,
} from "#domains/pool/rules/billReason.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { type MoneyWords, moneyWords } from "#kernel/units/moneyWords.ts";

/** When the interval began on the wall of its zone, such as 18:45, and the code of the currency. */
export type LinePlace = { readonly clock: string; readonly currency: string };

/**
 * A line of a bill in a sentence: where each kWh came from or went to, at which price, and why; then what it cost in all.
 * Energies are exact, and the local and the grid's kWh add up to the meter's; money and prices have three decimals.
 */
export function explainBillLine(reason: LineReason, place: LinePlace): string {
  const words = moneyWords(place.currency);
  const clauses = [
    ...(reason.isReadingMissing ? ["no reading came in time, so that the settlement counted zero"] : []),
    ...tradeClauses(reason, words),
    ...flowClauses({ reason, flow: reason.imported, side: IMPORT, place, words }),
    ...flowClauses({ reason, flow: reason.exported, side: EXPORT, place, words }),
    ...chargeClauses(reason, words),
  ];
  if (clauses.length === 0) return "Nothing was imported, exported or traded.";
  return `${capitalized(clauses.join("; "))}. ${totalText(reason, words)}`;
}

type FlowWords = {
  readonly side: "bought" | "sold";
  readonly metered: string;
  readonly grid: string;
  readonly others: string;
};

const IMPORT: FlowWords = {
  side: "bought",
  metered: "imported",
  grid: "came from the grid",
  others: "local offers were sold out",
};
const EXPORT: FlowWords = {
  side: "sold",
  metered: "exported",
  grid: "went to the grid",
  others: "all local bids were met",
};

/** Trades stand in a clause of their own where the meter's energy does not tell them: more was traded than metered. */
function tradeClauses(reason: LineReason, words: MoneyWords): string[] {
  if (!hasOwnTrades(reason)) return [];
  const { bought, sold } = reason;
  const texts = [
    ...(bought.energyWh > 0n
      ? [`${kwh(bought.energyWh)} kWh were bought locally${priceText(reason, bought, words)}`]
      : []),
    ...(sold.energyWh > 0n
      ? [`${kwh(sold.energyWh)} kWh were sold locally${priceText(reason, sold, words)}`]
      : []),
  ];
  return [texts.join(" and ")];
}

function hasOwnTrades({ unconsumed, shortfall }: LineReason): boolean {
  return unconsumed.energyWh > 0n || shortfall.energyWh > 0n;
}

function flowClauses({
  reason,
  flow,
  side,
  place,
  words,
}: {
  reason: LineReason;
  flow: MeteredFlow;
  side: FlowWords;
  place: LinePlace;
  words: MoneyWords;
}): string[] {
  const { energyWh, localWh, grid } = flow;
  if (energyWh === 0n) return [];
  const gridWh = energyWh - localWh;
  const local = hasOwnTrades(reason)
    ? "were part of it"
    : `were ${side.side} locally${priceText(reason, reason[side.side], words)}`;
  const gridPrice = flow.tariff === null ? "" : ` at ${words.price(flow.tariff.priceMicroPerKwh)}`;
  const fromGrid = `${side.grid}${gridPrice}${causeText(grid, { side, place, words })}`;
  if (gridWh === 0n) return [`all ${kwh(energyWh)} kWh ${side.metered} ${local}`];
  if (localWh === 0n) return [`${kwh(gridWh)} kWh ${fromGrid}`];
  return [
    `${kwh(localWh)} kWh of ${kwh(energyWh)} kWh ${side.metered} ${local}`,
    `${kwh(gridWh)} kWh ${fromGrid}`,
  ];
}

/** " at €0.173", or nothing where the orders are not known. */
function priceText(
  { isMeanPrice }: LineReason,
  { priceMicroPerKwh }: TradedSide,
  { price }: MoneyWords,
): string {
  if (priceMicroPerKwh === null) return "";
  return ` at ${price(priceMicroPerKwh)}${isMeanPrice ? " on average" : ""}`;
}

type CauseWords = { readonly side: FlowWords; readonly place: LinePlace; readonly words: MoneyWords };

function causeText(parts: readonly GridPart[], words: CauseWords): string {
  const [only, ...more] = parts;
  if (only === undefined) return "";
  if (more.length === 0) return `, since ${reasonText(only.cause, words)}`;
  const texts = parts.map(({ energyWh, cause }) => `${kwh(energyWh)} since ${reasonText(cause, words)}`);
  return `: ${texts.join(", ")}`;
}

function reasonText(cause: GridCause, { side, place: { clock }, words }: CauseWords): string {
  const isImport = side.side === "bought";
  switch (cause.kind) {
    case "noMarket":
      return "the interval had no market";
    case "abandoned":
      return "the clearing of the interval was given up";
    case "returned":
      return "the market of the interval was given back, as its readings did not come in time";
    case "readLate":
      return "its reading came after the settlement";
    case "noOrder":
      return "no order was placed";
    case "otherSideOnly":
      return `only orders to ${isImport ? "sell" : "buy"} were placed`;
    case "nobodyThere":
      return `nobody ${isImport ? "offered" : "bid for"} energy`;
    case "soldOut":
      return `${side.others} at ${clock}`;
    case "priceApart":
      return priceApartText(cause, { isImport, words });
    case "refused":
      return `the chain refused the order: ${refusalText(cause.refusal)}`;
    case "beyondOrders":
      return `more was ${isImport ? "used" : "fed in"} than the ${kwh(cause.orderedWh)} ordered`;
  }
}

/** Prices that are written alike are not said to be apart by nothing. */
function priceApartText(
  { limitMicroPerKwh, bestLeftMicroPerKwh }: Extract<GridCause, { kind: "priceApart" }>,
  { isImport, words: { price } }: { isImport: boolean; words: MoneyWords },
): string {
  const [limit, left] = [price(BigInt(limitMicroPerKwh)), price(BigInt(bestLeftMicroPerKwh))];
  const away = limit === left ? "just " : "";
  return isImport
    ? `the bid of ${limit} was ${away}below ${left}, the lowest offer left`
    : `the offer of ${limit} was ${away}above ${left}, the highest bid left`;
}

function chargeClauses(
  { shortfall, unconsumed, gridFee, others, isSupplied }: LineReason,
  { price, movedMoney }: MoneyWords,
): string[] {
  return [
    ...(shortfall.energyWh > 0n
      ? [
          `${kwh(shortfall.energyWh)} kWh sold were not delivered and charged at ${price(shortfall.priceMicroPerKwh)}`,
        ]
      : []),
    ...(unconsumed.energyWh > 0n
      ? [
          isSupplied || unconsumed.priceMicroPerKwh !== 0n
            ? `${kwh(unconsumed.energyWh)} kWh bought were not used and credited at ${price(unconsumed.priceMicroPerKwh)}`
            : `${kwh(unconsumed.energyWh)} kWh bought were not used and earn nothing, as no supplier stood for the interval`,
        ]
      : []),
    ...(gridFee.amountMicro > 0n
      ? [`the grid fee on ${kwh(gridFee.energyWh)} kWh was ${price(gridFee.priceMicroPerKwh)} a kWh`]
      : []),
    ...others.map(({ words, amountMicro }) =>
      amountMicro < 0n
        ? `${words}: ${movedMoney(-amountMicro)} received`
        : `${words}: ${movedMoney(amountMicro)} paid`,
    ),
  ];
}

function totalText({ totalMicro }: LineReason, { fineMoney }: MoneyWords): string {
  if (totalMicro === null) return "The tariff of this interval is not known.";
  return totalMicro < 0n
    ? `Received in all: ${fineMoney(-totalMicro)}.`
    : `Paid in all: ${fineMoney(totalMicro)}.`;
}

function kwh(energyWh: bigint): string {
  return formatKwh(energyWh);
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
