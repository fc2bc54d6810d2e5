import { expect, it } from "vitest";
import { createAgentBook } from "#domains/pool/agentBook.ts";
import type { SubmittedOrder } from "#domains/pool/orderDesk.ts";
import { FREE_AGENT } from "#domains/pool/rules/agentSettings.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { TERMS } from "#platform/store/marketHistory.fixture.ts";
import { FIRST_HOME } from "#world/simulation/accounts.ts";
import { type HomesOptions, openHomes } from "./homes.ts";

const offer: Order<number> = {
  participant: FIRST_HOME,
  side: "offer",
  energyWh: 500,
  limitPriceMicroPerKwh: 100_000,
  sequence: 0,
};

it("orders as its member told the agent, from the next gate on", async () => {
  const gateOf = (intervalId: number) => intervalId * TERMS.intervalSeconds - TERMS.gateClosureSeconds;
  let time = gateOf(100) - 1;
  const sent: SubmittedOrder[] = [];
  const agents = createAgentBook({ isThere: () => true, now: () => time });
  const options = {
    scenario: { intervalSeconds: TERMS.intervalSeconds, homes: [{ id: "mill-lane-1" }] },
    community: { quote: () => [offer], deliver: () => [], flows: () => [] },
    keyring: createKeyring("test"),
    deployment: DEPLOYMENT,
    areaId: 1,
    now: () => time,
    desk: { submit: async (order: SubmittedOrder) => void sent.push(order) },
    terms: { of: () => TERMS },
    agents,
    outsideMeters: [],
  } as unknown as HomesOptions;
  const { quote } = openHomes(options).duties;
  agents.set({ areaId: 1, member: FIRST_HOME }, { ...FREE_AGENT, leastOfferMicroPerKwh: 200_000 });
  await quote.run(100);
  time = gateOf(101) - 1;
  await quote.run(101);
  agents.set({ areaId: 1, member: FIRST_HOME }, { ...FREE_AGENT, isPaused: true });
  time = gateOf(102) - 1;
  await quote.run(102);
  expect(sent.map(({ intervalId, limitPriceMicroPerKwh }) => [intervalId, limitPriceMicroPerKwh])).toEqual([
    [100, 100_000],
    [101, 200_000],
  ]);
});
