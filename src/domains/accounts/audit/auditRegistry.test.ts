import { beforeEach, describe, expect, it } from "vitest";
import type { AccountsEvent, RegistryFact } from "#domains/accounts/events.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import { DEPLOYMENT, TEST_PLACE, testAddress } from "#platform/chain/deployment.fixture.ts";
import { type RegistryReplay, replayRegistry } from "./auditRegistry.ts";

const [ANNA, BEN, COOP, AGENT] = [1, 2, 3, 4].map(testAddress) as [Address, Address, Address, Address];
const NOBODY = testAddress(0);
const [HOME, ENTITY] = [1, 2];
const START = 100_000;
const HOUR = 3_600;
const RECOVERY = 14 * 86_400;

type Unnamed<F> = F extends RegistryFact ? Omit<F, "contract"> : never;
type Fact = Unnamed<RegistryFact>;

let replay: RegistryReplay;
let counts: Counts;

/** Replays facts of one transaction; gives the rule that one of them breaks. */
function at(timestamp: number, ...facts: Fact[]): string | null {
  try {
    for (const fact of facts)
      replay.apply({ contract: "registry", ...fact, ...TEST_PLACE, timestamp } as AccountsEvent);
    replay.closeTransaction?.();
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy.rule;
    throw error;
  }
}

const announce = (signer: Address, effectiveAt: number): Fact => ({
  kind: "signerAnnounced",
  account: HOME,
  signer,
  effectiveAt,
});
const changed = (owner: Address): Fact => ({ kind: "ownerChanged", account: HOME, owner });

beforeEach(() => {
  counts = {};
  replay = replayRegistry({ counts, deployment: DEPLOYMENT });
  at(
    START,
    { kind: "participantRegistered", account: HOME, owner: ANNA, kycHash: "0x" },
    { kind: "participantRegistered", account: ENTITY, owner: COOP, kycHash: "0x" },
    { kind: "entitySet", account: ENTITY, isEntity: true },
  );
});

describe("accounts", () => {
  it("are numbered without gaps, with one owner each", () => {
    expect(counts).toEqual({ "accounts.registered": 2 });
    const registered = (account: number, owner: Address): Fact => ({
      kind: "participantRegistered",
      account,
      owner,
      kycHash: "0x",
    });
    expect(at(START, registered(4, BEN))).toBe("accountNumber");
    expect(at(START, registered(3, ANNA))).toBe("ownerTwice");
    expect(at(START, registered(3, BEN))).toBeNull();
  });

  it("are registered before anything is said of them", () => {
    expect(at(START, { kind: "participantSuspended", account: 9 })).toBe("unknownAccount");
    expect(at(START, { kind: "entityRequested", account: 9, entity: ENTITY })).toBe("unknownAccount");
  });

  it("have their seats told by one contract, for ever", () => {
    const memberships = DEPLOYMENT.contracts.areaRegistry;
    expect(at(START, { kind: "membershipsSet", memberships })).toBeNull();
    expect(at(START, { kind: "membershipsSet", memberships })).toBe("memberships");
    replay = replayRegistry({ counts, deployment: DEPLOYMENT });
    expect(at(START, { kind: "membershipsSet", memberships: BEN })).toBe("memberships");
  });
});

describe("a change of signer", () => {
  it("counts after its notice", () => {
    expect(at(START, announce(AGENT, START + HOUR))).toBeNull();
    expect(replay.signerAt(HOME, START + HOUR - 1)).toBe(ANNA);
    expect(replay.signerAt(HOME, START + HOUR)).toBe(AGENT);
  });

  it.each([START, START + HOUR - 1, START + HOUR + 1])("with another notice is none: %s", (effectiveAt) => {
    expect(at(START, announce(AGENT, effectiveAt))).toBe("signerNotice");
  });

  it("waits until the one before has counted for an hour", () => {
    at(START, announce(AGENT, START + HOUR));
    const early = START + 2 * HOUR - 1;
    expect(at(early, announce(BEN, early + HOUR))).toBe("signerNotice");
    expect(at(early + 1, announce(BEN, early + 1 + HOUR))).toBeNull();
  });
});

