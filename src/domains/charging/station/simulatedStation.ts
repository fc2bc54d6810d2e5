import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { rpcErrorCode } from "../ocpp/refusedCall.ts";
import { loadRpc } from "../ocpp/rpc.ts";
import { readStatementRequest, TRANSFER } from "../ocpp/statementTransfer.ts";
import type { OcppVersion } from "../ocpp/version.ts";
import { sessionSeparator, signStatement } from "../rules/signedSession.ts";
import { callOf, type LocalSession, type Outgoing, type StationStatus } from "./outgoing.ts";
import { profileLimitW, readProfile, type StoredProfile, storeProfile } from "./profileStore.ts";
import { chargeVehicle, offerW, takeW, type Vehicle } from "./vehicle.ts";

export type SimulatedStationOptions = {
  /** Of the central system, without the station's name. */
  readonly url: string;
  readonly stationId: string;
  readonly password: string;
  readonly version: OcppVersion;
  /** Of each phase, A. */
  readonly mostA: number;
  readonly ratedW: number;
  /** Unix seconds of the world that the vehicle charges in. */
  readonly now: () => number;
  /** How far the station's clock is ahead when it starts, s; the central system's answer to its boot sets it right. */
  readonly clockErrorSeconds?: number;
  readonly initialRegisterWh?: number;
  /** Of the metering module in the station, which signs what it measured; without one nothing is signed. */
  readonly moduleKey?: Uint8Array;
};

/** A charging station with one charging point, and maybe a vehicle, that speaks OCPP like one of steel. */
export type SimulatedStation = {
  /**
   * Connects, and has its boot to say before what it kept while it was away.
   *
   * @throws CentralSystemUnreachableError when nobody answers at the address, or refuses the station
   */
  connect(): Promise<void>;
  /** The connection is lost; the station goes on and keeps what it has to say. */
  disconnect(): Promise<void>;
  plugIn(vehicle: Vehicle, idToken: string): void;
  /** Ends the session, if there is one; gives the vehicle back. */
  unplug(): Vehicle | null;
  /** Charges for the seconds since the last step, and reads the meter. */
  step(seconds: number): void;
  /** Asks the central system for its time, with what is sent next. */
  beat(): void;
  /** Sends what it has to say, in its order, until all is answered or the connection is lost. */
  flush(): Promise<void>;
  view(): StationSight;
};

export type StationSight = {
  /** By its clock, which is the central system's since that answered last, unix seconds. */
  readonly at: number;
  readonly limitW: number;
  readonly powerW: number;
  /** Of the battery, from 0 to 1; null without a vehicle. */
  readonly charge: number | null;
  /** The vehicle has what it came for. */
  readonly isSatisfied: boolean;
  readonly registerWh: number;
  /** Messages that are not answered yet. */
  readonly waiting: number;
  readonly answered: number;
  /** Statements that its module signed. */
  readonly signed: number;
};

/** While it is offline a station keeps so many messages; of more it drops readings of the meter. */
const MOST_WAITING = 2_000;
const ANSWER_MS = 30_000;

type RpcClient = InstanceType<Awaited<ReturnType<typeof loadRpc>>["RPCClient"]>;

/** Sessions that a module remembers: more than are settled late. */
const MOST_METERED = 1_000;

type MeteredRange = { readonly fromWh: number; toWh: number | null };
type TransferCall = { readonly vendorId?: string; readonly messageId?: string; readonly data?: unknown };

type State = {
  readonly options: SimulatedStationOptions;
  client: RpcClient | null;
  profiles: readonly StoredProfile[];
  waiting: Outgoing[];
  clockError: number;
  registerWh: number;
  vehicle: Vehicle | null;
  session: LocalSession | null;
  sessions: number;
  /** Registers between which a vehicle charged, Wh: the module signs nothing else. */
  readonly metered: MeteredRange[];
  status: StationStatus;
  answered: number;
  signed: number;
  sending: Promise<void>;
};

