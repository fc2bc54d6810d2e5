import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { ordersWire } from "#domains/pool/wire.ts";
import type { agentsWire, newAgentWire } from "#domains/pool/wireAgent.ts";
import { type DashboardCommunity, startLiveCommunity } from "./dashboard.fixture.ts";

/*
 * A member tells the agent of her home what to do, and the program is killed. Her word holds after the next start, and
 * the agent obeys it.
 */

type Agents = z.infer<typeof agentsWire>;
type Home = { readonly account: number; readonly key: string };

const HOME: Home = { account: 27, key: keyNames.home("orchard-walk-4") };
/** Both have sun: by day each of them has an order in every interval. */
const NEIGHBOUR: Home = { account: 4, key: keyNames.home("mill-lane-1") };
const SETTINGS = { leastOfferMicroPerKwh: 200_000, mostBidMicroPerKwh: 150_000, isPaused: true };
const POLLS = { timeout: 120_000, interval: 500 };

let community: DashboardCommunity;
/** So slow that no gate closes before the program is killed. */
beforeAll(async () => {
  community = await startLiveCommunity({ speed: 1 });
});
afterAll(() => community?.stop());

const pathOf = ({ account }: Home, what: string) => `/v1/participants/${account}/${what}`;

async function read<T>(home: Home, what: string): Promise<T> {
  return community.get<T>(pathOf(home, what), await community.cookieOf(home.key));
}

async function ordersOf(home: Home) {
  return (await read<z.infer<typeof ordersWire>>(home, "orders?limit=500")).orders;
}

async function tell(order: z.infer<typeof newAgentWire>): Promise<Agents> {
  const answer = await fetch(`${community.origin}${pathOf(HOME, "agents")}`, {
    method: "PUT",
    headers: { "content-type": "application/json", cookie: await community.cookieOf(HOME.key) },
    body: JSON.stringify(order),
  });
  const body = await answer.text();
  expect([answer.status, body]).toEqual([200, expect.any(String)]);
  return JSON.parse(body) as Agents;
}

it("survives the death of the program, with since when it holds", async () => {
  const [before] = (await read<Agents>(HOME, "agents")).agents;
  expect(before).toMatchObject({ isThere: true, settings: null });
  const { areaId, member } = before!;
  const told = await tell({ areaId, member, ...SETTINGS });
  expect(told.agents).toMatchObject([{ areaId, member, settings: SETTINGS }]);
  await community.kill();
  await community.start(1_800);
  expect((await read<Agents>(HOME, "agents")).agents).toEqual(told.agents);
});

it("is obeyed after the next start: this home orders nothing, its neighbour in two intervals", async () => {
  await expect.poll(async () => (await ordersOf(NEIGHBOUR)).length, POLLS).toBeGreaterThan(1);
  expect(await ordersOf(HOME)).toEqual([]);
});
