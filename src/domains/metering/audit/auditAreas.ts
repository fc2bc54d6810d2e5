import type { SeatSource } from "#domains/accounts/audit/auditMoney.ts";
import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import { areaOfSeat, memberOfSeat, seatOf } from "#domains/accounts/rules/seat.ts";
import { type AreaState, createAreaState } from "#domains/metering/areaState.ts";
import { isMeteringEvent, type MeteringEvent } from "#domains/metering/events.ts";
import { type DiscrepancySubject, discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { type AuditBase, addCount, type Replay } from "#platform/audit/replay.ts";
import { findMeterFault } from "./auditMeters.ts";

/** Areas and their members at the moment that the replay has reached. */
export type AreaReplay = Omit<AreaState, "apply"> & SeatSource & Replay;

type AreaEvent = Extract<MeteringEvent, { readonly contract: "areaRegistry" }>;

/** What is wrong with an event of the registry of areas; `finding` is a sentence without its place. */
type AreaFault = { readonly rule: string; readonly finding: string };

/** By area, the accounts that it was opened with, in the order in which they become its first members. */
type Parties = Map<number, readonly number[]>;

/**
 * Replays the areas from their events: areas and members without gaps, each member a registered account's for ever, the parties
 * of an area its first members and each later one a new member; meters enrolled once at a time, with certificates whose numbers
 * rise and no revoked key. The ledger of readings knows the gateway and the times that the area has.
 */
export function replayAreas({ counts, registry }: AuditBase & { registry: RegistryReplay }): AreaReplay {
  const state = createAreaState(registry);
  const parties: Parties = new Map();
  const accountOfSeat = (seat: number) =>
    state.memberOf({ areaId: areaOfSeat(seat), member: memberOfSeat(seat) })?.account ?? null;
  return {
    ...state,
    accountOfSeat,
    seats: () => state.members().map(seatOf),
    apply(event) {
      if (!isMeteringEvent(event)) return;
      if (event.kind === "stationSet") return requireStation(event, state);
      if (event.contract !== "areaRegistry") return;
      const fault = findFault(event, { state, registry, parties });
      if (fault) refuse(event, fault, subjectOf(event));
      if (event.kind === "areaOpened") {
        const { supplier, dso, fund } = event.setup;
        parties.set(event.areaId, [supplier, dso, fund]);
      }
      state.apply(event);
      if (event.kind === "memberAdded") addCount(counts, "metering.members");
    },
  };
}

type Known = { readonly state: AreaState; readonly registry: RegistryReplay; readonly parties: Parties };

function findFault(event: AreaEvent, known: Known): AreaFault | null {
  if ("meterId" in event) return findMeterFault(event, known.state);
  if (event.kind === "areaOpened") return findOpeningFault(event, known.state);
  const area = known.state.areaOf(event.areaId);
  if (area === null) return { rule: "unknownArea", finding: `area ${event.areaId} was not opened` };
  if (event.kind === "memberAdded") return findMemberFault(event, area.lastMember, known);
  const isParty = "member" in event;
  if (!isParty || event.member === area.lastMember) return null;
  const finding = `member ${event.member} becomes a party of area ${event.areaId}, and is not a new member`;
  return { rule: "areaParties", finding };
}

function findOpeningFault(
  { areaId, setup }: MeteringEvent<"areaOpened">,
  { areas }: AreaState,
): AreaFault | null {
  const last = areas().length;
  if (areaId !== last + 1) return { rule: "areaNumber", finding: `area ${areaId} follows area ${last}` };
  if (setup.intervalSeconds >= 1) return null;
  return { rule: "areaTimes", finding: `the intervals of area ${areaId} have no length` };
}

function findMemberFault(
  { areaId, member, account }: MeteringEvent<"memberAdded">,
  lastMember: number,
  { registry, parties }: Known,
): AreaFault | null {
  if (member !== lastMember + 1) {
    const finding = `member ${member} of area ${areaId} follows member ${lastMember}`;
    return { rule: "memberNumber", finding };
  }
  if (registry.ownerOf(account) === null)
    return { rule: "unknownAccount", finding: `account ${account} is not registered` };
  const named = parties.get(areaId)?.[member - 1];
  if (named === undefined || named === account) return null;
  const finding = `member ${member} of area ${areaId} is account ${account}, not account ${named} that it was opened with`;
  return { rule: "areaParties", finding };
}

/** What the ledger is told of an area is what the area has. */
function requireStation(event: MeteringEvent<"stationSet">, { areaOf }: AreaState): void {
  const { areaId, gateway, intervalSeconds, waitingSeconds, finalSeconds } = event;
  const area = areaOf(areaId);
  const isSame =
    area?.gateway === gateway &&
    area.intervalSeconds === intervalSeconds &&
    area.waitingSeconds === waitingSeconds &&
    area.finalSeconds === finalSeconds;
  if (isSame) return;
  const finding = `the ledger is told of a gateway or of times that area ${areaId} does not have`;
  refuse(event, { rule: "station", finding }, { areaId });
}

function subjectOf(event: AreaEvent): DiscrepancySubject {
  return {
    ...("areaId" in event ? { areaId: event.areaId } : {}),
    ...("member" in event ? { member: event.member } : {}),
    ...("account" in event ? { account: event.account } : {}),
  };
}

function refuse(event: MeteringEvent, fault: AreaFault, subject: DiscrepancySubject): never {
  throw discrepancyAt(event, { ...fault, ...subject });
}
