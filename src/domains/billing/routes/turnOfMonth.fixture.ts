import { expect } from "vitest";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type SignedIn, signIn } from "#platform/api/identity/signIn.fixture.ts";
import { homeOrder, keyOf, OPERATOR_KEY } from "#platform/store/marketHistory.fixture.ts";

/** 30 April 2025, 23:45 in Berlin: the last interval of April there, and in May only by UTC's clock two hours later. */
export const LAST_OF_APRIL = Date.parse("2025-04-30T21:45:00Z") / 900_000;
const NOW = Date.parse("2025-05-20T12:00:00Z") / 1_000;

/** An API on 20 May 2025, after a home has traded at the turn of a month, and who asks it: that home's owner by default. */
export type TurnOfMonth = {
  readonly api: ApiFixture;
  readonly home: SignedIn;
  readonly operator: SignedIn;
  /** Gives the answer to a path under `/v1`, which is to be 200. */
  readonly get: (path: string, headers?: Partial<SignedIn>) => ReturnType<typeof ask>;
};

/** What member 4 imports and member 6 sells to it, Wh, in each of the intervals. */
type Traded = { readonly intervalIds: readonly number[]; readonly importWh: number; readonly soldWh: number };

export async function openTurnOfMonth(
  { intervalIds, importWh, soldWh }: Traded,
  changes: Partial<PoolContext>,
): Promise<TurnOfMonth> {
  const api = await openApiFixture({ now: () => NOW, ...changes });
  for (const intervalId of intervalIds) {
    const orders: Order<number>[] = [
      { side: "bid", participant: 4, energyWh: 900, limitPriceMicroPerKwh: 200_000, sequence: 0 },
      { side: "offer", participant: 6, energyWh: soldWh, limitPriceMicroPerKwh: 146_000, sequence: 0 },
    ];
    const plan = api.history.clear(
      intervalId,
      orders.map((order) => homeOrder(intervalId, order)),
    );
    api.history.publish(intervalId, { 4: [importWh, 0], 5: [300, 0], 6: [0, 400], 7: [0, 0] });
    api.history.settle(plan);
  }
  await api.follow();
  const home = await signIn(api.app, keyOf(4));
  const operator = await signIn(api.app, OPERATOR_KEY);
  return { api, home, operator, get: (path, headers = home) => ask(api, path, headers) };
}

async function ask({ app }: ApiFixture, path: string, headers: Partial<SignedIn>) {
  const answer = await app.inject({ url: `/v1/${path}`, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer;
}