export function createSimulatedStation(options: SimulatedStationOptions): SimulatedStation {
  const state: State = {
    options,
    client: null,
    profiles: [],
    waiting: [],
    clockError: options.clockErrorSeconds ?? 0,
    registerWh: options.initialRegisterWh ?? 0,
    vehicle: null,
    session: null,
    sessions: 0,
    metered: [],
    status: "Available",
    answered: 0,
    signed: 0,
    sending: Promise.resolve(),
  };
  return {
    connect: () => connect(state),
    async disconnect() {
      const { client } = state;
      state.client = null;
      await client?.close({ force: true }).catch(() => undefined);
    },
    plugIn: (vehicle, idToken) => plugIn(state, vehicle, idToken),
    unplug: () => unplug(state),
    step: (seconds) => step(state, seconds),
    beat: () => void state.waiting.push({ kind: "heartbeat", at: clockOf(state) }),
    flush() {
      state.sending = state.sending.then(() => flush(state));
      return state.sending;
    },
    view: () => sightOf(state),
  };
}

async function connect(state: State): Promise<void> {
  const { url, stationId, password, version } = state.options;
  const { RPCClient } = await loadRpc();
  // The library's type asks for every option, and its code for these.
  const client = new RPCClient({
    endpoint: url,
    identity: stationId,
    password,
    protocols: [version],
    strictMode: true,
    reconnect: false,
    callTimeoutMs: ANSWER_MS,
  } as unknown as ConstructorParameters<typeof RPCClient>[0]);
  client.handle("SetChargingProfile", async ({ params }) => takeProfile(state, params ?? {}));
  client.handle("ClearChargingProfile", async ({ params }) => clearProfiles(state, params ?? {}));
  client.handle("TriggerMessage", async ({ params }) => trigger(state, params?.requestedMessage));
  client.handle("DataTransfer", async ({ params }) => answerTransfer(state, params ?? {}));
  client.handle("Reset", async () => ({ status: "Accepted" }));
  client.on("close", () => {
    if (state.client === client) state.client = null;
  });
  await client.connect().catch((cause: unknown) => {
    throw new CentralSystemUnreachableError(`${url}/${stationId}`, cause);
  });
  state.client = client;
  state.waiting.unshift({ kind: "boot", at: clockOf(state) });
}

function takeProfile(state: State, request: object) {
  const profile = readProfile(request);
  if (profile === null) return { status: "Rejected" };
  state.profiles = storeProfile(state.profiles, profile);
  return { status: "Accepted" };
}

function clearProfiles(state: State, { id, chargingProfileId }: { id?: number; chargingProfileId?: number }) {
  const wanted = id ?? chargingProfileId;
  const left = state.profiles.filter((profile) => wanted !== undefined && profile.id !== wanted);
  const status = left.length < state.profiles.length ? "Accepted" : "Unknown";
  state.profiles = left;
  return { status };
}

function trigger(state: State, message: string) {
  const at = clockOf(state);
  if (message === "Heartbeat") state.waiting.push({ kind: "heartbeat", at });
  else if (message === "BootNotification") state.waiting.push({ kind: "boot", at });
  else if (message === "StatusNotification") state.waiting.push({ kind: "status", status: state.status, at });
  else return { status: "NotImplemented" };
  return { status: "Accepted" };
}

/** The module signs what lies between the registers that it had at the start and the end of one session. */
function answerTransfer(state: State, { vendorId, messageId, data }: TransferCall) {
  if (vendorId !== TRANSFER.vendorId) return { status: "UnknownVendorId" };
  if (messageId !== TRANSFER.messageId) return { status: "UnknownMessageId" };
  const request = readStatementRequest(data);
  const { options, metered } = state;
  const { moduleKey } = options;
  if (request === null || moduleKey === undefined) return { status: "Rejected" };
  const { statement, stationHash: stationId, id, chainId, contract } = request;
  const isMeasured = metered.some(
    ({ fromWh, toWh }) =>
      BigInt(fromWh) <= statement.fromWh && toWh !== null && statement.toWh <= BigInt(toWh),
  );
  if (!isMeasured) return { status: "Rejected" };
  const place = { separator: sessionSeparator(chainId, contract), stationId, id };
  const signature = signStatement(statement, place, moduleKey);
  state.signed += 1;
  return { status: "Accepted", data: JSON.stringify({ moduleKey: addressOfKey(moduleKey), signature }) };
}

