import { and, eq, isNull } from "drizzle-orm";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent } from "#platform/chain/chainEvent.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { deviceKeys, meteringPoints, participants } from "#platform/store/schema.ts";

export async function projectParticipant(
  tx: Queryable,
  event: ChainEvent<"participantRegistered" | "participantSuspended" | "participantReinstated">,
): Promise<void> {
  const { account } = event;
  if (event.kind === "participantRegistered") {
    const { participant: address, kycHash, timestamp: registeredAt } = event;
    await tx.insert(participants).values({ account, address, kycHash, isVerified: true, registeredAt });
    return;
  }
  const change =
    event.kind === "participantSuspended"
      ? { isVerified: false }
      : { isVerified: true, kycHash: event.kycHash };
  await tx.update(participants).set(change).where(eq(participants.account, account));
}

export async function projectEntity(
  tx: Queryable,
  { kind, account, entity }: ChainEvent<"entityJoined" | "entityLeft">,
): Promise<void> {
  await tx
    .update(participants)
    .set({ entity: kind === "entityJoined" ? entity : null })
    .where(eq(participants.account, account));
}

export async function projectMeter(
  tx: Queryable,
  event: ChainEvent<"meterEnrolled" | "meterRetired">,
): Promise<void> {
  const { block, logIndex, meterId, account, areaId, timestamp } = event;
  if (event.kind === "meterEnrolled") {
    await tx
      .insert(meteringPoints)
      .values({ block, logIndex, meterId, account, areaId, enrolledAt: timestamp });
    await tx.insert(deviceKeys).values(keyFrom(event));
    await tx.update(participants).set({ areaId, meterId }).where(eq(participants.account, account));
    return;
  }
  await tx
    .update(meteringPoints)
    .set({ retiredAt: timestamp })
    .where(and(eq(meteringPoints.meterId, meterId), isNull(meteringPoints.retiredAt)));
  await endKey(tx, meterId, timestamp);
  await tx.update(participants).set({ areaId: null, meterId: null }).where(eq(participants.account, account));
}

export async function projectDeviceKey(
  tx: Queryable,
  event: ChainEvent<"deviceKeyRotated" | "deviceKeyRevoked">,
): Promise<void> {
  await endKey(tx, event.meterId, event.timestamp);
  if (event.kind === "deviceKeyRotated") await tx.insert(deviceKeys).values(keyFrom(event));
}

function keyFrom(event: ChainEvent<"meterEnrolled" | "deviceKeyRotated">) {
  const { block, logIndex, meterId, deviceKey, timestamp } = event;
  return { block, logIndex, meterId, deviceKey, validFrom: timestamp };
}

async function endKey(tx: Queryable, meterId: Hex, validUntil: number): Promise<void> {
  await tx
    .update(deviceKeys)
    .set({ validUntil })
    .where(and(eq(deviceKeys.meterId, meterId), isNull(deviceKeys.validUntil)));
}
