import { compareFacts, type EvidenceFact } from "#domains/metering/check/compareFacts.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import type { PeriodCheckReport } from "./periodCheck.ts";
import type { AuctionEvidence, PeriodEvidence } from "./periodEvidence.ts";

const KEY = "serverAgainstChain";
const TITLE = "What the server says is what the chain says";

/** Holds what a server says of a period against the chain, item by item, and names the first difference. */
export function comparePeriods(fromChain: PeriodEvidence, fromServer: PeriodEvidence): PeriodCheckReport {
  return { key: KEY, title: TITLE, ...compareFacts(factsOf(fromServer), factsOf(fromChain)) };
}

function factsOf(evidence: PeriodEvidence): EvidenceFact[] {
  const { chainId, quotaMarket, meterLedger, areaId, period, intervalSeconds, waitingSeconds } = evidence;
  const { dsoOwner, version, terms, opening, demands, division, auction, publications } = evidence;
  return [
    factOf("the market", { chainId, quotaMarket, meterLedger, areaId, period }),
    factOf("the area", { intervalSeconds, waitingSeconds, dsoOwner }),
    factOf("the rules", { version, terms }),
    factOf("the margin", opening),
    ...demands.map((demand) => factOf(`the demand of member ${demand.member}`, demand, demand.member)),
    factOf("the division", division),
    ...(auction === null ? [] : auctionFacts(auction)),
    ...publications.map((each) =>
      factOf(`version ${each.version} of the readings of interval ${each.intervalId}`, each),
    ),
    ...evidence.payments.map((paid) => factOf(`the payment of member ${paid.member}`, paid, paid.member)),
    ...evidence.withdrawals.map((each) => factOf(`the deposit of member ${each.member}`, each, each.member)),
  ];
}

function auctionFacts({ book, trades, standings, ...auction }: AuctionEvidence): EvidenceFact[] {
  const sides =
    book === null
      ? []
      : ([
          ["bid", book.bids],
          ["offer", book.offers],
        ] as const);
  return [
    factOf("the auction", { ...auction, isBookKnown: book !== null }),
    ...sides.flatMap(([side, orders]) =>
      orders.map((order, i) =>
        factOf(`${side} ${i + 1}, of member ${order.participant}`, order, order.participant),
      ),
    ),
    ...trades.map((trade) => factOf(`the trade of member ${trade.member}`, trade, trade.member)),
    ...[...standings].map(([member, standing]) =>
      factOf(`who stood for member ${member} at the auction`, standing, member),
    ),
  ];
}

function factOf(name: string, said: unknown, member?: number): EvidenceFact {
  return { key: name, name, text: textOf(said), subject: member === undefined ? {} : { member } };
}

/** The same text for the same values, in whatever order their names stand. */
function textOf(said: unknown): string {
  return JSON.stringify(said, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}`;
    if (value instanceof Uint8Array) return toHex(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
