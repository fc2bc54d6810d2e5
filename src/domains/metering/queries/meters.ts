import type { Address } from "#kernel/crypto/hex.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listDeviceKeys, listStays, type MemberView } from "./members.ts";

/** Where a metering point is now, and the key of its device that is in force; null where none is. */
export type MeterPlace = MemberView & { readonly inForce: Address | null };

/** The newest stay of a metering point; null of one that was enrolled nowhere. `meterId` in lower case, `now` unix seconds. */
export async function findMeter(
  db: Queryable,
  { meterId, now }: { readonly meterId: string; readonly now: number },
): Promise<MeterPlace | null> {
  const [stay] = await listStays(db, { meterId, limit: 1 });
  if (!stay) return null;
  const keys = await listDeviceKeys(db, [meterId]);
  const key = keys.find(
    ({ validFrom, validUntil }) => validFrom <= now && (validUntil === null || validUntil > now),
  );
  return { ...stay, inForce: (key?.deviceKey ?? null) as Address | null };
}
