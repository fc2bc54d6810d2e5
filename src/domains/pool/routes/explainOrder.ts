import { refusalText } from "#domains/accounts/rules/refusalText.ts";
import type { OrderReason } from "#domains/pool/rules/orderReason.ts";
import type { SharedLevel } from "#kernel/auction/explainFill.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { type MoneyWords, moneyWords } from "#kernel/units/moneyWords.ts";
import { dateTimeText } from "#platform/api/localTime.ts";

/**
 * An order, why it got what it got, and how its interval was priced.
 *
 * @property isGivenBack whether the money of its interval went back, since no readings came, so that no trade counts
 * @property attempt clearings of its interval that were given up before the one that counts
 * @property isSupplied whether a supplier takes what buyers of the interval don't use
 */
export type ExplainedOrder = {
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly fillWh: number | null;
  readonly exactPayment: bigint | null;
  readonly reason: OrderReason;
  readonly pricing: Pricing;
  readonly isGivenBack: boolean;
  readonly attempt: number;
  readonly isSupplied: boolean;
  readonly timeZone: string;
  readonly currency: string;
};

/** What became of an order in a sentence of numbers, exact in energy, and the rule behind it. */
export function explainOrder(order: ExplainedOrder): { sentence: string; rule: string } {
  return { sentence: [sentenceOf(order), ...intervalSentences(order)].join(" "), rule: ruleOf(order) };
}

/** What there is to say of the order's interval. */
function intervalSentences({ side, fillWh, attempt, isSupplied, isGivenBack }: ExplainedOrder): string[] {
  if (fillWh === null) return [];
  const again =
    attempt > 0
      ? [
          "An earlier clearing of the interval was given up before it was complete, and all was cleared again.",
        ]
      : [];
  if (fillWh === 0) return again;
  if (isGivenBack)
    return [
      ...again,
      "The interval was given back later, as no readings came in time: no trade of it counts.",
    ];
  return side === "bid" && !isSupplied
    ? [...again, "No supplier stands for the interval: what is bought and not used earns nothing."]
    : again;
}

function sentenceOf(order: ExplainedOrder): string {
  const { reason, limitPriceMicroPerKwh: limit } = order;
  const words = WORDS[order.side];
  const prices = moneyWords(order.currency);
  const limitText = prices.price(BigInt(limit));
  switch (reason.kind) {
    case "open": {
      const closes = dateTimeText(reason.gateClosesAt, order.timeZone);
      return `It waits at the desk until the gate closes: ${closes} (${order.timeZone}).`;
    }
    case "submitted":
      return "It is on the chain, in a clearing that has further steps to come.";
    case "abandoned":
      return reason.isOver
        ? "Unfilled: the clearing was given up before it was complete, and what it reserved is given back."
        : "The clearing that it was in was given up before it was complete; the interval is cleared again.";
    case "refused":
      return `Left out: the chain refused it, since ${refusalText(reason.refusal)}.`;
    case "better":
      return `Filled whole, ${tradedText(order)}: its limit of ${apartText(limit, reason.marginalMicroPerThousand, { prices, word: words.ahead })}, the ${words.last} that was filled.`;
    case "wholeAtMargin":
      return `Filled whole, ${tradedText(order)}: its limit of ${limitText} was that of the ${words.last} that was filled, and all ${words.stood} at it was needed.`;
    case "shared":
      return sharedText(order, reason.level);
    case "worse":
      return `Unfilled: its limit of ${apartText(limit, reason.marginalMicroPerThousand, { prices, word: words.behind })}, the ${words.last} that was filled.`;
    case "notMet":
      return `Unfilled: its limit of ${apartText(limit, reason.bestOtherMicroPerThousand, { prices, word: words.behind })}, the ${words.bestOther}, so nothing was traded.`;
    case "noCounterpart":
      return `Unfilled: nobody ${words.otherStood} energy in this interval.`;
  }
}

/** "€0.150 was €0.030 below €0.180". */
function apartText(
  limit: number,
  other: number,
  { prices, word }: { prices: MoneyWords; word: "above" | "below" },
): string {
  const [own, its] = [BigInt(limit), BigInt(other)];
  const apart = own > its ? prices.priceDifference(own, its) : prices.priceDifference(its, own);
  return `${prices.price(own)} was ${apart} ${word} ${prices.price(its)}`;
}

