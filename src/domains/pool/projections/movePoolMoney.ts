import { moveMoney } from "#domains/accounts/projections/moveMoney.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { MovementKind } from "#domains/accounts/tables.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { PoolProjection } from "./poolProjection.ts";

/** What moved between margin and escrow of a member of the event's area, micro. */
export type MemberMovement = {
  readonly member: number;
  readonly kind: MovementKind;
  readonly margin: bigint;
  readonly escrow: bigint;
};

/** Events of the pool that move money: those of intervals. */
export type PoolPayment = Extract<PoolEvent, { readonly intervalId: number }>;

/** Books what an event moved between margins and escrow of the pool market. */
export async function movePoolMoney(
  { tx, event, deployment }: Pick<PoolProjection<PoolPayment["kind"]>, "tx" | "event" | "deployment">,
  list: readonly MemberMovement[],
): Promise<void> {
  const { areaId } = event;
  const moved = list.map(({ member, ...movement }) => ({ ...movement, seat: seatOf({ areaId, member }) }));
  await moveMoney(tx, { ...event, market: addressOf(deployment, "poolMarket") }, moved);
}
