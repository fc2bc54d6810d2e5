import { createPublicClient, http } from "viem";
import { expect, it } from "vitest";
import type { HeldBack } from "#platform/chain/chainWatch.ts";
import { IMMEDIATE } from "#platform/chain/finality.ts";
import { openApiFixture } from "./api.fixture.ts";

const RPC_URL = "http://127.0.0.1:1";
const HELD: HeldBack = {
  code: "rpcBusy",
  detail: "the node takes no more requests now",
  since: 1_700_000_000,
};

it("writes are refused with when to come again while the chain holds work back, reads are answered", async () => {
  let held: HeldBack | null = HELD;
  const client = createPublicClient({ transport: http(RPC_URL, { retryCount: 0 }) });
  const rules = { gasPrice: 0n, maxGasPrice: null, finality: IMMEDIATE };
  const api = await openApiFixture({
    network: { rpcUrl: RPC_URL, chainId: 7, client, ...rules, heldBack: () => held },
    readiness: async () => [
      { name: "chain", isReady: held === null, detail: HELD.detail, since: HELD.since },
    ],
  });
  const order = { method: "POST", url: "/v1/orders", payload: {} } as const;
  const refused = await api.app.inject(order);
  expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "15"]);
  expect(refused.json()).toMatchObject({ status: 503, reason: "rpcBusy", detail: HELD.detail });
  const agent = await api.app.inject({ method: "PUT", url: "/v1/accounts/4/agent", payload: {} });
  expect(agent.statusCode).toBe(503);
  const ready = await api.app.inject("/ready");
  expect(ready.statusCode).toBe(503);
  expect(ready.json().checks[1]).toEqual({ name: "chain", isReady: false, ...pick(HELD) });
  expect((await api.app.inject("/v1/status")).json().checks[1]).toMatchObject(pick(HELD));
  expect((await api.app.inject({ method: "POST", url: "/v1/session/nonce" })).statusCode).toBeLessThan(500);
  held = null;
  expect((await api.app.inject(order)).statusCode).toBe(400);
  await api.close();
});

function pick({ detail, since }: HeldBack) {
  return { detail, since };
}