describe("an owner", () => {
  it("is named by the one before, and accepts", () => {
    expect(at(START, changed(BEN), announce(BEN, START + HOUR))).toBe("ownerChange");
    expect(at(START, { kind: "ownerNamed", account: HOME, owner: BEN })).toBeNull();
    expect(at(START, changed(BEN), announce(BEN, START + HOUR))).toBeNull();
  });

  it("that another name took the place of does not take over", () => {
    at(START, { kind: "ownerNamed", account: HOME, owner: BEN });
    at(START, { kind: "ownerNamed", account: HOME, owner: NOBODY });
    expect(at(START, changed(BEN))).toBe("ownerChange");
  });

  it("signs after the notice where the former one signed", () => {
    at(START, { kind: "ownerNamed", account: HOME, owner: BEN });
    expect(at(START, changed(BEN))).toBe("signerNotice");
  });

  it("leaves the agent where an agent signs", () => {
    at(START, announce(AGENT, START + HOUR));
    at(START, { kind: "ownerNamed", account: HOME, owner: BEN });
    expect(at(START + 3 * HOUR, changed(BEN))).toBeNull();
    expect(replay.signerAt(HOME, START + 3 * HOUR)).toBe(AGENT);
  });

  it("owns no second account", () => {
    expect(at(START, { kind: "ownerNamed", account: HOME, owner: COOP })).toBe("ownerTwice");
  });

  it("is recovered after 14 days, unless it objected", () => {
    const takeableAt = START + RECOVERY;
    const proposed: Fact = { kind: "recoveryProposed", account: HOME, owner: BEN, takeableAt };
    expect(at(START, { ...proposed, takeableAt: takeableAt - 1 })).toBe("ownerChange");
    expect(at(START, proposed)).toBeNull();
    expect(at(takeableAt - 1, changed(BEN))).toBe("ownerChange");
    expect(at(takeableAt, changed(BEN), announce(BEN, takeableAt + HOUR))).toBeNull();
  });

  it("keeps its account when it objected", () => {
    const takeableAt = START + RECOVERY;
    at(START, { kind: "recoveryProposed", account: HOME, owner: BEN, takeableAt });
    expect(at(START, { kind: "recoveryRefused", account: HOME, owner: AGENT })).toBe("ownerChange");
    expect(at(START, { kind: "recoveryRefused", account: HOME, owner: BEN })).toBeNull();
    expect(at(takeableAt, changed(BEN))).toBe("ownerChange");
  });
});

describe("an entity", () => {
  const requested: Fact = { kind: "entityRequested", account: HOME, entity: ENTITY };
  const joined = (timestamp: number): Fact => ({
    kind: "entityJoined",
    account: HOME,
    entity: ENTITY,
    effectiveAt: timestamp + HOUR,
  });
  const left = (timestamp: number): Fact => ({
    kind: "entityLeft",
    account: HOME,
    entity: ENTITY,
    effectiveAt: timestamp + HOUR,
  });

  it("signs for who asked it, after the notice", () => {
    expect(at(START, joined(START))).toBe("membership");
    at(START, requested);
    expect(at(START, { ...joined(START), effectiveAt: START } as Fact)).toBe("signerNotice");
    expect(at(START, joined(START))).toBeNull();
    expect(replay.entityAt(HOME, START + HOUR)).toBe(ENTITY);
  });

  it("does not take the same request twice", () => {
    at(START, requested);
    at(START, joined(START));
    const later = START + 5 * HOUR;
    expect(at(later, left(later))).toBeNull();
    expect(at(later + 2 * HOUR, joined(later + 2 * HOUR))).toBe("membership");
  });

  it.each([
    ["without its flag", { kind: "entitySet", account: ENTITY, isEntity: false }],
    ["while it is suspended", { kind: "participantSuspended", account: ENTITY }],
  ] as const)("signs for nobody more %s", (_why, fact) => {
    at(START, requested);
    at(START, fact);
    expect(at(START, joined(START))).toBe("membership");
  });

  it("is not signed for itself, before and after", () => {
    at(START, requested);
    at(START, joined(START));
    const promoted: Fact = { kind: "entitySet", account: HOME, isEntity: true };
    expect(at(START, promoted)).toBe("membership");
    const later = START + 5 * HOUR;
    at(later, left(later));
    expect(at(later + 2 * HOUR - 1, promoted)).toBe("membership");
    expect(at(later + 2 * HOUR, promoted)).toBeNull();
  });

  it("is left by its members alone, after the notice", () => {
    expect(at(START, left(START))).toBe("membership");
    at(START, requested);
    at(START, joined(START));
    expect(at(START + HOUR, left(START + HOUR))).toBe("signerNotice");
    expect(at(START + 2 * HOUR, left(START + 2 * HOUR))).toBeNull();
  });
});
