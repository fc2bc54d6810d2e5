import type { MeteringEvent } from "#domains/metering/events.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { PAGE_MEMBERS, pageOf } from "#domains/metering/rules/readingTree.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";
import { createIntervalSets } from "./intervalBytes.ts";

type Page = IntervalPlace & { readonly page: number };

/** A page claimed by a market: the members that it settles, and those of them whose energy was claimed whole before. */
export type PageClaim = { readonly members: bigint; readonly taken: bigint };

/** What markets and programmes claimed of the readings (R8.30, R8.31); members as bit n % 256 of a page. */
export type Claims = {
  admit(event: MeteringEvent<"claimantAdmitted">): void;
  claimPage(event: MeteringEvent<"pageClaimed">): void;
  claimReading(event: MeteringEvent<"readingClaimed">): void;
  /** The claim of a page in this transaction; null when there is none. */
  claimIn(transaction: Hex, page: Page): PageClaim | null;
  /** Exported energy of a member that single claims took for sold energy, Wh. */
  claimedWh(place: IntervalPlace & { readonly member: number }): bigint;
};

/**
 * Keeps of each page for good whose energy is claimed, 32 bytes an interval; and of single claims, which are few, their sum.
 * Only admitted claimants claim; a page is never refused for what others claimed, a single claim is where a market has all.
 */
export function createClaims(): Claims {
  const claimants = new Set<string>();
  const taken = createIntervalSets();
  const single = new Map<string, bigint>();
  let now: { readonly transaction: Hex; readonly claims: Map<string, PageClaim> } = {
    transaction: "0x",
    claims: new Map(),
  };
  const requireClaimant = (
    event: MeteringEvent<"pageClaimed" | "readingClaimed">,
    purpose: number,
    claimant: Address,
  ) => {
    if (claimants.has(`${purpose}/${claimant}`)) return;
    refuseInterval(event, "claim", `${claimant} claims readings for purpose ${purpose} and was not admitted`);
  };
  return {
    admit: ({ claimPurpose, claimant }) => void claimants.add(`${claimPurpose}/${claimant}`),
    claimPage(event) {
      const { areaId, intervalId, page, members, claimant, transactionHash } = event;
      requireClaimant(event, ENERGY_PURPOSE, claimant);
      const key = `${areaId}/${page}`;
      const before = taken.get(key, intervalId);
      taken.add(key, intervalId, members);
      if (now.transaction !== transactionHash) now = { transaction: transactionHash, claims: new Map() };
      now.claims.set(pageKey(event), { members, taken: before & members });
    },
    claimReading(event) {
      const { areaId, intervalId, member, claimPurpose, claimant, energyWh } = event;
      requireClaimant(event, claimPurpose, claimant);
      if (claimPurpose !== ENERGY_PURPOSE) return;
      const isTaken =
        (taken.get(`${areaId}/${pageOf(member)}`, intervalId) >> BigInt(member % PAGE_MEMBERS)) & 1n;
      if (isTaken === 1n)
        refuseInterval(event, "claim", `energy of member ${member} is claimed, of which a market has all`, {
          member,
        });
      const key = memberKey(event);
      single.set(key, (single.get(key) ?? 0n) + energyWh);
    },
    claimIn: (transaction, page) =>
      now.transaction === transaction ? (now.claims.get(pageKey(page)) ?? null) : null,
    claimedWh: (place) => single.get(memberKey(place)) ?? 0n,
  };
}

function pageKey({ areaId, intervalId, page }: Page): string {
  return `${areaId}/${intervalId}/${page}`;
}

function memberKey({ areaId, intervalId, member }: IntervalPlace & { readonly member: number }): string {
  return `${areaId}/${intervalId}/${member}`;
}
