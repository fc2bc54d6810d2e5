import type { AccountStanding, StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { AccountsFact } from "./events.ts";

/** A metering point at some moment of the chain; `deviceKey` is null while it is revoked. */
export type MeterState = {
  readonly account: number;
  readonly areaId: number;
  readonly deviceKey: Address | null;
};

/** Who takes part, who signs and which device measures, after the events so far (R2.19, R5.10). */
export type RegistryState = {
  /** Takes in a fact of the registry; passes over all others, and over what is said of accounts that nobody registered. */
  apply(fact: RegistryFact): void;
  accounts(): readonly number[];
  ownerOf(account: number): Address | null;
  /** The entity whose member the account is; 0 when it is none's. */
  entityOf(account: number): number;
  /** Whose signature an order of the account needs: its owner's, or its entity's while it is a member. */
  signerOf(account: number): Address | null;
  /** Everybody who signs for the account, or did at some time. */
  signersOf(account: number): ReadonlySet<Address>;
  /** How an account stands in an area; tradable is who is verified, and metered there. */
  standingOf(areaId: number, account: number): AccountStanding;
  meterIdOf(account: number): Hex | null;
  meterOf(meterId: Hex): MeterState | undefined;
  /** Accounts with a metering point in the area. */
  meteredIn(areaId: number): readonly number[];
};

/** A fact of the registry, or another of the accounts, which says nothing about it. */
export type RegistryFact = AccountsFact;

/** A fact of the registry at its place on the chain. */
export type RegistryEvent = RegistryFact & { readonly block: number; readonly logIndex: number };

type Participant = {
  readonly owner: Address;
  readonly entity: number;
  readonly isVerified: boolean;
  readonly meterId: Hex | null;
  /** Its owner, and every entity that signed for it. */
  readonly signers: Set<Address>;
};

const NOBODY: ReadonlySet<Address> = new Set();

/** The registry at a place on the chain, before what stands there; `events` are in the order of the chain. */
export function registryAt(
  events: readonly RegistryEvent[],
  place: { readonly block: number; readonly logIndex: number },
): RegistryState {
  const state = createRegistryState();
  for (const event of events) {
    const isLater = event.block - place.block || event.logIndex - place.logIndex;
    if (isLater >= 0) break;
    state.apply(event);
  }
  return state;
}

/** How an account stood in an area, with everybody else who signed for it before. */
export function standingWithFormer(
  state: RegistryState,
  areaId: number,
  account: number,
): StandingWithFormer {
  const standing = state.standingOf(areaId, account);
  const formerSigners = [...state.signersOf(account)].filter((signer) => signer !== standing.signer);
  return { ...standing, formerSigners };
}

/** A registry in which nobody is registered yet. */
export function createRegistryState(): RegistryState {
  const participants = new Map<number, Participant>();
  const meters = new Map<Hex, MeterState>();
  const change = (account: number, changes: Partial<Participant>) => {
    const participant = participants.get(account);
    if (participant) participants.set(account, { ...participant, ...changes });
  };
  const signerOf = (account: number) => {
    const participant = participants.get(account);
    if (!participant) return null;
    return participants.get(participant.entity)?.owner ?? participant.owner;
  };
  const isTradable = (areaId: number, participant: Participant | undefined) => {
    if (!participant?.isVerified || participant.meterId === null) return false;
    return meters.get(participant.meterId)?.areaId === areaId;
  };
  const setKey = (meterId: Hex, deviceKey: Address | null) => {
    const meter = meters.get(meterId);
    if (meter) meters.set(meterId, { ...meter, deviceKey });
  };
  const join = (account: number, entity: number) => {
    const owner = participants.get(entity)?.owner;
    if (owner) participants.get(account)?.signers.add(owner);
    change(account, { entity });
  };

  return {
    apply(fact) {
      if (fact.kind === "participantRegistered")
        participants.set(fact.account, newParticipant(fact.participant));
      else if (fact.kind === "participantSuspended") change(fact.account, { isVerified: false });
      else if (fact.kind === "participantReinstated") change(fact.account, { isVerified: true });
      else if (fact.kind === "entityJoined") join(fact.account, fact.entity);
      else if (fact.kind === "entityLeft") change(fact.account, { entity: 0 });
      else if (fact.kind === "meterEnrolled") {
        const { meterId, account, areaId, deviceKey } = fact;
        meters.set(meterId, { account, areaId, deviceKey });
        change(account, { meterId });
      } else if (fact.kind === "meterRetired") {
        const meter = meters.get(fact.meterId);
        meters.delete(fact.meterId);
        if (meter) change(meter.account, { meterId: null });
      } else if (fact.kind === "deviceKeyRotated") setKey(fact.meterId, fact.deviceKey);
      else if (fact.kind === "deviceKeyRevoked") setKey(fact.meterId, null);
    },
    accounts: () => [...participants.keys()],
    ownerOf: (account) => participants.get(account)?.owner ?? null,
    entityOf: (account) => participants.get(account)?.entity ?? 0,
    signerOf,
    signersOf: (account) => participants.get(account)?.signers ?? NOBODY,
    standingOf: (areaId, account) => ({
      signer: signerOf(account),
      isTradable: isTradable(areaId, participants.get(account)),
    }),
    meterIdOf: (account) => participants.get(account)?.meterId ?? null,
    meterOf: (meterId) => meters.get(meterId),
    meteredIn: (areaId) => [...meters.values()].filter((m) => m.areaId === areaId).map((m) => m.account),
  };
}

function newParticipant(owner: Address): Participant {
  return { owner, entity: 0, isVerified: true, meterId: null, signers: new Set([owner]) };
}
