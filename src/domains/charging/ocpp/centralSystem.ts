import type { SessionBook } from "../sessionBook.ts";
import { admitStation, type Credentials } from "./admitStation.ts";
import type { AnswerContext } from "./answers.ts";
import { ANSWERS_V16 } from "./answersV16.ts";
import { ANSWERS_V201 } from "./answersV201.ts";
import type { Authorise } from "./authorisation.ts";
import { clearLimit, countedW, type LimitOutcome, limitPower, restoreLimits } from "./limitPower.ts";
import type { Listener, SecurityProfile } from "./listener.ts";
import type { PowerLimit } from "./powerProfile.ts";
import { type ConnectionHandler, openRpcListener } from "./rpcServer.ts";
import { askSignature, type StatementRequest, type StatementSignature } from "./statementTransfer.ts";
import { type EnrolledStation, StationUnknownError } from "./station.ts";
import type { StationAnswer, StationEvent, StationNews } from "./stationEvent.ts";
import type { StationSecurity } from "./stationSecurity.ts";
import { askStation, newStationState, type StationLink, type StationState } from "./stationState.ts";
import type { OcppVersion } from "./version.ts";

/** A message that a station is asked to send now. */
export type TriggeredMessage = "BootNotification" | "Heartbeat" | "StatusNotification" | "MeterValues";

/** What an operator sees of a station. */
export type StationView = {
  readonly stationId: string;
  readonly version: OcppVersion | null;
  readonly securityProfile: SecurityProfile | null;
  /** Unix seconds. */
  readonly lastSeenAt: number | null;
  readonly name: StationState["name"];
  readonly statuses: ReadonlyMap<number, string>;
  /** What the station is to be counted with now, W. */
  readonly countedW: number;
};

/** An open central system. Each call of a station waits for those before; an unknown station throws StationUnknownError. */
export type CentralSystem = {
  /** In the order of the listeners; a station's name follows after a slash. */
  readonly urls: readonly string[];
  stations(): readonly StationView[];
  limitPower(stationId: string, limit: PowerLimit): Promise<LimitOutcome>;
  clearLimits(stationId: string): Promise<StationAnswer>;
  trigger(stationId: string, message: TriggeredMessage): Promise<StationAnswer>;
  /** `soft` ends sessions first and is kept for idle times, `hard` is at once. */
  reset(stationId: string, kind: "soft" | "hard"): Promise<StationAnswer>;
  /** Has the station's module sign a statement; null when it does not, or is not there. */
  signStatement(stationId: string, request: StatementRequest): Promise<StatementSignature | null>;
  close(): Promise<void>;
};

export type CentralSystemOptions = {
  readonly listeners: readonly Listener[];
  readonly stations: readonly EnrolledStation[];
  readonly sessions: SessionBook;
  readonly security: StationSecurity;
  readonly authorise: Authorise;
  /** Unix seconds; stations set their clocks by it. */
  readonly now: () => number;
  readonly tell: (event: StationEvent) => void;
  /** A station that has not answered by then has not answered. */
  readonly answerWithinMs: number;
  readonly heartbeatSeconds: number;
};

/** What a stranger calls itself may be as long as a request. */
const STATION_ID_CHARACTERS = 48;
const ANSWERS = { "ocpp1.6": ANSWERS_V16, "ocpp2.0.1": ANSWERS_V201 } satisfies Record<OcppVersion, unknown>;
const RESETS = {
  "ocpp1.6": { soft: "Soft", hard: "Hard" },
  "ocpp2.0.1": { soft: "OnIdle", hard: "Immediate" },
} satisfies Record<OcppVersion, unknown>;

/**
 * Opens the central system of charging stations, which speak OCPP 1.6J or 2.0.1 (docs/charging-stations.md).
 *
 * @throws InsecureListenerError for a listener of security profile 1 beyond loopback
 */
