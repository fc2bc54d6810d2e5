import type { Address } from "#kernel/crypto/hex.ts";
import type { RegistryFact } from "./events.ts";

/** What counts for gates that close at `from` (unix seconds) or later, until the next. */
export type Step<Value> = { readonly from: number; readonly value: Value };

/**
 * An account after the events so far.
 *
 * @property signers who signs for the account itself, step by step; null is its owner of the moment
 * @property entities whose member the account is, step by step; 0 for none's
 * @property namedOwner the next owner that the present one named, and that has not accepted
 * @property recovery the owner that the registrar proposed, and when it can take over, unix seconds
 * @property requestedEntity the entity that the account asked to sign for it; 0 for none
 */
export type Participant = {
  readonly owner: Address;
  readonly isVerified: boolean;
  readonly isEntity: boolean;
  readonly signers: readonly Step<Address | null>[];
  readonly entities: readonly Step<number>[];
  readonly namedOwner: Address | null;
  readonly recovery: { readonly owner: Address; readonly takeableAt: number } | null;
  readonly requestedEntity: number;
};

/** Who takes part and who signs, after the events so far (R2.19, R5.10). */
export type RegistryState = {
  /** Takes in a fact of the registry; passes over what is said of accounts that nobody registered. */
  apply(fact: RegistryFact): void;
  accounts(): readonly number[];
  participantOf(account: number): Participant | null;
  ownerOf(account: number): Address | null;
  /** The account that an address owns; null when it owns none. */
  accountOf(owner: Address): number | null;
  /** The entity whose member the account is for a gate; 0 when it is none's. */
  entityAt(account: number, closesAt: number): number;
  /**
   * Whose signature an order of the account needs when its gate closes at `closesAt` (unix seconds): its agent's, its owner's,
   * or its entity's while it is a member. Null when nobody may sign, for want of standing now.
   */
  signerAt(account: number, closesAt: number): Address | null;
  /** Everybody who signs for the account at some gate, or did. */
  signersOf(account: number): ReadonlySet<Address>;
};

/** A registry in which nobody is registered yet. */
export function createRegistryState(): RegistryState {
  const participants = new Map<number, Participant>();
  const accountOf = new Map<Address, number>();
  const ownerOf = (account: number) => participants.get(account)?.owner ?? null;
  const entityAt = (account: number, closesAt: number) => {
    const participant = participants.get(account);
    return participant ? valueAt(participant.entities, closesAt) : 0;
  };
  return {
    apply(fact) {
      if (!("account" in fact)) return;
      const { account } = fact;
      if (fact.kind === "participantRegistered") participants.set(account, newParticipant(fact.owner));
      const participant = participants.get(account);
      if (!participant) return;
      participants.set(account, { ...participant, ...changeOf(fact, participant) });
      if (fact.kind === "ownerChanged") accountOf.delete(participant.owner);
      if (fact.kind === "ownerChanged" || fact.kind === "participantRegistered")
        accountOf.set(fact.owner, account);
    },
    accounts: () => [...participants.keys()],
    participantOf: (account) => participants.get(account) ?? null,
    ownerOf,
    accountOf: (owner) => accountOf.get(owner) ?? null,
    entityAt,
    signerAt(account, closesAt) {
      const participant = participants.get(account);
      if (!participant?.isVerified) return null;
      const entity = entityAt(account, closesAt);
      if (entity === 0) return ownSignerAt(participant, closesAt);
      const signatory = participants.get(entity);
      return signatory?.isEntity && signatory.isVerified ? ownSignerAt(signatory, closesAt) : null;
    },
    signersOf: (account) => signersOf(participants, account),
  };
}

function newParticipant(owner: Address): Participant {
  return {
    owner,
    isVerified: true,
    isEntity: false,
    signers: [{ from: 0, value: null }],
    entities: [{ from: 0, value: 0 }],
    namedOwner: null,
    recovery: null,
    requestedEntity: 0,
  };
}

function changeOf(fact: RegistryFact, participant: Participant): Partial<Participant> {
  const { owner: former, signers, entities } = participant;
  switch (fact.kind) {
    case "participantSuspended":
      return { isVerified: false };
    case "participantReinstated":
      return { isVerified: true };
    case "signerAnnounced":
      return { signers: [...signers, { from: fact.effectiveAt, value: fact.signer }] };
    case "ownerNamed":
      return { namedOwner: fact.owner === NOBODY ? null : fact.owner };
    case "ownerChanged": {
      // Where the former owner signed it goes on to do so, until another signer is announced.
      const kept = signers.map(({ from, value }) => ({ from, value: value ?? former }));
      return { owner: fact.owner, signers: kept, namedOwner: null, recovery: null };
    }
    case "recoveryProposed":
      return { recovery: { owner: fact.owner, takeableAt: fact.takeableAt } };
    case "recoveryRefused":
      return { recovery: null };
    case "entitySet":
      return { isEntity: fact.isEntity };
    case "entityRequested":
      return { requestedEntity: fact.entity };
    case "entityJoined":
      return {
        requestedEntity: 0,
        entities: [...entities, { from: fact.effectiveAt, value: fact.entity }],
      };
    case "entityLeft":
      return { entities: [...entities, { from: fact.effectiveAt, value: 0 }] };
    default:
      return {};
  }
}

const NOBODY: Address = `0x${"0".repeat(40)}`;

/** What counts at `time`; the first step counts from the beginning. */
function valueAt<Value>(steps: readonly Step<Value>[], time: number): Value {
  const step = steps.findLast(({ from }) => from <= time) ?? steps[0];
  return (step as Step<Value>).value;
}

function ownSignerAt({ owner, signers }: Participant, closesAt: number): Address {
  return valueAt(signers, closesAt) ?? owner;
}

function signersOf(participants: ReadonlyMap<number, Participant>, account: number): ReadonlySet<Address> {
  const participant = participants.get(account);
  if (!participant) return new Set();
  return new Set(
    spansOf(participant.entities).flatMap(({ value: entity, ...span }) => {
      const signatory = entity === 0 ? participant : participants.get(entity);
      return signatory ? signersWithin(signatory, span) : [];
    }),
  );
}

type Span = { readonly from: number; readonly until: number };

/** Who signs for gates of a span; nobody signs in place of a member but its entity. */
function signersWithin({ owner, signers }: Participant, { from, until }: Span): Address[] {
  return spansOf(signers)
    .filter((span) => span.from < until && span.until > from)
    .map(({ value }) => value ?? owner);
}

function spansOf<Value>(steps: readonly Step<Value>[]): (Span & { readonly value: Value })[] {
  return steps.map(({ from, value }, i) => ({ from, until: steps[i + 1]?.from ?? Infinity, value }));
}
