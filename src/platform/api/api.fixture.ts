import { createPublicClient, http } from "viem";
import { incidentReports } from "#community/incidentReports.ts";
import { createFlowHistory } from "#community/pool/flowHistory.ts";
import type { ChargingContext } from "#domains/charging/routes/chargingContext.ts";
import { chargeWordsOf, movementWordsOf } from "#domains/domain.ts";
import { DOMAINS } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import type { FlowHistory } from "#domains/metering/flows.ts";
import { createAgentBook } from "#domains/pool/agentBook.ts";
import { openOrderDesk } from "#domains/pool/orderDesk.ts";
import { reasonsOfLines } from "#domains/pool/reasonsOfLines.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import type { Network } from "#platform/chain/network.ts";
import { createIncidents } from "#platform/runtime/incidents.ts";
import { createEventFeed, type EventFeed } from "#platform/store/eventFeed.ts";
import {
  AREA_ID,
  accountOf,
  createHistory,
  HOMES,
  homeOrder,
  INTERVAL_SECONDS,
  keyOf,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";
import type { Api } from "./apiContext.ts";
import { createApi } from "./createApi.ts";

/**
 * An API over a real database and a real desk; intervals 100 and 101 are settled, 102 is cleared. Of interval 102 the
 * chain refused an order of member 7, and another of it was not submitted. Accounts have other numbers than members.
 */
export type ApiFixture = {
  readonly app: Api;
  readonly store: Store;
  readonly feed: EventFeed;
  readonly history: ReturnType<typeof createHistory>;
  /** Brings what the history has more into the database and tells the streams. */
  readonly follow: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const NOW = 102 * INTERVAL_SECONDS + 60;

/** The world's time, unix seconds; the sessions' clock. */
export const WORLD_NOW = 1_800_000_000;

/** No node listens there. Signatures of keys need none; a test that asks the chain starts one. */
const NO_NODE = "http://127.0.0.1:1";
const NETWORK: Network = {
  rpcUrl: NO_NODE,
  chainId: DEPLOYMENT.chainId,
  client: createPublicClient({ transport: http(NO_NODE, { retryCount: 0 }) }),
  gasPrice: 0n,
  maxGasPrice: null,
  heldBack: () => null,
};

/** An offer of member 7, by itself too dear for the clearing to need it. */
function spareOffer(intervalId: number, changes: Partial<Order<number>> = {}): SignedOrder {
  return homeOrder(intervalId, {
    participant: 7,
    side: "offer",
    energyWh: 30,
    limitPriceMicroPerKwh: 290_000,
    sequence: 1,
    ...changes,
  });
}

/** Sub-meters of member 6, which has sun and a battery, in interval 101; its meter then said 650 Wh out. */
function recordedFlows(): FlowHistory {
  const flows = createFlowHistory({ homes: HOMES.length, firstMember: HOMES[0] ?? 0 });
  const dark = { pvWh: 0, movedWh: 0, storedWh: 0 };
  flows.record(101, [
    { member: 4, loadWh: 450, ...dark },
    { member: 5, loadWh: 700, ...dark },
    { member: 6, loadWh: 100, pvWh: 800, movedWh: 50, storedWh: 1_250 },
    { member: 7, loadWh: 20, ...dark, pvWh: 120 },
  ]);
  return flows;
}

export async function openApiFixture(
  changes: Partial<PoolContext & ChargingContext> = {},
  domains: typeof DOMAINS = DOMAINS,
): Promise<ApiFixture> {
  const history = createHistory();
  const { readingsOf, ordersOf } = history;
  history.refuse(102, spareOffer(102, { limitPriceMicroPerKwh: 299_000 }), "MarginsFallShort");
  for (const intervalId of [100, 101, 102]) {
    const spare = intervalId === 102 ? [spareOffer(102)] : [];
    const plan = history.clear(intervalId, [...ordinaryOrders(intervalId), ...spare]);
    if (intervalId === 102) continue;
    history.publish(intervalId, { 4: [450, 0], 5: [700, 0], 6: [0, 650], 7: [0, 100] });
    history.settle(plan);
  }
  const store = await openMemoryStore({ domains });
  const tariffOf = () => ({ feedInMicroPerKwh: 80_000, retailMicroPerKwh: 300_000 });
  const feed = createEventFeed();
  const follow = async () =>
    feed.publish(
      await project(store, history.events, { domains, sources: { readingsOf, ordersOf, tariffOf } }),
    );
  await follow();
  const now = () => NOW;
  const incidents = createIncidents(now);
  const { onRefusedOrder } = incidentReports(incidents, AREA_ID);
  const orderDesk = openOrderDesk({
    areaId: AREA_ID,
    terms: { of: () => history.terms },
    separator: poolSeparator(DEPLOYMENT.chainId, DEPLOYMENT.contracts.poolMarket),
    directory: {
      standingOf: async ({ member }) =>
        HOMES.includes(member)
          ? { signer: addressOfKey(keyOf(member)), isTradable: true, capacityW: 17_250 }
          : { signer: null, isTradable: false, capacityW: 0 },
      accountOf: async ({ member }) => (HOMES.includes(member) ? accountOf(member) : null),
    },
    now,
    keep: async () => {},
    onRefusal: onRefusedOrder,
  });
  const explainCharge = chargeWordsOf(domains);
  const billWords = { currency: "EUR", timeZone: "Europe/Berlin", tariffOf, explainCharge };
  const app = await createApi(
    {
      store,
      directory: createDirectory(store.db),
      ...billWords,
      movementWords: movementWordsOf(domains),
      reasonsOf: reasonsOfLines(store.db, billWords),
      orderDesk,
      quotaDesks: new Map(),
      now,
      clockSpeed: 1,
      worldNow: () => WORLD_NOW,
      network: NETWORK,
      demonstration: null,
      dashboardDirectory: null,
      retailParts: new Map([[AREA_ID, { gridFeeMicroPerKwh: 100_000, leviesMicroPerKwh: 60_000 }]]),
      meterGateways: new Map(),
      flows: new Map([[AREA_ID, { history: recordedFlows(), capacityWh: 8_000 }]]),
      areaNames: new Map([[AREA_ID, { name: "Riverside <b>&", description: "a street <i>&" }]]),
      accountNames: new Map([[accountOf(4), `Home "4" <script>alert(1)</script>`]]),
      readiness: async () => [{ name: "chain", isReady: true, detail: "chain 31337 answers" }],
      events: feed,
      incidents,
      agents: createAgentBook({ isThere: ({ member }) => member !== 7, now }),
      dutiesBehind: () => [],
      processedPerHour: () => null,
      audits: null,
      ...changes,
    },
    domains,
  );
  const close = async () => {
    await app.close();
    await store.close();
  };
  return { app, store, feed, history, follow, close };
}
