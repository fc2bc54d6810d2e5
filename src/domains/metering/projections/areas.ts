import { and, eq, isNull } from "drizzle-orm";
import { addSeat } from "#domains/accounts/queries/seats.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { areas, deviceKeys, members } from "#domains/metering/tables.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { forget } from "#platform/store/workingSet.ts";

/** An area that was opened; its supplier, DSO and fund are its first members. */
export async function projectArea(tx: Queryable, event: MeteringEvent<"areaOpened">): Promise<void> {
  const { areaId, operator, setup, timestamp: openedAt, transactionHash } = event;
  const { gateway, intervalSeconds, waitingSeconds } = setup;
  const parties = { supplier: 1, dso: 2, fund: 3 };
  await tx.insert(areas).values({
    ...{ areaId, operator, gateway, ...parties, intervalSeconds, waitingSeconds, openedAt, transactionHash },
  });
  forget(tx, areas);
}

type AreaChange = MeteringEvent<
  "operatorChanged" | "gatewayChanged" | "supplierChanged" | "dsoChanged" | "fundChanged"
>;

export async function projectAreaChange(tx: Queryable, event: AreaChange): Promise<void> {
  await tx.update(areas).set(changeOf(event)).where(eq(areas.areaId, event.areaId));
  forget(tx, areas);
}

function changeOf(event: AreaChange): Partial<typeof areas.$inferInsert> {
  switch (event.kind) {
    case "operatorChanged":
      return { operator: event.operator };
    case "gatewayChanged":
      return { gateway: event.gateway };
    case "supplierChanged":
      return { supplier: event.member };
    case "dsoChanged":
      return { dso: event.member };
    case "fundChanged":
      return { fund: event.member };
  }
}

/** A number that an account got in an area, and with it a seat. */
export async function projectMember(tx: Queryable, event: MeteringEvent<"memberAdded">): Promise<void> {
  const { areaId, member, account } = event;
  await tx.insert(members).values({ areaId, member, account, capacityW: 0 });
  forget(tx, members);
  await addSeat(tx, event);
}

export async function projectMeter(
  tx: Queryable,
  event: MeteringEvent<"meterEnrolled" | "meterRetired">,
): Promise<void> {
  const { meterId, areaId, member, timestamp } = event;
  const change =
    event.kind === "meterEnrolled"
      ? { meterId, capacityW: event.capacityW, enrolledAt: timestamp }
      : { capacityW: 0, retiredAt: timestamp };
  await tx
    .update(members)
    .set(change)
    .where(and(eq(members.areaId, areaId), eq(members.member, member)));
  forget(tx, members);
  if (event.kind === "meterEnrolled") await tx.insert(deviceKeys).values(keyFrom(event));
  else await endKey(tx, meterId, timestamp);
}

export async function projectCapacity(
  tx: Queryable,
  { meterId, capacityW }: MeteringEvent<"capacityChanged">,
): Promise<void> {
  await tx
    .update(members)
    .set({ capacityW })
    .where(and(eq(members.meterId, meterId), isNull(members.retiredAt)));
  forget(tx, members);
}

export async function projectDeviceKey(
  tx: Queryable,
  event: MeteringEvent<"deviceKeyRotated" | "deviceKeyRevoked">,
): Promise<void> {
  const { meterId, timestamp } = event;
  await endKey(tx, meterId, timestamp);
  if (event.kind === "deviceKeyRotated") await tx.insert(deviceKeys).values(keyFrom(event));
  else
    await tx
      .update(deviceKeys)
      .set({ validUntil: timestamp })
      .where(and(eq(deviceKeys.deviceKey, event.deviceKey), isNull(deviceKeys.validUntil)));
}

function keyFrom(event: MeteringEvent<"meterEnrolled" | "deviceKeyRotated">) {
  const { block, logIndex, meterId, deviceKey, timestamp } = event;
  return { block, logIndex, meterId, deviceKey, validFrom: timestamp };
}

async function endKey(tx: Queryable, meterId: Hex, validUntil: number): Promise<void> {
  await tx
    .update(deviceKeys)
    .set({ validUntil })
    .where(and(eq(deviceKeys.meterId, meterId), isNull(deviceKeys.validUntil)));
}
