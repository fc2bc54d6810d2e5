import { beforeEach, describe, expect, it } from "vitest";
import type { RegistryFact } from "#domains/accounts/events.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import { createMemberships, type MembershipEvent, type MembershipFact, membershipsAt } from "./areaState.ts";
import type { AreaFact } from "./events.ts";

const [OPERATOR, GATEWAY, ANNA, AGENT, DEVICE, NEXT_DEVICE] = [1, 2, 3, 4, 5, 6].map(testAddress) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];
const METER: Hex = toHex(wordOf(1));
const OTHER_METER: Hex = toHex(wordOf(2));
const CLOSES_AT = 50_000;

type Unnamed<F> = F extends RegistryFact | AreaFact ? Omit<F, "contract"> : never;
type Fact = Unnamed<RegistryFact | AreaFact>;

let state: ReturnType<typeof createMemberships>;

const REGISTRY_KINDS: readonly string[] = [
  "participantRegistered",
  "participantSuspended",
  "signerAnnounced",
] satisfies RegistryFact["kind"][];

function placed(fact: Fact, timestamp: number): MembershipFact {
  const contract = REGISTRY_KINDS.includes(fact.kind) ? "registry" : "areaRegistry";
  return { contract, ...fact, timestamp } as MembershipFact;
}

function at(timestamp: number, ...facts: Fact[]): void {
  for (const fact of facts) state.apply(placed(fact, timestamp));
}

const enrolled = (member: number, meterId = METER, deviceKey = DEVICE): Fact[] => [
  { kind: "memberAdded", areaId: 1, member, account: 4 },
  { kind: "meterEnrolled", areaId: 1, member, meterId, capacityW: 17_250, deviceKey, certificateNumber: 1n },
];

beforeEach(() => {
  state = createMemberships();
  const setup = {
    intervalSeconds: 900,
    waitingSeconds: 86_400,
    gateway: GATEWAY,
    supplier: 1,
    dso: 2,
    fund: 3,
  };
  at(
    0,
    ...[1, 2, 3, 4].map((account): Fact => {
      const owner = account === 4 ? ANNA : testAddress(10 + account);
      return { kind: "participantRegistered", account, owner, kycHash: "0x" };
    }),
    { kind: "areaOpened", areaId: 1, operator: OPERATOR, setup },
    ...[1, 2, 3].map((account): Fact => ({ kind: "memberAdded", areaId: 1, member: account, account })),
  );
});

const standing = (member: number, closesAt = CLOSES_AT) =>
  state.areas.standingOf({ areaId: 1, member, closesAt });

describe("an area", () => {
  it("has its parties as its first members, and those that came later in their place", () => {
    expect(state.areas.areaOf(1)).toMatchObject({ supplier: 1, dso: 2, fund: 3, lastMember: 3 });
    at(
      1,
      { kind: "memberAdded", areaId: 1, member: 4, account: 4 },
      { kind: "supplierChanged", areaId: 1, member: 4 },
      { kind: "gatewayChanged", areaId: 1, gateway: AGENT },
      { kind: "operatorChanged", areaId: 1, operator: ANNA },
    );
    const changed = { supplier: 4, dso: 2, gateway: AGENT, operator: ANNA, lastMember: 4 };
    expect(state.areas.areaOf(1)).toMatchObject(changed);
    expect(state.areas.memberOf({ areaId: 1, member: 1 })?.account).toBe(1);
  });

  it("that was not opened is none", () => {
    expect(state.areas.areaOf(2)).toBeNull();
    expect(state.areas.memberOf({ areaId: 2, member: 1 })).toBeNull();
    expect(state.areas.standingOf({ areaId: 2, member: 1, closesAt: CLOSES_AT }).isTradable).toBe(false);
  });
});

