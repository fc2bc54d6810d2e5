import { moveMoney } from "#domains/accounts/projections/moveMoney.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { MovementKind } from "#domains/accounts/tables.ts";
import type { ChargingEvent } from "#domains/charging/events.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { ChargingProjection, PeriodRow } from "./chargingProjection.ts";

/** What moved between margin and escrow of a member of the event's area, micro. */
export type QuotaMovement = {
  readonly member: number;
  readonly kind: MovementKind;
  readonly margin?: bigint;
  readonly escrow?: bigint;
};

/** Events of the quota market that move money: those of periods. */
type QuotaPayment = Extract<ChargingEvent, { readonly period: number }>;

/** Books what an event moved between margins and escrow of the quota market; it is of the period's first interval. */
export async function moveQuotaMoney(
  { tx, event, deployment }: Pick<ChargingProjection<QuotaPayment["kind"]>, "tx" | "event" | "deployment">,
  { intervalId }: Pick<PeriodRow, "intervalId">,
  list: readonly QuotaMovement[],
): Promise<void> {
  const { areaId } = event;
  const moved = list.map(({ member, ...movement }) => ({ ...movement, seat: seatOf({ areaId, member }) }));
  await moveMoney(tx, { ...event, intervalId, market: addressOf(deployment, "quotaMarket") }, moved);
}