const WORDS = {
  bid: {
    ahead: "above",
    behind: "below",
    last: "lowest bid",
    bestOther: "lowest offer",
    stood: "bid",
    otherStood: "offered",
    traded: "bought",
    trade: "buy",
  },
  offer: {
    ahead: "below",
    behind: "above",
    last: "highest offer",
    bestOther: "highest bid",
    stood: "offered",
    otherStood: "bid for",
    traded: "sold",
    trade: "sell",
  },
} as const satisfies Record<Side, object>;

/** "0.20 of 0.40 kWh bought at €0.175". */
function tradedText({ side, fillWh, energyWh, exactPayment, pricing, currency }: ExplainedOrder): string {
  const filled = BigInt(fillWh ?? 0);
  const amount = `${formatKwh(filled)} of ${formatKwh(BigInt(energyWh))} kWh ${WORDS[side].traded}`;
  if (filled === 0n || exactPayment === null) return amount;
  const paid = side === "bid" ? exactPayment : -exactPayment;
  const price = moneyWords(currency).price(paid / filled);
  return `${amount} at ${price}${pricing === "midpoint" ? " on average" : ""}`;
}

function sharedText(order: ExplainedOrder, level: SharedLevel): string {
  const {
    participants,
    levelQuantity: levelWh,
    filledQuantity: filledWh,
    claim: claimWh,
    granted: grantedWh,
    orders,
  } = level;
  const words = WORDS[order.side];
  const limit = moneyWords(order.currency).price(BigInt(order.limitPriceMicroPerKwh));
  const together = `${kwh(filledWh)} of`;
  const own =
    orders > 1 ? `${orders} orders there got ${kwh(grantedWh)} of ${kwh(claimWh)} kWh, this one ` : "";
  const traded = `${own}${tradedText(order)}`;
  if (participants === 1 && orders === 1)
    return `Partly filled, ${traded}: its limit of ${limit} was that of the ${words.last} that was filled, and no more was needed.`;
  return participants === 1
    ? `Only this home ${words.stood} at ${limit}, and it could ${words.trade} ${together} its ${kwh(levelWh)} kWh: ${traded}.`
    : `${participants} homes ${words.stood} at ${limit}; together they could ${words.trade} ${together} their ${kwh(levelWh)} kWh, so each got ${percent(filledWh, levelWh)}: ${traded}.${leftOverText(level)}`;
}

/** Members named one by one; more are counted. */
const NAMED_MEMBERS = 3;

function leftOverText({ roundedUp }: SharedLevel): string {
  const members = roundedUp.slice(0, NAMED_MEMBERS).map(String);
  const more = roundedUp.length - members.length;
  const list = more > 0 ? [...members, `${more} more`] : members;
  const named = list.length > 1 ? `${list.slice(0, -1).join(", ")} and ${list.at(-1)}` : list[0];
  if (roundedUp.length === 0) return "";
  return roundedUp.length === 1
    ? ` The 0.001 kWh that sharing left over went to member ${named}.`
    : ` Of the ${kwh(roundedUp.length)} kWh that sharing left over, 0.001 kWh each went to members ${named}.`;
}

const MERIT_RULE =
  "Bids are served from the highest limit price down and offers from the lowest up, as long as a bid reaches an offer.";
const PRICE_RULES = {
  uniform: "All trades have one price, midway between the last bid and the last offer that were filled.",
  marginal:
    "All trades have one price, at which no order that got less than it wanted would trade more: the nearest such price to the middle between the last bid and the last offer that were filled.",
  midpoint: "Each trade is priced midway between the limits of its bid and its offer.",
} as const satisfies Record<Pricing, string>;
const SHARING_RULE =
  "Orders at the price of the last one filled share what is left in proportion to each home's energy there; a Wh left over by rounding goes to the largest remainders, of equal ones to the lower member; a home's own orders are filled by rising sequence.";

function ruleOf({ reason, pricing }: ExplainedOrder): string {
  switch (reason.kind) {
    case "open":
      return "All orders that arrive before the gate closes are cleared at once: an earlier one has no advantage.";
    case "submitted":
    case "abandoned":
      return "Trades count once all steps of a clearing are on the chain; one that is unfinished when delivery begins is given up, and what it reserved is given back.";
    case "refused":
      return "An order that the chain does not take is left out, and the rest of the book is cleared without it.";
    case "shared":
      return SHARING_RULE;
    case "better":
    case "wholeAtMargin":
      return `${MERIT_RULE} ${PRICE_RULES[pricing]}`;
    default:
      return MERIT_RULE;
  }
}

function kwh(energyWh: number): string {
  return formatKwh(BigInt(energyWh));
}

/** A part of a whole in percent, with one decimal where it needs one. */
function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1).replace(/\.0$/, "")}%`;
}
