import type { Hex } from "#kernel/crypto/hex.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import type { Call, Sender } from "#platform/chain/sender.ts";
import {
  chargeSessionsCall,
  finishSessionsCall,
  holdWalletsCall,
  proveSessionCall,
  readSession,
} from "./chargingSessions.ts";
import type { LedgerEntry, SessionLedger, SignedSession } from "./sessionLedger.ts";

/** What the operator of stations sends to the chain, and with what. */
export type SessionOperator = {
  readonly network: Network;
  readonly deployment: Deployment;
  readonly ledger: SessionLedger;
  /** The payee's owner, or who signs for it. */
  readonly sender: Sender;
  /** Has the station's module sign what it measured; null as long as it does not. */
  readonly signStatement: (entry: LedgerEntry) => Promise<SignedSession | null>;
  /** What the chain refused, in a sentence; the session stays as it is. */
  readonly tell: (held: LedgerEntry["held"], sentence: string) => void;
};

/** What is owed for sessions now, and where each is on the chain. */
type Standing = {
  readonly entry: LedgerEntry;
  readonly stage: Awaited<ReturnType<typeof readSession>>["stage"];
  readonly until: number;
};

/** A transaction of so many holds stays below 10 M gas with room. */
const MOST_SESSIONS = 96;

/**
 * Does what is owed for the operator's sessions at `now` (unix seconds): holds that drivers signed, charges that a module signed for,
 * proofs of disputed ones, ends of what is over. It looks at the chain first, so that a restart in between makes no difference.
 * Gives the names of those that are in escrow now.
 */
export async function settleSessions(operator: SessionOperator, now: number): Promise<ReadonlySet<Hex>> {
  const { deployment, ledger } = operator;
  await signAll(operator);
  const before = await standings(operator);
  const due = (stage: Standing["stage"], isDue: (standing: Standing) => boolean) =>
    before.filter((each) => each.stage === stage && isDue(each)).map(({ entry }) => entry);
  const isRunning = ({ until }: Standing) => now < until;
  const isBeforeExpiry = ({ entry }: Standing) => now < entry.held.hold.expiresAt;
  await sendAll(operator, due("none", isBeforeExpiry), (entries) =>
    holdWalletsCall(
      deployment,
      entries.map(({ held }) => held.hold),
    ),
  );
  const held = await standings(operator);
  const charged = held
    .filter((each) => each.stage === "held" && isRunning(each) && isProvable(each.entry))
    .map(({ entry }) => entry);
  await sendAll(operator, charged, (entries) => chargeSessionsCall(deployment, entries.flatMap(chargeOf)));
  for (const entry of due("disputed", (each) => isRunning(each) && isProvable(each.entry)))
    await sendAll(operator, [entry], () => proofCall(operator, entry));
  const over = held
    .filter(({ stage, until }) => stage !== "none" && stage !== "finished" && until <= now)
    .map(({ entry }) => entry);
  await sendAll(operator, over, (entries) =>
    finishSessionsCall(
      deployment,
      entries.map(({ held: { id } }) => id),
    ),
  );
  const after = await standings(operator);
  for (const { entry, stage } of after)
    if (stage === "finished" || (stage === "none" && entry.held.hold.expiresAt <= now))
      await ledger.end(entry.held.id);
  return new Set(after.filter(({ stage }) => stage === "held").map(({ entry }) => entry.held.id));
}

function standings({ network, deployment, ledger }: SessionOperator): Promise<Standing[]> {
  const open = ledger.entries().filter(({ isEnded }) => !isEnded);
  return readEach(open, async (entry) => ({
    entry,
    ...(await readSession(network, deployment, entry.held.id)),
  }));
}

/** What no module signed is not charged: nobody could prove it. */
async function signAll({ ledger, signStatement }: SessionOperator): Promise<void> {
  for (const entry of ledger.entries()) {
    if (entry.isEnded || entry.invoiced === null || entry.signed !== null) continue;
    const signed = await signStatement(entry);
    if (signed !== null) await ledger.sign(signed);
  }
}

function isProvable({ invoiced, signed }: LedgerEntry): boolean {
  return invoiced !== null && signed !== null;
}

function chargeOf({ held: { id }, invoiced }: LedgerEntry) {
  if (invoiced === null) return [];
  const { amountMicro, invoiceHash } = invoiced;
  return [{ id, amountMicro, invoiceHash }];
}

function proofCall({ deployment }: SessionOperator, { held, invoiced, signed }: LedgerEntry): Call {
  if (invoiced === null || signed === null) throw new Error("a proof needs what the module signed");
  const { id, salt, stationHash: stationId, published: tariff, hold } = held;
  const { moduleKey, signature } = signed;
  const opening = { id, salt, stationId, moduleKey, session: hold.session };
  return proveSessionCall(deployment, { ...opening, tariff, statement: invoiced.statement, signature });
}

/** Sends what is due in few transactions; where the chain refuses one, it is halved until the session is found that is refused. */
async function sendAll(
  operator: SessionOperator,
  entries: readonly LedgerEntry[],
  callOf: (entries: readonly LedgerEntry[]) => Call,
): Promise<void> {
  for (let i = 0; i < entries.length; i += MOST_SESSIONS)
    await sendHalving(operator, entries.slice(i, i + MOST_SESSIONS), callOf);
}

async function sendHalving(
  operator: SessionOperator,
  entries: readonly LedgerEntry[],
  callOf: (entries: readonly LedgerEntry[]) => Call,
): Promise<void> {
  const [first] = entries;
  if (first === undefined) return;
  try {
    await operator.sender.send(callOf(entries));
  } catch (error) {
    if (!(error instanceof ContractRefusalError)) throw error;
    if (entries.length === 1) return operator.tell(first.held, error.message);
    const half = Math.ceil(entries.length / 2);
    await sendHalving(operator, entries.slice(0, half), callOf);
    await sendHalving(operator, entries.slice(half), callOf);
  }
}
