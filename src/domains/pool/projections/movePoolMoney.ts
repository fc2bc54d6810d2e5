import { type Movement, moveMoney } from "#domains/accounts/projections/moveMoney.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { PoolProjection } from "./poolProjection.ts";

/** Books what an event moved between margins and escrow of the pool market. */
export async function movePoolMoney(
  { tx, event, deployment }: Pick<PoolProjection<PoolEvent["kind"]>, "tx" | "event" | "deployment">,
  list: readonly Movement[],
): Promise<void> {
  await moveMoney(tx, { ...event, market: addressOf(deployment, "poolMarket") }, list);
}