export async function openCentralSystem(options: CentralSystemOptions): Promise<CentralSystem> {
  const { security } = options;
  const states = new Map(
    options.stations.map((each) => [
      each.stationId,
      newStationState(each, security.highestOf(each.stationId)),
    ]),
  );
  const { answerWithinMs, now } = options;
  const handler = connectionHandler(states, options);
  const opened = await Promise.all(
    options.listeners.map((listener) => openRpcListener(listener, { handler, answerWithinMs })),
  );
  const call = <Result>(stationId: string, action: (state: StationState) => Promise<Result>) => {
    const state = states.get(stationId);
    if (state === undefined) throw new StationUnknownError(stationId);
    return state.inTurn(() => action(state));
  };
  return {
    urls: opened.map(({ url }) => url),
    stations: () => [...states.values()].map((state) => viewOf(state, now())),
    limitPower: async (stationId, limit) =>
      call(stationId, (state) => limitPower(state, { limit, tell: (news) => handler.tell(stationId, news) })),
    clearLimits: async (stationId) => call(stationId, clearLimit),
    trigger: async (stationId, message) =>
      call(stationId, (state) => askStation(state, "TriggerMessage", () => ({ requestedMessage: message }))),
    reset: async (stationId, kind) =>
      call(stationId, (state) => askStation(state, "Reset", (version) => ({ type: RESETS[version][kind] }))),
    signStatement: async (stationId, request) => call(stationId, (state) => askSignature(state, request)),
    async close() {
      await Promise.all(opened.map((listener) => listener.close()));
    },
  };
}

function connectionHandler(
  states: ReadonlyMap<string, StationState>,
  options: CentralSystemOptions,
): ConnectionHandler {
  const { now, tell, security } = options;
  const stations = new Map(options.stations.map((each) => [each.stationId, each]));
  const handler: ConnectionHandler = {
    admit: (credentials: Credentials) =>
      admitStation(credentials, {
        stations,
        highestProfile: (stationId) => states.get(stationId)?.highestProfile ?? 1,
      }),
    connected(station, link) {
      const state = states.get(station.stationId) ?? newStationState(station, link.profile);
      const say = (news: StationNews) => handler.tell(station.stationId, news);
      take(state, { link, say, security });
      return {
        answers: ANSWERS[link.version],
        context: contextOf(state, { options, say }),
        answered: greeter(() => state.inTurn(() => restoreLimits(state, { now: now(), tell: say }))),
        ended: () => leave(state, { link, say }),
      };
    },
    heard(stationId) {
      const state = states.get(stationId);
      if (state !== undefined) state.lastSeenAt = now();
    },
    tell: (stationId, news) =>
      tell({ ...news, stationId: stationId.slice(0, STATION_ID_CHARACTERS), at: now() }),
  };
  return handler;
}

type Say = (news: StationNews) => void;

/** A station that connects again has lost its old connection, whether that has been noticed or not. */
function take(
  state: StationState,
  { link, say, security }: { link: StationLink; say: Say; security: StationSecurity },
): void {
  const old = state.link;
  state.link = link;
  old?.drop();
  say({ kind: "connected", profile: link.profile, version: link.version });
  if (link.profile <= state.highestProfile) return;
  security.raise(state.station.stationId, link.profile);
  state.highestProfile = link.profile;
  say({ kind: "securityRaised", profile: link.profile });
}

function leave(state: StationState, { link, say }: { link: StationLink; say: Say }): void {
  if (state.link !== link) return;
  state.link = null;
  say({ kind: "disconnected" });
}

/**
 * Tells a station of its limits when it booted, since it may have forgotten them, and at its first call of a connection, once it
 * has its answer.
 */
function greeter(greet: () => Promise<void>): (method: string) => void {
  let isGreeted = false;
  return (method) => {
    if (isGreeted && method !== "BootNotification") return;
    isGreeted = true;
    setImmediate(() => void greet());
  };
}

function contextOf(
  state: StationState,
  { options, say }: { options: CentralSystemOptions; say: Say },
): AnswerContext {
  const { now, authorise, sessions, heartbeatSeconds } = options;
  return {
    station: state.station,
    now,
    authorise,
    sessions,
    async keep(record) {
      if ((await sessions.keep(record)) === "kept") return;
      say({ kind: "recordAfterSettlement", sessionId: record.sessionId });
    },
    heartbeatSeconds,
    booted(name) {
      state.name = name;
    },
    status: (evseId, status) => void state.statuses.set(evseId, status),
  };
}

function viewOf(state: StationState, now: number): StationView {
  const { station, link, lastSeenAt, name, statuses } = state;
  return {
    stationId: station.stationId,
    version: link?.version ?? null,
    securityProfile: link?.profile ?? null,
    lastSeenAt,
    name,
    statuses,
    countedW: countedW(state, now),
  };
}
