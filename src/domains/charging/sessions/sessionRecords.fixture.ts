import type { SessionRecord } from "./sessionRecord.ts";

/** Monday, 5 January 2026, 08:00 UTC. */
export const BEGIN = 1_767_600_000;

/** A record of station-1, live and with the right clock, at `at` seconds after BEGIN, with the register in Wh. */
export function record(
  kind: SessionRecord["kind"],
  at: number,
  { registerWh, ...more }: Partial<SessionRecord> & { registerWh?: bigint } = {},
): SessionRecord {
  const time = BEGIN + at;
  return {
    stationId: "station-1",
    sessionId: "7",
    kind,
    evseId: kind === "stop" ? null : 1,
    sequence: null,
    at: time,
    receivedAt: time + 1,
    isOffline: null,
    idToken: kind === "start" ? "driver-1" : null,
    registers: registerWh === undefined ? [] : [{ at: time, registerWh }],
    state: null,
    reason: null,
    ...more,
  };
}
