import { beforeEach, describe, expect, it } from "vitest";
import type { Address } from "#kernel/crypto/hex.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import type { RegistryFact } from "./events.ts";
import { createRegistryState, type RegistryState } from "./registryState.ts";

const [ANNA, BEN, AGENT, NEXT_AGENT, COOP, COOP_AGENT] = [1, 2, 3, 4, 5, 6].map(testAddress) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];
const [HOME, ENTITY] = [1, 2];
/** The notice of a change that was announced at second 1,000. */
const FROM = 4_600;

type Unnamed<F> = F extends RegistryFact ? Omit<F, "contract"> : never;

let state: RegistryState;
const apply = (...facts: Unnamed<RegistryFact>[]) => {
  for (const fact of facts) state.apply({ contract: "registry", ...fact } as RegistryFact);
};

beforeEach(() => {
  state = createRegistryState();
  apply(
    { kind: "participantRegistered", account: HOME, owner: ANNA, kycHash: "0x" },
    { kind: "participantRegistered", account: ENTITY, owner: COOP, kycHash: "0x" },
    { kind: "entitySet", account: ENTITY, isEntity: true },
  );
});

describe("the signer of an account", () => {
  it("is its owner, until an agent's notice is over", () => {
    apply({ kind: "signerAnnounced", account: HOME, signer: AGENT, effectiveAt: FROM });
    expect(state.signerAt(HOME, FROM - 1)).toBe(ANNA);
    expect(state.signerAt(HOME, FROM)).toBe(AGENT);
  });

  it("of a gate stays what it was when further changes are announced", () => {
    apply(
      { kind: "signerAnnounced", account: HOME, signer: AGENT, effectiveAt: FROM },
      { kind: "signerAnnounced", account: HOME, signer: NEXT_AGENT, effectiveAt: FROM + 3_600 },
    );
    expect([FROM - 1, FROM, FROM + 3_599, FROM + 3_600].map((at) => state.signerAt(HOME, at))).toEqual([
      ANNA,
      AGENT,
      AGENT,
      NEXT_AGENT,
    ]);
  });

  it("stays the former owner where that signed, until the new one is announced", () => {
    apply({ kind: "ownerChanged", account: HOME, owner: BEN });
    expect(state.ownerOf(HOME)).toBe(BEN);
    expect(state.signerAt(HOME, FROM)).toBe(ANNA);
    apply({ kind: "signerAnnounced", account: HOME, signer: BEN, effectiveAt: FROM });
    expect(state.signerAt(HOME, FROM - 1)).toBe(ANNA);
    expect(state.signerAt(HOME, FROM)).toBe(BEN);
  });

  it("stays its agent when the owner changes", () => {
    apply(
      { kind: "signerAnnounced", account: HOME, signer: AGENT, effectiveAt: FROM },
      { kind: "ownerChanged", account: HOME, owner: BEN },
    );
    expect(state.signerAt(HOME, FROM - 1)).toBe(ANNA);
    expect(state.signerAt(HOME, FROM)).toBe(AGENT);
  });

  it("is its entity's, from joining to leaving", () => {
    apply(
      { kind: "signerAnnounced", account: ENTITY, signer: COOP_AGENT, effectiveAt: 0 },
      { kind: "entityJoined", account: HOME, entity: ENTITY, effectiveAt: FROM },
      { kind: "entityLeft", account: HOME, entity: ENTITY, effectiveAt: FROM + 7_200 },
    );
    expect([FROM - 1, FROM, FROM + 7_199, FROM + 7_200].map((at) => state.signerAt(HOME, at))).toEqual([
      ANNA,
      COOP_AGENT,
      COOP_AGENT,
      ANNA,
    ]);
    expect(state.entityAt(HOME, FROM)).toBe(ENTITY);
    expect(state.entityAt(HOME, FROM - 1)).toBe(0);
  });

  it.each([
    ["the account is suspended", { kind: "participantSuspended", account: HOME }],
    ["its entity is suspended", { kind: "participantSuspended", account: ENTITY }],
    ["its entity may not sign any more", { kind: "entitySet", account: ENTITY, isEntity: false }],
  ] as const)("is nobody while %s", (_why, fact) => {
    apply({ kind: "entityJoined", account: HOME, entity: ENTITY, effectiveAt: FROM });
    expect(state.signerAt(HOME, FROM)).toBe(COOP);
    apply(fact);
    expect(state.signerAt(HOME, FROM)).toBeNull();
  });

  it("of an account that nobody registered is nobody", () => {
    expect(state.signerAt(7, FROM)).toBeNull();
    expect(state.ownerOf(7)).toBeNull();
  });
});

describe("everybody who signs for an account", () => {
  it("are its owners, its agents, and its entity's signers while it was a member", () => {
    apply(
      { kind: "entityJoined", account: HOME, entity: ENTITY, effectiveAt: FROM },
      { kind: "signerAnnounced", account: HOME, signer: AGENT, effectiveAt: FROM - 1_000 },
      { kind: "entityLeft", account: HOME, entity: ENTITY, effectiveAt: FROM + 7_200 },
      { kind: "signerAnnounced", account: ENTITY, signer: COOP_AGENT, effectiveAt: FROM + 7_200 },
      { kind: "signerAnnounced", account: HOME, signer: NEXT_AGENT, effectiveAt: FROM + 9_000 },
    );
    expect(state.signersOf(HOME)).toEqual(new Set([ANNA, AGENT, COOP, NEXT_AGENT]));
    expect(state.signersOf(ENTITY)).toEqual(new Set([COOP, COOP_AGENT]));
  });
});

describe("an owner", () => {
  it("owns one account, which it gives away with its address", () => {
    apply({ kind: "ownerChanged", account: HOME, owner: BEN });
    expect([ANNA, BEN, COOP].map(state.accountOf)).toEqual([null, HOME, ENTITY]);
  });

  it("takes over by a name or a recovery, and nothing of these is left", () => {
    apply(
      { kind: "ownerNamed", account: HOME, owner: BEN },
      { kind: "recoveryProposed", account: HOME, owner: AGENT, takeableAt: 9 },
    );
    expect(state.participantOf(HOME)).toMatchObject({
      namedOwner: BEN,
      recovery: { owner: AGENT, takeableAt: 9 },
    });
    apply({ kind: "ownerChanged", account: HOME, owner: BEN });
    expect(state.participantOf(HOME)).toMatchObject({ namedOwner: null, recovery: null });
  });
});