describe("how a member stands", () => {
  it("is tradable with a meter, within its capacity, by its account's signer", () => {
    at(1_000, ...enrolled(4));
    expect(standing(4)).toEqual({ signer: ANNA, isTradable: true, capacityW: 17_250 });
  });

  it("is not tradable as a party of the area, which has no meter", () => {
    expect(standing(1)).toMatchObject({ isTradable: false, capacityW: 0 });
  });

  it("follows the signer around the gate, and knows who signed before", () => {
    at(1_000, ...enrolled(4), { kind: "signerAnnounced", account: 4, signer: AGENT, effectiveAt: CLOSES_AT });
    expect(standing(4, CLOSES_AT - 1).signer).toBe(ANNA);
    expect(standing(4).signer).toBe(AGENT);
    const gate = { areaId: 1, member: 4, closesAt: CLOSES_AT };
    expect(state.areas.standingWithFormer(gate).formerSigners).toEqual([ANNA]);
  });

  it("is each member's own where an account has two", () => {
    at(1_000, ...enrolled(4), ...enrolled(5, OTHER_METER, NEXT_DEVICE));
    at(2_000, { kind: "capacityChanged", meterId: OTHER_METER, capacityW: 1_000 });
    expect([standing(4), standing(5)]).toMatchObject([
      { signer: ANNA, capacityW: 17_250 },
      { signer: ANNA, capacityW: 1_000 },
    ]);
    at(3_000, { kind: "meterRetired", meterId: METER, areaId: 1, member: 4 });
    expect([standing(4).isTradable, standing(5).isTradable]).toEqual([false, true]);
    expect(state.areas.meteredIn(1)).toEqual([5]);
  });

  it("is not tradable while its account is suspended", () => {
    at(1_000, ...enrolled(4), { kind: "participantSuspended", account: 4 });
    expect(standing(4)).toEqual({ signer: null, isTradable: false, capacityW: 17_250 });
  });
});

describe("a metering point", () => {
  const keyAt = (time: number, meterId = METER) => state.areas.meterAt(meterId, time)?.deviceKey;

  it("has at each time the key that was in force then", () => {
    at(1_000, ...enrolled(4));
    at(2_000, { kind: "deviceKeyRotated", meterId: METER, deviceKey: NEXT_DEVICE, certificateNumber: 2n });
    expect([999, 1_000, 1_999, 2_000].map((time) => keyAt(time))).toEqual([
      undefined,
      DEVICE,
      DEVICE,
      NEXT_DEVICE,
    ]);
    expect(state.areas.certificateOf(METER)).toBe(2n);
  });

  it("has no key from its revocation on, nor has any other with the same key", () => {
    at(1_000, ...enrolled(4), ...enrolled(5, OTHER_METER, DEVICE));
    at(2_000, { kind: "deviceKeyRevoked", meterId: METER, deviceKey: DEVICE });
    expect([1_999, 2_000].map((time) => keyAt(time))).toEqual([DEVICE, null]);
    expect([1_999, 2_000].map((time) => keyAt(time, OTHER_METER))).toEqual([DEVICE, null]);
  });

  it("is where it was enrolled at the time, and nowhere when it is retired", () => {
    at(1_000, ...enrolled(4));
    at(2_000, { kind: "meterRetired", meterId: METER, areaId: 1, member: 4 });
    at(3_000, ...enrolled(5));
    const memberAt = (time: number) => state.areas.meterAt(METER, time)?.member;
    expect([1_000, 2_000, 2_999, 3_000].map(memberAt)).toEqual([4, undefined, undefined, 5]);
  });
});

it("memberships at a place are those before what stands there", () => {
  const facts: Fact[] = [
    { kind: "participantRegistered", account: 1, owner: ANNA, kycHash: "0x" },
    { kind: "signerAnnounced", account: 1, signer: AGENT, effectiveAt: 0 },
    { kind: "signerAnnounced", account: 1, signer: DEVICE, effectiveAt: 10 },
  ];
  const places = [
    { block: 1, logIndex: 0 },
    { block: 1, logIndex: 3 },
    { block: 2, logIndex: 0 },
  ];
  const events = facts.map((fact, i) => ({ ...placed(fact, 0), ...places[i] }) as MembershipEvent);
  const signerAt = (block: number, logIndex: number) =>
    membershipsAt(events, { block, logIndex }).registry.signerAt(1, 10);
  expect([signerAt(1, 0), signerAt(1, 3), signerAt(2, 0), signerAt(3, 0)]).toEqual([
    null,
    ANNA,
    AGENT,
    DEVICE,
  ]);
});
