import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import type { SessionEvent } from "#domains/charging/sessionEvents.ts";
import { addCount } from "#platform/audit/replay.ts";
import { refuseSession, type SessionState, stationKey } from "./sessionState.ts";

/** A station stands at a metering point; attestations are used once, and a revoked module does not come back. */
export function registerStation(state: SessionState, event: SessionEvent<"stationRegistered">): void {
  const { stationId, seat, moduleKey, number } = event;
  const member = state.areas.memberOf({ areaId: areaOfSeat(seat), member: memberOfSeat(seat) });
  const key = stationKey(stationId, moduleKey);
  const known = state.stations.get(stationId);
  const isRight = member?.meterId && number > (known?.number ?? 0n) && state.modules.get(key) !== false;
  if (!isRight || state.registry.ownerOf(member.account) !== event.sender) {
    const finding = `the station ${stationId} may not be registered with attestation ${number} by ${event.sender}`;
    refuseSession(event, { rule: "stationRegistration", finding, seat });
  }
  state.modules.set(key, true);
  state.stations.set(stationId, { seat, number, tariffVersion: known?.tariffVersion ?? 0 });
  addCount(state.counts, "charging.stations");
}

export function revokeModule(state: SessionState, event: SessionEvent<"moduleRevoked">): void {
  state.modules.set(stationKey(event.stationId, event.moduleKey), false);
}

/** Tariffs of a station are numbered without gaps. */
export function announceTariff(state: SessionState, event: SessionEvent<"tariffAnnounced">): void {
  const { stationId, version, tariffHash, timestamp } = event;
  const station = state.stations.get(stationId);
  if (station?.tariffVersion !== version - 1) {
    const finding = `tariff ${version} of station ${stationId} follows ${station?.tariffVersion ?? "none"}`;
    refuseSession(event, { rule: "stationTariff", finding });
  }
  state.stations.set(stationId, { ...station, tariffVersion: version });
  const key = stationKey(stationId, tariffHash);
  if (!state.tariffs.has(key)) state.tariffs.set(key, timestamp);
}
