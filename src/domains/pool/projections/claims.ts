import { and, eq, inArray, lt, or } from "drizzle-orm";
import type { MeteringFact } from "#domains/metering/events.ts";
import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { memberBits } from "#domains/metering/rules/readingTree.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { events } from "#platform/store/schema.ts";
import type { PoolProjection } from "./poolProjection.ts";

/**
 * What other markets claimed of the readings on a page before it was settled: it counts there.
 *
 * @property taken members of whom all was claimed, bit n % 256 for member n
 * @property exportWh what was claimed of single members' exports
 */
export type ClaimedBefore = { readonly taken: bigint; readonly exportWh: ReadonlyMap<number, bigint> };

type Kind = "pageClaimed" | "readingClaimed";

/** The log tells of claims; that of the settlement itself is the one in its own transaction. */
export async function claimedBefore({
  tx,
  event,
  deployment,
}: PoolProjection<"pageSettled">): Promise<ClaimedBefore> {
  const { areaId, intervalId, page, block, logIndex, transactionHash } = event;
  const rows = await tx
    .select({ kind: events.kind, transactionHash: events.transactionHash, facts: events.facts })
    .from(events)
    .where(
      and(
        eq(events.areaId, areaId),
        eq(events.intervalId, intervalId),
        inArray(events.kind, ["pageClaimed", "readingClaimed"] satisfies Kind[]),
        or(lt(events.block, block), and(eq(events.block, block), lt(events.logIndex, logIndex))),
      ),
    );
  const market = addressOf(deployment, "poolMarket");
  let taken = 0n;
  const exportWh = new Map<number, bigint>();
  for (const row of rows) {
    const claim = readClaim(row.kind as Kind, row.facts);
    if (claim.kind === "pageClaimed") {
      const isOwn = claim.claimant === market && row.transactionHash === transactionHash;
      if (claim.page === page && !isOwn) taken |= BigInt(claim.members);
    } else if (claim.claimPurpose === ENERGY_PURPOSE)
      exportWh.set(claim.member, (exportWh.get(claim.member) ?? 0n) + BigInt(claim.energyWh));
  }
  return { taken, exportWh };
}

/** What of a member's reading counts in the pool. */
export function countedOf(
  { importWh, exportWh }: MeteredEnergy,
  member: number,
  claimed: ClaimedBefore,
): MeteredEnergy {
  if ((claimed.taken & memberBits([member])) !== 0n) return { importWh: 0n, exportWh: 0n };
  const elsewhereWh = claimed.exportWh.get(member) ?? 0n;
  return { importWh, exportWh: exportWh > elsewhereWh ? exportWh - elsewhereWh : 0n };
}

type ClaimFact = MeteringFact<"pageClaimed"> | MeteringFact<"readingClaimed">;

/** A claim as the log has it: its bigints are decimal strings. */
function readClaim(kind: Kind, facts: string): ClaimFact {
  return { ...JSON.parse(facts), kind } as ClaimFact;
}
