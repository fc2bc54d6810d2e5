import type { AuditEvent } from "#chain/blockEvents.ts";
import type { ChainEvent } from "#chain/chainEvent.ts";
import type { Address, Hex } from "#evidence/hex.ts";
import type { AuditCounts } from "./auditCounts.ts";
import { type AuditRule, type DiscrepancySubject, discrepancyAt } from "./auditDiscrepancy.ts";

/** A metering point at some moment of the chain; `deviceKey` is null while it is revoked. */
export type AuditedMeter = {
  readonly account: number;
  readonly areaId: number;
  readonly deviceKey: Address | null;
};

/** Who takes part, who signs and which device measures, at the moment that the replay has reached (R2.19, R5.10). */
export type RegistryReplay = {
  /** Takes in events of the registry; passes over all others. */
  apply(event: AuditEvent): void;
  accounts(): readonly number[];
  ownerOf(account: number): Address | null;
  /** Whose signature an order of the account needs: its owner's, or its entity's while it is a member. */
  signerOf(account: number): Address | null;
  /** Whether the address signs for the account, or did at some time. */
  hasSignedFor(account: number, signer: Address): boolean;
  /** Verified, and metered in the area. */
  isTradable(areaId: number, account: number): boolean;
  meterOf(meterId: Hex): AuditedMeter | undefined;
  /** Accounts with a metering point in the area. */
  meteredIn(areaId: number): readonly number[];
};

type Participant = {
  owner: Address;
  entity: number;
  isVerified: boolean;
  meterId: Hex | null;
  /** Its owner, and every entity that signed for it. */
  readonly signers: Set<Address>;
};

/** Replays the registry from its events: accounts without gaps, one owner each, one metering point an account. */
export function replayRegistry(counts: AuditCounts): RegistryReplay {
  const participants = new Map<number, Participant>();
  const accountOf = new Map<Address, number>();
  const meters = new Map<Hex, AuditedMeter>();

  const known = (event: ChainEvent, account: number): Participant => {
    const participant = participants.get(account);
    if (participant) return participant;
    return refuse(event, "unknownAccount", `account ${account} is not registered`, { account });
  };
  const meter = (event: ChainEvent, meterId: Hex): AuditedMeter =>
    meters.get(meterId) ?? refuse(event, "unknownMeter", `metering point ${meterId} is not enrolled`, {});

  const register = (event: ChainEvent<"participantRegistered">) => {
    const { account, participant } = event;
    if (account !== participants.size + 1)
      refuse(event, "accountNumber", `account ${account} follows account ${participants.size}`, { account });
    const other = accountOf.get(participant);
    if (other !== undefined)
      refuse(event, "ownerTwice", `${participant} owns account ${other} already`, { account });
    const signers = new Set([participant]);
    participants.set(account, { owner: participant, entity: 0, isVerified: true, meterId: null, signers });
    accountOf.set(participant, account);
    counts.accounts += 1;
  };
  const join = (event: ChainEvent<"entityJoined">) => {
    const { account, entity } = event;
    const member = known(event, account);
    const joined = known(event, entity);
    const isFree = member.entity === 0 && account !== entity && joined.entity === 0;
    if (!isFree)
      refuse(event, "membership", `account ${account} can't become a member of account ${entity}`, {
        account,
      });
    member.entity = entity;
    member.signers.add(joined.owner);
  };
  const leave = (event: ChainEvent<"entityLeft">) => {
    const { account, entity } = event;
    const member = known(event, account);
    if (member.entity !== entity)
      refuse(event, "membership", `account ${account} is no member of account ${entity}`, { account });
    member.entity = 0;
  };
  const enrol = (event: ChainEvent<"meterEnrolled">) => {
    const { meterId, account, areaId, deviceKey } = event;
    const participant = known(event, account);
    if (meters.has(meterId) || participant.meterId !== null)
      refuse(event, "meterTwice", `account ${account} or metering point ${meterId} is metered already`, {
        account,
      });
    participant.meterId = meterId;
    meters.set(meterId, { account, areaId, deviceKey });
  };
  const retire = (event: ChainEvent<"meterRetired">) => {
    const { account } = meter(event, event.meterId);
    known(event, account).meterId = null;
    meters.delete(event.meterId);
  };
  const setKey = (event: ChainEvent<"deviceKeyRotated" | "deviceKeyRevoked">, deviceKey: Address | null) => {
    meters.set(event.meterId, { ...meter(event, event.meterId), deviceKey });
  };

  return {
    apply(event) {
      if (event.kind === "participantRegistered") register(event);
      else if (event.kind === "participantSuspended") known(event, event.account).isVerified = false;
      else if (event.kind === "participantReinstated") known(event, event.account).isVerified = true;
      else if (event.kind === "entityJoined") join(event);
      else if (event.kind === "entityLeft") leave(event);
      else if (event.kind === "meterEnrolled") enrol(event);
      else if (event.kind === "meterRetired") retire(event);
      else if (event.kind === "deviceKeyRotated") setKey(event, event.deviceKey);
      else if (event.kind === "deviceKeyRevoked") setKey(event, null);
    },
    accounts: () => [...participants.keys()],
    ownerOf: (account) => participants.get(account)?.owner ?? null,
    signerOf(account) {
      const participant = participants.get(account);
      if (!participant) return null;
      return participants.get(participant.entity)?.owner ?? participant.owner;
    },
    hasSignedFor: (account, signer) => participants.get(account)?.signers.has(signer) ?? false,
    isTradable(areaId, account) {
      const participant = participants.get(account);
      if (!participant?.isVerified || participant.meterId === null) return false;
      return meters.get(participant.meterId)?.areaId === areaId;
    },
    meterOf: (meterId) => meters.get(meterId),
    meteredIn: (areaId) => [...meters.values()].filter((m) => m.areaId === areaId).map((m) => m.account),
  };
}

function refuse(event: ChainEvent, rule: AuditRule, finding: string, subject: DiscrepancySubject): never {
  throw discrepancyAt(event, { rule, finding, ...subject });
}
