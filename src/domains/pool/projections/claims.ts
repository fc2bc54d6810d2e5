import type { MeteringFact } from "#domains/metering/events.ts";
import type { ClaimedBefore } from "#domains/metering/rules/countedReading.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { events } from "#platform/store/schema.ts";
import { rowsOf } from "#platform/store/workingSet.ts";
import type { PoolProjection } from "./poolProjection.ts";

type Kind = "pageClaimed" | "readingClaimed";
const KINDS: readonly string[] = ["pageClaimed", "readingClaimed"] satisfies Kind[];

/** What others claimed before a page was settled. The log tells of it; the settlement's own claim is in its transaction. */
export async function claimedBefore({
  tx,
  event,
  deployment,
}: PoolProjection<"pageSettled">): Promise<ClaimedBefore> {
  const { page, block, logIndex, transactionHash } = event;
  const logged = await rowsOf(tx, events, event);
  const rows = logged.filter(
    (row) =>
      KINDS.includes(row.kind) && (row.block < block || (row.block === block && row.logIndex < logIndex)),
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

type ClaimFact = MeteringFact<"pageClaimed"> | MeteringFact<"readingClaimed">;

/** A claim as the log has it: its bigints are decimal strings. */
function readClaim(kind: Kind, facts: string): ClaimFact {
  return { ...JSON.parse(facts), kind } as ClaimFact;
}
