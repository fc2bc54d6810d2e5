import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { smallerOf } from "#kernel/units/extremes.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { createQueue } from "#kernel/units/queue.ts";
import type { SignedHold } from "./chargingSessions.ts";
import type { Authorise } from "./ocpp/authorisation.ts";
import { chainSessionId, holdSigner, sessionCommitment } from "./rules/signedSession.ts";
import type { Settled } from "./sessionBook.ts";
import type { SessionLedger } from "./sessionLedger.ts";
import type { ChargingSession } from "./sessions/chargingSession.ts";
import { invoiceSession } from "./sessions/invoice.ts";
import { invoiceHash, type PublishedTariff, tariffHash } from "./sessions/publishedTariff.ts";
import { statementOf } from "./sessions/sessionStatement.ts";
import type { ChargingTariff } from "./sessions/tariff.ts";

/** A station that charges over the chain, with the tariff that it announced last. */
export type PricedStation = {
  readonly stationId: string;
  readonly stationHash: Hex;
  /** Seat that is paid. */
  readonly payee: number;
  readonly tariff: ChargingTariff;
  readonly published: PublishedTariff;
};

/** What a driver brings before it charges: its signature, and the salt that nobody else has. */
export type SessionOffer = { readonly stationId: string; readonly salt: Hex; readonly hold: SignedHold };

export type OfferRefusal =
  | "unknownStation"
  /** The commitment is not of this station and the tariff that it has now. */
  | "otherTariff"
  | "otherPayee"
  | "notSigned"
  /** It is over before a session of a quarter-hour could be charged, or longer than a hold may be. */
  | "expiry"
  /** Less than the fee of a session. */
  | "limitTooSmall"
  /** The driver's wallet has less than this and the holds before it that are not in escrow yet. */
  | "walletTooSmall"
  | "alreadyTaken";

/** What was taken: the session's name on the chain, and what the driver shows at the station. */
export type TakenOffer = { readonly id: Hex; readonly idToken: string };

export type SessionDesk = {
  /** Gives what the driver shows at the station; what was taken is on the disk. */
  take(offer: SessionOffer): Promise<TakenOffer | { readonly refusal: OfferRefusal }>;
  /** A token is good at its station, once its hold is on the chain, for one session. */
  readonly authorise: Authorise;
  /** Invoices a session that is over. Gives false where no driver's hold covers it. */
  deliver(settled: Settled): Promise<boolean>;
};

/** OCPP 1.6 takes so many characters. */
const TOKEN_CHARACTERS = 20;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 14 * 86_400;

/** Opens the desk where drivers' holds come in and invoices go out; `now` in unix seconds. */
export function openSessionDesk({
  ledger,
  stations,
  separator,
  signerOf,
  walletMicro,
  isHeld,
  clock,
  now,
}: {
  readonly ledger: SessionLedger;
  readonly stations: ReadonlyMap<string, PricedStation>;
  readonly separator: Uint8Array;
  /** Who signs for a seat's account now; null when nobody may. */
  readonly signerOf: (seat: number) => Promise<Address | null>;
  /** What a seat has for charging that is not in escrow, micro. */
  readonly walletMicro: (seat: number) => Promise<bigint>;
  /** Whether a hold is in escrow, as the chain was seen last. */
  readonly isHeld: (id: Hex) => boolean;
  /** Of the stations. */
  readonly clock: LocalClock;
  readonly now: () => number;
}): SessionDesk {
  const inTurn = createQueue();
  const takeOne: SessionDesk["take"] = async (offer) => {
    const station = stations.get(offer.stationId);
    if (station === undefined) return { refusal: "unknownStation" };
    const refusal = faultOf(offer, { station, now: now() });
    if (refusal !== null) return { refusal };
    const { hold, salt, stationId } = offer;
    const signer = await signerOf(hold.driver);
    if (signer === null || holdSigner(hold, separator, hold.signature) !== signer)
      return { refusal: "notSigned" };
    const id = chainSessionId(hold.driver, hold.session);
    if (ledger.entry(id) !== null) return { refusal: "alreadyTaken" };
    const boundMicro = awaitedMicro(ledger, { driver: hold.driver, isHeld }) + hold.limitMicro;
    if ((await walletMicro(hold.driver)) < boundMicro) return { refusal: "walletTooSmall" };
    const idToken = tokenOf(id);
    const { stationHash, tariff, published } = station;
    await ledger.hold({ id, idToken, stationId, stationHash, salt, hold, tariff, published });
    return { id, idToken };
  };
  return {
    // Holds that come at once would each be held against the whole wallet.
    take: (offer) => inTurn(() => takeOne(offer)),
    async authorise(idToken, stationId) {
      const entry = ledger.ofToken(idToken);
      if (entry === null) return "unknown";
      const isGood = entry.held.stationId === stationId && entry.invoiced === null && isHeld(entry.held.id);
      return isGood ? "accepted" : "blocked";
    },
    async deliver(settled) {
      if (settled.kind === "exception") return false;
      const { session } = settled;
      const entry = ledger.ofToken(session.idToken);
      if (entry === null || entry.held.stationId !== session.stationId) return false;
      // What a crash brings again is the same session.
      if (entry.invoiced !== null) return entry.invoiced.session.sessionId === session.sessionId;
      await ledger.invoice(invoiceOf(session, { held: entry.held, clock }));
      return true;
    },
  };
}

function invoiceOf(
  session: ChargingSession,
  {
    held,
    clock,
  }: {
    readonly held: { id: Hex; salt: Hex; hold: SignedHold; tariff: ChargingTariff };
    readonly clock: LocalClock;
  },
) {
  const { id, salt, hold, tariff } = held;
  const invoice = invoiceSession(session, { tariff, clock });
  const statement = statementOf(session);
  const { totalMicro } = invoice;
  return {
    id,
    session,
    invoice,
    statement,
    amountMicro: smallerOf(totalMicro, hold.limitMicro),
    invoiceHash: invoiceHash({ salt, session: hold.session, totalMicro, statement }),
  };
}

function faultOf(
  { hold, salt }: SessionOffer,
  { station, now }: { readonly station: PricedStation; readonly now: number },
): OfferRefusal | null {
  const { stationHash, published, payee, tariff } = station;
  const commitment = sessionCommitment({ salt, stationId: stationHash, tariffHash: tariffHash(published) });
  if (hold.session !== commitment) return "otherTariff";
  if (hold.payee !== payee) return "otherPayee";
  if (hold.expiresAt < now + SHORTEST_SECONDS || hold.expiresAt > now + LONGEST_SECONDS) return "expiry";
  return hold.limitMicro < tariff.sessionFeeMicro || hold.limitMicro === 0n ? "limitTooSmall" : null;
}

/** What a driver signed for before, and the chain does not hold yet, micro. */
function awaitedMicro(
  ledger: SessionLedger,
  { driver, isHeld }: { readonly driver: number; readonly isHeld: (id: Hex) => boolean },
): bigint {
  return ledger
    .entries()
    .filter(
      ({ held, invoiced, isEnded }) =>
        held.hold.driver === driver && invoiced === null && !isEnded && !isHeld(held.id),
    )
    .reduce((sum, { held }) => sum + held.hold.limitMicro, 0n);
}

/** What a driver shows at a station: the beginning of its session's name. */
function tokenOf(id: Hex): string {
  return id.slice(2, 2 + TOKEN_CHARACTERS);
}
