import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSessionBook, type SessionBook } from "../sessionBook.ts";
import { type CentralSystem, type CentralSystemOptions, openCentralSystem } from "./centralSystem.ts";
import { enrolStation } from "./station.ts";
import type { StationEvent } from "./stationEvent.ts";
import { openStationSecurity } from "./stationSecurity.ts";

export const PASSWORD = "a-password-of-24-letters";
export const LOOPBACK = { host: "127.0.0.1", port: 0, security: { profile: 1 as const } };
/** Monday, 5 January 2026, 08:00 UTC. */
export const MORNING = 1_767_600_000;

export const STATIONS = ["station-1", "station-2"].map((stationId) =>
  enrolStation({
    stationId,
    password: PASSWORD,
    securityProfile: 1,
    evses: 2,
    ratedW: 22_000,
    safeLimitW: 4_140,
  }),
);

export type TestSystem = {
  readonly central: CentralSystem;
  readonly sessions: SessionBook;
  readonly url: string;
  readonly events: readonly StationEvent[];
  readonly clock: { now: number };
  /** The first event of a kind, whether it came already or not. */
  told<Kind extends StationEvent["kind"]>(kind: Kind): Promise<StationEvent & { kind: Kind }>;
  close(): Promise<void>;
};

/** A central system on loopback with two stations, whose sessions lie in a folder of its own. */
export async function openTestSystem(
  options: Partial<CentralSystemOptions> & { directory?: string } = {},
): Promise<TestSystem> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "commonwatt-ocpp-"));
  const clock = { now: MORNING };
  const now = () => clock.now;
  const events: StationEvent[] = [];
  const listeners = new Set<() => void>();
  const sessions = openSessionBook(directory, now);
  const central = await openCentralSystem({
    listeners: [LOOPBACK],
    stations: STATIONS,
    sessions,
    security: openStationSecurity(join(directory, "security.json")),
    now,
    authorise: async (idToken) => (idToken.startsWith("known") ? "accepted" : "unknown"),
    tell(event) {
      events.push(event);
      for (const listener of listeners) listener();
    },
    answerWithinMs: 10_000,
    heartbeatSeconds: 300,
    ...options,
  });
  return {
    central,
    sessions,
    url: central.urls[0]!,
    events,
    clock,
    told(kind) {
      type Wanted = StationEvent & { kind: typeof kind };
      return new Promise((resolve) => {
        const look = () => {
          const found = events.find((event): event is Wanted => event.kind === kind);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      });
    },
    async close() {
      await central.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
