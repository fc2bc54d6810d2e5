import { POOL_COUNTS } from "#domains/pool/audit/poolCounts.ts";
import type { PoolFact } from "#domains/pool/events.ts";
import { POOL_MOVEMENTS } from "#domains/pool/rules/movementWords.ts";
import { lazyPage, lazyPart } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";
import { CommunityPage } from "./CommunityPage.tsx";
import { POOL_WORDS } from "./words.ts";

const CLEARED = ["market", "orders", "trades", "trails", "money"] as const;
const SETTLED = ["market", "bills", "trails", "readings", "money"] as const;
const RETURNED = [...SETTLED, "orders", "trades"] as const;
const JOINED = ["market"] as const;
const TERMS = ["areas", "market"] as const;

/** What each kind of its events changes; nothing where no page shows it. */
const CHANGED_BY: Readonly<Record<PoolFact["kind"], readonly string[]>> = {
  termsAnnounced: TERMS,
  supplyAccepted: TERMS,
  supplyWithdrawn: TERMS,
  stepVerified: [...CLEARED, "readings"],
  intervalUnsupplied: ["market"],
  intervalCleared: [...CLEARED, "readings"],
  clearingAbandoned: [...CLEARED, "readings"],
  pageSettled: SETTLED,
  intervalSettled: SETTLED,
  positionCorrected: SETTLED,
  pageReturned: RETURNED,
  intervalReturned: RETURNED,
};

/** The local market: the community's prices, intervals and orders. */
export const pool: PageDomain = {
  name: "pool",
  market: "poolMarket",
  pages: [
    { path: "/", component: CommunityPage, tab: { label: "Community", icon: "community" } },
    {
      path: "/intervals/$areaId/$intervalId",
      component: lazyPage(() => import("./IntervalPage.tsx"), "IntervalPage"),
    },
    {
      path: "/order",
      component: lazyPage(() => import("./OrderFormPage.tsx"), "OrderFormPage"),
      // Who has not signed in may have a home.
      tab: { label: "Order", icon: "order", isFor: (session) => session === null || session.hasMeter },
    },
    {
      path: "/rules",
      component: lazyPage(() => import("./RulesPage.tsx"), "RulesPage"),
      foot: "the market’s rules",
    },
    { path: "/orders/$orderId", component: lazyPage(() => import("./OrderPage.tsx"), "OrderPage") },
  ],
  accountCards: [
    {
      shownTo: "everybody",
      place: "main",
      component: lazyPart(() => import("./orders/AccountOrders.tsx"), "AccountOrders"),
    },
  ],
  operatorCards: [
    { place: "calm", component: lazyPart(() => import("./operator/Throughput.tsx"), "SettledUpTo") },
    { place: "figures", component: lazyPart(() => import("./operator/Throughput.tsx"), "Throughput") },
    { place: "main", component: lazyPart(() => import("./operator/RecentIntervals.tsx"), "RecentIntervals") },
    { place: "side", component: lazyPart(() => import("./operator/Spending.tsx"), "Spending") },
    { place: "rules", component: lazyPart(() => import("./operator/AreaTerms.tsx"), "AreaTerms") },
  ],
  answers: {
    market:
      /^\/v1\/(prices$|community$|intervals\?|intervals\/periods\?.*of=interval&|intervals\/\d+\/\d+$|areas\/\d+\/depth\?)/,
    agents: /^\/v1\/participants\/\d+\/agents$/,
    orders: /^\/v1\/(participants\/\d+\/orders\?|orders|intervals\/\d+\/\d+\/orders\?)/,
    trades: /^\/v1\/trades\?/,
    trails: /^\/v1\/orders\/[^/]+\/trail$/,
  },
  changedBy: {
    ...CHANGED_BY,
    participantRegistered: JOINED,
    participantSuspended: JOINED,
    participantReinstated: JOINED,
    entityJoined: JOINED,
    entityLeft: JOINED,
    meterEnrolled: JOINED,
    meterRetired: JOINED,
    areaOpened: JOINED,
    readingsPublished: ["market", "trails"],
  },
  words: { ...POOL_WORDS, movements: POOL_MOVEMENTS },
  counts: POOL_COUNTS,
  found: {
    order: { name: "Order", address: (orderId) => ({ to: "/orders/$orderId", params: { orderId } }) },
    interval: { name: "Interval", address: intervalAddress },
  },
};

/** The page of an interval, which is named area/interval. */
function intervalAddress(id: string) {
  const [areaId = "", intervalId = ""] = id.split("/");
  return { to: "/intervals/$areaId/$intervalId", params: { areaId, intervalId } };
}
