import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import type { AreaState, MeteringPoint } from "#domains/metering/areaState.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { findGatewayFault } from "./gatewayFault.ts";

type KeyEvent = MeteringEvent<"meterEnrolled" | "deviceKeyRotated">;
type MeterEvent = KeyEvent | MeteringEvent<"meterRetired" | "capacityChanged" | "deviceKeyRevoked">;
type MeterFault = { readonly rule: string; readonly finding: string };

/** What is wrong with an event of a metering point; null when nothing is. `state` is as it was before. */
export function findMeterFault(event: MeterEvent, state: AreaState): MeterFault | null {
  const point = state.meterAt(event.meterId, event.timestamp);
  if (event.kind === "meterEnrolled") return findEnrolmentFault(event, point, state);
  if (point === null)
    return { rule: "unknownMeter", finding: `metering point ${event.meterId} is not enrolled` };
  switch (event.kind) {
    case "meterRetired":
      return isSamePlace(event, point)
        ? null
        : { rule: "unknownMeter", finding: `metering point ${event.meterId} is enrolled elsewhere` };
    case "capacityChanged":
      return findCapacityFault(event);
    case "deviceKeyRotated":
      return findGatewayFault(event, state.areaOf(point.areaId)) ?? findKeyFault(event, state);
    case "deviceKeyRevoked":
      return findGatewayFault(event, state.areaOf(point.areaId)) ?? findRevocationFault(event, point);
  }
}

/** A metering point is enrolled once at a time, for a member that is new and has none. */
function findEnrolmentFault(
  event: MeteringEvent<"meterEnrolled">,
  point: MeteringPoint | null,
  state: AreaState,
): MeterFault | null {
  const { meterId, areaId, member } = event;
  const isNew = state.memberOf(event)?.meterId === null && state.areaOf(areaId)?.lastMember === member;
  if (point !== null || !isNew) {
    const finding = `member ${member} of area ${areaId} or metering point ${meterId} is metered already`;
    return { rule: "meterTwice", finding };
  }
  return findCapacityFault(event) ?? findKeyFault(event, state);
}

function findCapacityFault({
  meterId,
  capacityW,
}: MeteringEvent<"meterEnrolled" | "capacityChanged">): MeterFault | null {
  if (capacityW > 0) return null;
  return { rule: "capacity", finding: `the connection of metering point ${meterId} carries nothing` };
}

/** Certificates of a meter rise, and a revoked key never comes back. */
function findKeyFault(
  { meterId, deviceKey, certificateNumber }: KeyEvent,
  state: AreaState,
): MeterFault | null {
  const newest = state.certificateOf(meterId);
  if (certificateNumber <= newest) {
    const finding = `certificate ${certificateNumber} of metering point ${meterId} follows certificate ${newest}`;
    return { rule: "certificate", finding };
  }
  if (!state.isRevoked(deviceKey)) return null;
  return { rule: "certificate", finding: `metering point ${meterId} gets the revoked key ${deviceKey}` };
}

function findRevocationFault(
  { meterId, deviceKey }: MeteringEvent<"deviceKeyRevoked">,
  point: MeteringPoint,
): MeterFault | null {
  if (point.deviceKey === null || point.deviceKey === deviceKey) return null;
  return { rule: "deviceKey", finding: `${deviceKey} is revoked, which is not the key of ${meterId}` };
}

function isSamePlace(a: MemberPlace, b: MemberPlace): boolean {
  return a.areaId === b.areaId && a.member === b.member;
}
