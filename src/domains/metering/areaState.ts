import type { RegistryFact } from "#domains/accounts/events.ts";
import { createRegistryState, type RegistryState } from "#domains/accounts/registryState.ts";
import { type MemberPlace, seatOf } from "#domains/accounts/rules/seat.ts";
import type { MemberGate, MemberStanding, StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { Fact } from "#platform/chain/contractSpec.ts";
import { type AreaFact, FINAL_SECONDS } from "./events.ts";

/** An area after the events so far; supplier, DSO and fund are members of it. */
export type AreaRecord = {
  readonly areaId: number;
  readonly operator: Address;
  readonly gateway: Address;
  readonly intervalSeconds: number;
  readonly waitingSeconds: number;
  readonly finalSeconds: number;
  readonly supplier: number;
  readonly dso: number;
  readonly fund: number;
  readonly lastMember: number;
};

/** A member of an area. `meterId` stays when the meter is retired; `capacityW` is then 0, as of one that had none. */
export type MemberRecord = MemberPlace & {
  readonly account: number;
  readonly meterId: Hex | null;
  readonly capacityW: number;
};

/** Where and whose a metering point is, and the key of its device; null when it is revoked, at this meter or another. */
export type MeteringPoint = MemberPlace & { readonly account: number; readonly deviceKey: Address | null };

/** Areas, their members and their metering points, after the events so far. */
export type AreaState = {
  /** Takes in a fact of the registry of areas, with the time of its block, unix seconds. */
  apply(event: AreaFact & { readonly timestamp: number }): void;
  areas(): readonly AreaRecord[];
  areaOf(areaId: number): AreaRecord | null;
  members(): readonly MemberRecord[];
  memberOf(place: MemberPlace): MemberRecord | null;
  /** Members of an area that have a meter now, rising. */
  meteredIn(areaId: number): readonly number[];
  /**
   * A metering point as it stood at a time, unix seconds; null when it was enrolled nowhere. The key that signs a reading is
   * the one in force at the end of its interval.
   */
  meterAt(meterId: Hex, time: number): MeteringPoint | null;
  /** The number of the newest certificate of a meter; 0 before its first. */
  certificateOf(meterId: Hex): bigint;
  isRevoked(deviceKey: Address): boolean;
  standingOf(gate: MemberGate): MemberStanding;
  standingWithFormer(gate: MemberGate): StandingWithFormer;
};

/** Accounts and areas at some place on the chain. */
export type Memberships = { readonly registry: RegistryState; readonly areas: AreaState };

/** A fact of the registry of participants or of areas, with the time of its block, unix seconds. */
export type MembershipFact = (RegistryFact | AreaFact) & { readonly timestamp: number };

/** The same where it stands on the chain. */
export type MembershipEvent = MembershipFact & { readonly block: number; readonly logIndex: number };

/** Kinds of the facts that say who takes part, and where, by the contract that logs them. */
export const MEMBERSHIP_KINDS = {
  participantRegistered: "registry",
  participantSuspended: "registry",
  participantReinstated: "registry",
  signerAnnounced: "registry",
  ownerChanged: "registry",
  entitySet: "registry",
  entityJoined: "registry",
  entityLeft: "registry",
  areaOpened: "areaRegistry",
  operatorChanged: "areaRegistry",
  gatewayChanged: "areaRegistry",
  supplierChanged: "areaRegistry",
  dsoChanged: "areaRegistry",
  fundChanged: "areaRegistry",
  memberAdded: "areaRegistry",
  meterEnrolled: "areaRegistry",
  meterRetired: "areaRegistry",
  capacityChanged: "areaRegistry",
  deviceKeyRotated: "areaRegistry",
  deviceKeyRevoked: "areaRegistry",
} as const satisfies Partial<
  Record<(RegistryFact | AreaFact)["kind"], (RegistryFact | AreaFact)["contract"]>
>;

/** Whether a fact tells who takes part, and where. */
export function isMembershipFact(fact: Fact): fact is RegistryFact | AreaFact {
  return fact.contract === "registry" || fact.contract === "areaRegistry";
}

/** Accounts and areas before anything happened; `apply` takes events in the order of the chain. */
export function createMemberships(): Memberships & { apply(event: MembershipFact): void } {
  const registry = createRegistryState();
  const areas = createAreaState(registry);
  return {
    registry,
    areas,
    apply(event) {
      if (event.contract === "registry") registry.apply(event);
      else areas.apply(event);
    },
  };
}

/** Accounts and areas at a place on the chain, before what stands there; `events` are in the order of the chain. */
export function membershipsAt(
  events: readonly MembershipEvent[],
  place: { readonly block: number; readonly logIndex: number },
): Memberships {
  const state = createMemberships();
  for (const event of events) {
    const isLater = event.block - place.block || event.logIndex - place.logIndex;
    if (isLater >= 0) break;
    state.apply(event);
  }
  return state;
}

type MeterStep = { readonly from: number; readonly point: MeteringPoint | null };

type Records = {
  readonly areas: Map<number, AreaRecord>;
  readonly members: Map<number, MemberRecord>;
  readonly meters: Map<Hex, MeterStep[]>;
  readonly certificates: Map<Hex, bigint>;
  /** When a key was revoked, unix seconds. */
  readonly revokedAt: Map<Address, number>;
};

/** No area yet; `registry` says who signs for the members' accounts. */
export function createAreaState(registry: Pick<RegistryState, "signerAt" | "signersOf">): AreaState {
  const records: Records = {
    areas: new Map(),
    members: new Map(),
    meters: new Map(),
    certificates: new Map(),
    revokedAt: new Map(),
  };
  const { areas, members } = records;
  const memberOf = (place: MemberPlace) => members.get(seatOf(place)) ?? null;
  const standingOf = (gate: MemberGate): MemberStanding => {
    const { account = 0, capacityW = 0 } = memberOf(gate) ?? {};
    const signer = registry.signerAt(account, gate.closesAt);
    return { signer, isTradable: signer !== null && capacityW > 0, capacityW };
  };
  return {
    apply: (event) => apply(records, event),
    areas: () => [...areas.values()],
    areaOf: (areaId) => areas.get(areaId) ?? null,
    members: () => [...members.values()],
    memberOf,
    meteredIn: (areaId) =>
      [...members.values()]
        .filter((member) => member.areaId === areaId && member.capacityW > 0)
        .map(({ member }) => member),
    meterAt: (meterId, time) => meterAt(records, meterId, time),
    certificateOf: (meterId) => records.certificates.get(meterId) ?? 0n,
    isRevoked: (deviceKey) => records.revokedAt.has(deviceKey),
    standingOf,
    standingWithFormer(gate) {
      const standing = standingOf(gate);
      const signers = [...registry.signersOf(memberOf(gate)?.account ?? 0)];
      return { ...standing, formerSigners: signers.filter((signer) => signer !== standing.signer) };
    },
  };
}

function apply(records: Records, event: AreaFact & { readonly timestamp: number }): void {
  if (event.kind === "areaOpened") openArea(records, event);
  else if (event.kind === "memberAdded") addMember(records, event);
  else if ("meterId" in event) applyMeter(records, event);
  else changeArea(records, event.areaId, changeOf(event));
}

function changeOf(fact: Exclude<AreaFact, MeterFact | AreaFact<"areaOpened" | "memberAdded">>) {
  switch (fact.kind) {
    case "operatorChanged":
      return { operator: fact.operator };
    case "gatewayChanged":
      return { gateway: fact.gateway };
    case "supplierChanged":
      return { supplier: fact.member };
    case "dsoChanged":
      return { dso: fact.member };
    case "fundChanged":
      return { fund: fact.member };
    case "operatorNamed":
      return {};
  }
}

/** The members of its parties are added after it, in this order. */
function openArea({ areas }: Records, { areaId, operator, setup }: AreaFact<"areaOpened">): void {
  const { gateway, intervalSeconds, waitingSeconds, finalSeconds = FINAL_SECONDS } = setup;
  const parties = { supplier: 1, dso: 2, fund: 3, lastMember: 0 };
  const times = { intervalSeconds, waitingSeconds, finalSeconds };
  areas.set(areaId, { areaId, operator, gateway, ...times, ...parties });
}

function addMember(records: Records, fact: AreaFact<"memberAdded">): void {
  const { areaId, member, account } = fact;
  records.members.set(seatOf(fact), { areaId, member, account, meterId: null, capacityW: 0 });
  changeArea(records, areaId, { lastMember: member });
}

function changeArea({ areas }: Records, areaId: number, changes: Partial<AreaRecord>): void {
  const area = areas.get(areaId);
  if (area) areas.set(areaId, { ...area, ...changes });
}

type MeterFact = AreaFact<
  "meterEnrolled" | "meterRetired" | "capacityChanged" | "deviceKeyRotated" | "deviceKeyRevoked"
>;

function applyMeter(records: Records, event: MeterFact & { readonly timestamp: number }): void {
  const { meterId, timestamp } = event;
  const { meters, certificates, revokedAt } = records;
  const steps = meters.get(meterId) ?? [];
  const now = steps.at(-1)?.point ?? null;
  const setPoint = (point: MeteringPoint | null) =>
    meters.set(meterId, [...steps, { from: timestamp, point }]);
  if (event.kind === "meterEnrolled") {
    const { areaId, member, deviceKey, capacityW } = event;
    const account = records.members.get(seatOf(event))?.account ?? 0;
    setPoint({ areaId, member, account, deviceKey });
    changeMember(records, event, { meterId, capacityW });
  } else if (event.kind === "meterRetired") {
    setPoint(null);
    changeMember(records, event, { capacityW: 0 });
  } else if (event.kind === "capacityChanged") {
    if (now) changeMember(records, now, { capacityW: event.capacityW });
  } else if (event.kind === "deviceKeyRotated") {
    if (now) setPoint({ ...now, deviceKey: event.deviceKey });
  } else {
    revokedAt.set(event.deviceKey, revokedAt.get(event.deviceKey) ?? timestamp);
    if (now) setPoint({ ...now, deviceKey: null });
  }
  if ("certificateNumber" in event) certificates.set(meterId, event.certificateNumber);
}

function changeMember({ members }: Records, place: MemberPlace, changes: Partial<MemberRecord>): void {
  const member = members.get(seatOf(place));
  if (member) members.set(seatOf(place), { ...member, ...changes });
}

function meterAt({ meters, revokedAt }: Records, meterId: Hex, time: number): MeteringPoint | null {
  const point = meters.get(meterId)?.findLast(({ from }) => from <= time)?.point;
  if (!point) return null;
  const isDead = point.deviceKey !== null && (revokedAt.get(point.deviceKey) ?? Infinity) <= time;
  return isDead ? { ...point, deviceKey: null } : point;
}