function plugIn(state: State, vehicle: Vehicle, idToken: string): void {
  const name = `${state.options.stationId.slice(-20)}-${clockOf(state)}-${++state.sessions}`.slice(-36);
  state.vehicle = vehicle;
  state.session = { name, number: null, sequence: 0, idToken };
  state.metered.push({ fromWh: Math.floor(state.registerWh), toWh: null });
  if (state.metered.length > MOST_METERED) state.metered.shift();
  say(state, "start");
  noteStatus(state);
}

function unplug(state: State): Vehicle | null {
  const { vehicle } = state;
  if (state.session !== null) say(state, "stop");
  const range = state.metered.at(-1);
  if (range !== undefined) range.toWh ??= Math.floor(state.registerWh);
  state.session = null;
  state.vehicle = null;
  noteStatus(state);
  return vehicle;
}

function step(state: State, seconds: number): void {
  if (state.vehicle === null) {
    if (state.client !== null) state.waiting.push({ kind: "heartbeat", at: clockOf(state) });
    return;
  }
  const { vehicle, energyWh } = chargeVehicle(state.vehicle, { offeredW: offeredW(state), seconds });
  state.vehicle = vehicle;
  state.registerWh += energyWh;
  say(state, "meter");
  noteStatus(state);
}

/** Status of the charging point, told where it changed. */
function noteStatus(state: State): void {
  const status = statusOf(state);
  if (status === state.status) return;
  state.status = status;
  state.waiting.push({ kind: "status", status, at: clockOf(state) });
}

function statusOf(state: State): StationStatus {
  if (state.vehicle === null) return "Available";
  const offered = offeredW(state);
  if (offered === 0) return "SuspendedEVSE";
  return takeW(state.vehicle, offered) > 0 ? "Charging" : "SuspendedEV";
}

function say(state: State, kind: "start" | "meter" | "stop"): void {
  const { session, waiting, client } = state;
  if (session === null || (kind === "meter" && waiting.length >= MOST_WAITING)) return;
  waiting.push({
    kind,
    session,
    sequence: session.sequence++,
    registerWh: Math.floor(state.registerWh),
    at: clockOf(state),
    isOffline: client === null,
    isHeld: offeredW(state) === 0,
  });
}

async function flush(state: State): Promise<void> {
  for (let next = state.waiting[0]; next !== undefined; next = state.waiting[0]) {
    const { client } = state;
    if (client === null) return;
    const { method, parameters } = callOf(next, state.options.version);
    try {
      hear(state, next, (await client.call(method, parameters)) as Heard);
    } catch (error) {
      // What the central system refuses would be refused again; what it did not answer, or could not deal with, is sent again.
      const code = rpcErrorCode(error);
      if (code === null || code === "InternalError") return;
    }
    state.answered++;
    state.waiting = state.waiting.filter((each) => each !== next);
  }
}

type Heard = { readonly currentTime?: string; readonly transactionId?: number };

function hear(state: State, said: Outgoing, { currentTime, transactionId }: Heard): void {
  if (currentTime !== undefined)
    state.clockError = Math.floor(Date.parse(currentTime) / 1_000) - state.options.now();
  if (said.kind === "start" && transactionId !== undefined) said.session.number = transactionId;
}

function clockOf({ options, clockError }: State): number {
  return options.now() + clockError;
}

function offeredW(state: State): number {
  const { options, vehicle } = state;
  if (vehicle === null) return 0;
  return offerW(profileLimitW(state.profiles, clockOf(state), options.ratedW), {
    phases: vehicle.phases,
    mostA: options.mostA,
  });
}

function sightOf(state: State): StationSight {
  const { vehicle, profiles, options } = state;
  return {
    at: clockOf(state),
    limitW: profileLimitW(profiles, clockOf(state), options.ratedW),
    powerW: vehicle === null ? 0 : takeW(vehicle, offeredW(state)),
    charge: vehicle === null ? null : vehicle.storedWh / vehicle.capacityWh,
    isSatisfied: vehicle !== null && vehicle.storedWh >= vehicle.stopsAtWh,
    registerWh: Math.floor(state.registerWh),
    waiting: state.waiting.length,
    answered: state.answered,
    signed: state.signed,
  };
}

export class CentralSystemUnreachableError extends DomainError {
  readonly code = "centralSystemUnreachable";

  constructor(address: string, cause: unknown) {
    const { message, code } = cause as NodeJS.ErrnoException;
    super(`no central system takes the station at ${address}: ${message || code}`, { cause });
  }
}
