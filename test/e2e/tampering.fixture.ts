import { expect } from "vitest";
import { keyNames } from "#community/keyNames.ts";
import type { DomainEvent } from "#domains/domains.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";
import type { AuditedCommunity } from "./auditedCommunity.fixture.ts";

/** Events of one kind, as an audit replays them. */
export type EventOf<Kind> = Extract<DomainEvent, { kind: Kind }>;
/** What is done to a history before it is audited. */
export type Change = (events: DomainEvent[]) => DomainEvent[];

/** Changes the first event of a kind that `isMeant`. */
export function change<Kind extends DomainEvent["kind"]>(
  kind: Kind,
  edit: (event: EventOf<Kind>) => object,
  isMeant: (event: EventOf<Kind>) => boolean = () => true,
): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind && isMeant(event as EventOf<Kind>));
    return events.with(at, { ...events[at]!, ...edit(events[at] as EventOf<Kind>) } as DomainEvent);
  };
}

export function drop<Kind extends DomainEvent["kind"]>(
  kind: Kind,
  isMeant: (event: EventOf<Kind>) => boolean = () => true,
): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind && isMeant(event as EventOf<Kind>));
    return events.toSpliced(at, 1);
  };
}

export function repeat<Kind extends DomainEvent["kind"]>(kind: Kind): Change {
  return (events) => {
    const at = events.findIndex((event) => event.kind === kind);
    return events.toSpliced(at + 1, 0, events[at]!);
  };
}

function readingsOf(archive: readonly SignedReading[]) {
  return async (areaId: number, intervalId: number) =>
    archive.filter((reading) => reading.areaId === areaId && reading.intervalId === intervalId);
}

function ordersOf(archive: readonly OpenOrder[]) {
  return async (areaId: number, intervalId: number) =>
    archive.filter((order) => order.areaId === areaId && order.intervalId === intervalId);
}

/** The archives of a community: as its roles kept them, or as they were changed since. */
export type Archives = { readings?: readonly SignedReading[]; orders?: readonly OpenOrder[] };

export function sourcesOf({ archive, orders: kept }: AuditedCommunity, changed: Archives = {}) {
  const { readings = archive, orders = kept } = changed;
  return { readings: readingsOf(readings), orders: ordersOf(orders) };
}

/** Flips the lowest bit of the byte `offset` bytes behind the first `needle` in `hex`. */
export function flip(hex: string, needle: string, offset: number): Hex {
  const at = hex.indexOf(needle.replace(/^0x/, ""));
  expect(at, "the bytes to be changed are there").toBeGreaterThan(0);
  const place = at + 2 * offset;
  const byte = (Number.parseInt(hex.slice(place, place + 2), 16) ^ 1).toString(16).padStart(2, "0");
  return `${hex.slice(0, place)}${byte}${hex.slice(place + 2)}` as Hex;
}

/** The first clearing with a trade. */
export function firstTraded(events: readonly DomainEvent[]): EventOf<"intervalCleared"> {
  const event = events.find((e) => e.kind === "intervalCleared" && e.clearedWh > 0n);
  return event as EventOf<"intervalCleared">;
}

/** The orders that the operator did not submit. */
export function unsubmittedOf(
  { orders }: AuditedCommunity,
  events: readonly DomainEvent[],
): readonly OpenOrder[] {
  const submissions = events.flatMap((e) => (e.kind === "intervalCleared" ? (e.submission ?? []) : []));
  const submitted = submissions.flatMap(({ bids, offers }) => [...bids, ...offers]);
  const signatures = new Set(submitted.map(({ signature }) => toHex(signature)));
  return orders.filter(({ signature }) => !signatures.has(toHex(signature)));
}

/** The key of the home that is a member of the area. */
export function keyOfMember({ node, scenario }: AuditedCommunity, member: number): KeyPair {
  return node.keyring.key(keyNames.home(scenario.homes.find((home) => home.member === member)!.id));
}
