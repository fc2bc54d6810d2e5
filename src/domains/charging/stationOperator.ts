import { join } from "node:path";
import { readMargin } from "#domains/accounts/participants.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { readSeatSigner } from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { createQueue } from "#kernel/units/queue.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Sender } from "#platform/chain/sender.ts";
import { type CentralSystem, openCentralSystem } from "./ocpp/centralSystem.ts";
import type { Listener } from "./ocpp/listener.ts";
import type { EnrolledStation } from "./ocpp/station.ts";
import type { StationEvent } from "./ocpp/stationEvent.ts";
import { openStationSecurity } from "./ocpp/stationSecurity.ts";
import { sessionSeparator } from "./rules/signedSession.ts";
import { openSessionBook, type SessionBook, type Settled } from "./sessionBook.ts";
import {
  type OfferRefusal,
  openSessionDesk,
  type PricedStation,
  type SessionDesk,
  type SessionOffer,
  type TakenOffer,
} from "./sessionDesk.ts";
import { settleSessions } from "./sessionDuties.ts";
import { type LedgerEntry, openSessionLedger, type SessionLedger } from "./sessionLedger.ts";
import type { SessionException } from "./sessions/chargingSession.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";

/** What an operator of charging stations is told besides the stations' news. */
export type SessionTrouble =
  | { readonly kind: "exception"; readonly exception: SessionException }
  /** A session that no driver's hold covers: nobody pays for it. */
  | { readonly kind: "uncovered"; readonly stationId: string; readonly sessionId: string }
  /** The chain refused a step of a session. */
  | {
      readonly kind: "refused";
      readonly id: Hex;
      readonly stationId: string;
      readonly sentence: string;
    };

export type StationOperatorOptions = {
  /** Where its records lie: what stations said, holds and invoices, the stations' security. */
  readonly directory: string;
  readonly listener: Listener;
  readonly stations: readonly EnrolledStation[];
  readonly priced: readonly PricedStation[];
  readonly network: Network;
  readonly deployment: Deployment;
  /** Of the payee. */
  readonly sender: Sender;
  /** Of the stations' time zone. */
  readonly clock: LocalClock;
  /** Unix seconds. */
  readonly now: () => number;
  readonly tell: (event: StationEvent) => void;
  readonly trouble: (trouble: SessionTrouble) => void;
  /** What the stations say of sessions, as it comes. */
  readonly onRecord?: (record: SessionRecord) => void;
  readonly answerWithinMs: number;
};

/** Stations that charge over the chain: their central system, the drivers' desk, and what goes to the chain. */
export type StationOperator = {
  readonly central: CentralSystem;
  readonly desk: SessionDesk;
  readonly ledger: SessionLedger;
  /** What stations said of the sessions that are not settled. */
  readonly unsettled: SessionBook["unsettled"];
  /**
   * Takes a driver's offer and brings its hold to the chain at once. Where the chain does not take it now, it is tried again with the
   * operator's next work, and the token opens nothing before.
   */
  hold(offer: SessionOffer): Promise<HeldOffer | { readonly refusal: OfferRefusal }>;
  /** Invoices the sessions that are over, and sends to the chain what is due; one run after the other. */
  work(): Promise<void>;
  close(): Promise<void>;
};

/** `isHeld`: whether the chain has the hold in escrow already. */
export type HeldOffer = TakenOffer & { readonly isHeld: boolean };

const HEARTBEAT_SECONDS = 300;

/** Where in an operator's directory lies what stations said of sessions. */
export function sessionsFolder(directory: string): string {
  return join(directory, "sessions");
}

/** Opens the operator's side of charging over the chain; after a crash it goes on with what is on the disk and on the chain. */
export async function openStationOperator(options: StationOperatorOptions): Promise<StationOperator> {
  const { directory, listener, stations, network, deployment, now, tell, answerWithinMs } = options;
  const sessions = openSessionBook(sessionsFolder(directory), now, options.onRecord);
  const ledger = openSessionLedger(join(directory, "ledger"), now);
  let inEscrow: ReadonlySet<Hex> = new Set();
  const desk = openSessionDesk({
    ledger,
    stations: new Map(options.priced.map((each) => [each.stationId, each])),
    separator: sessionSeparator(deployment.chainId, addressOf(deployment, "chargingSessions")),
    signerOf: (seat) => readSeatSigner(network, deployment, { seat, at: now() }),
    walletMicro: (seat) => readMargin(network, deployment, walletOf(seat)),
    isHeld: (id) => inEscrow.has(id),
    clock: options.clock,
    now,
  });
  const central = await openCentralSystem({
    listeners: [listener],
    stations,
    sessions,
    security: openStationSecurity(join(directory, "security.json")),
    authorise: desk.authorise,
    now,
    tell,
    answerWithinMs,
    heartbeatSeconds: HEARTBEAT_SECONDS,
  });
  const rated = new Map(stations.map(({ stationId, ratedW }) => [stationId, ratedW]));
  const workOnce = async () => {
    await sessions.settle({
      ratedW: (stationId) => present(rated.get(stationId), `the rating of ${stationId}`),
      deliver: (settled) => deliverTo(desk, settled, options.trouble),
    });
    inEscrow = await settleSessions(
      {
        ...{ network, deployment, ledger, sender: options.sender },
        signStatement: (entry) => askModule(central, { entry, deployment }),
        tell: ({ id, stationId }, sentence) => options.trouble({ kind: "refused", id, stationId, sentence }),
      },
      now(),
    );
  };
  // Two runs at once would send the same twice.
  const inTurn = createQueue();
  const work = () => inTurn(workOnce);
  return {
    central,
    desk,
    ledger,
    unsettled: sessions.unsettled,
    async hold(offer) {
      const answer = await desk.take(offer);
      if ("refusal" in answer) return answer;
      // What the driver signed is on the disk: a chain that is away now gets it with the next work, which tells of it.
      await work().catch(() => undefined);
      return { ...answer, isHeld: inEscrow.has(answer.id) };
    },
    work,
    close: () => central.close(),
  };
}

/** A driver's wallet is its seat's margin for sessions. */
function walletOf(seat: number) {
  return { market: "chargingSessions", areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}

async function deliverTo(desk: SessionDesk, settled: Settled, tell: StationOperatorOptions["trouble"]) {
  if (settled.kind === "exception") return tell({ kind: "exception", exception: settled.exception });
  if (await desk.deliver(settled)) return;
  const { stationId, sessionId } = settled.session;
  tell({ kind: "uncovered", stationId, sessionId });
}

async function askModule(
  central: CentralSystem,
  { entry: { held, invoiced }, deployment }: { readonly entry: LedgerEntry; readonly deployment: Deployment },
) {
  if (invoiced === null) return null;
  const { id, stationId, stationHash } = held;
  const contract = addressOf(deployment, "chargingSessions");
  const place = { id, stationHash, chainId: deployment.chainId, contract };
  const signed = await central.signStatement(stationId, { ...place, statement: invoiced.statement });
  return signed && { id, ...signed };
}
