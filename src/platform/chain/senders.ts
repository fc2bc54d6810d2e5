import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import type { Address } from "#kernel/crypto/hex.ts";
import { type Intent, type IntentJournal, openIntentJournal } from "./intentJournal.ts";
import type { Network } from "./network.ts";
import { BRIEF, LASTING, type Patience, type Waiting } from "./patience.ts";
import { type FailureListener, type Keeping, type Sender, type SharedSender, shareSender } from "./sender.ts";
import { countOf, newestOf, resume, type SendingAccount } from "./sendIntents.ts";

/** The senders of a process, one an account, whose intents are kept in a folder. */
export type Senders = {
  /** The sender of a key's account. All who ask for one account send in turn. */
  of(privateKey: Hex, listener?: FailureListener): Sender;
  /** After a reorganisation: what is not on the chain any more is sent again, in the order in which it was sent first. */
  lookAgain(): Promise<void>;
  /** Ends all waiting for a node that does not answer; what is under way is looked up at the next start. */
  stop(): void;
  close(): Promise<void>;
};

export type SendersOptions = {
  readonly network: Network;
  /** Holds a journal an account. */
  readonly folder: string;
  /** As {@link Keeping}; where the chain keeps nothing before us, `meanwhile` is enough. */
  readonly syncs: Keeping["syncs"];
  readonly patience?: Patience;
  /** Told in one sentence what a stop left under way. */
  readonly onNotice: (sentence: string) => void;
};

const EXTENSION = ".journal";

/**
 * Opens the journals, and first brings to its end what a stop left under way, in the order in which it was sent: looked for on
 * the chain, and the very same transactions sent again where the chain has lost them.
 *
 * @throws JournalDamagedError, IntentRecordError; RpcFaultError when no node answers for seconds
 */
export async function openSenders(options: SendersOptions): Promise<Senders> {
  const { network, folder, syncs, patience = LASTING } = options;
  mkdirSync(folder, { recursive: true });
  const journals = openJournals(options);
  const stopper = new AbortController();
  const brief = { patience: BRIEF, signal: new AbortController().signal };
  await resumeAll({ ...options, waiting: brief }, journals);
  const waiting = { patience, signal: stopper.signal };
  const sequence = countFrom(lastSequence(journals) + 1);
  const shared = new Map<Address, SharedSender>();
  const journalOf = (address: Address) => {
    const journal = journals.get(address) ?? openIntentJournal(join(folder, address + EXTENSION));
    journals.set(address, journal);
    return journal;
  };
  return {
    of(privateKey, listener = {}) {
      const address = privateKeyToAddress(privateKey).toLowerCase() as Address;
      const known = shared.get(address);
      const keeping = () => ({ ...waiting, journal: journalOf(address), sequence, syncs });
      const sender = known ?? shareSender(network, privateKey, keeping());
      shared.set(address, sender);
      return sender(listener);
    },
    lookAgain: () => resumeAll({ ...options, waiting }, journals),
    stop: () => stopper.abort(),
    async close() {
      stopper.abort();
      const closing = [...journals.values()];
      journals.clear();
      for (const journal of closing) await journal.close();
    },
  };
}

type Journals = Map<Address, IntentJournal>;

function openJournals({ folder, onNotice }: SendersOptions): Journals {
  const journals: Journals = new Map();
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(EXTENSION)) continue;
    const journal = openIntentJournal(join(folder, name));
    if (journal.notice !== null) onNotice(journal.notice);
    journals.set(name.slice(0, -EXTENSION.length) as Address, journal);
  }
  return journals;
}

function lastSequence(journals: Journals): number {
  return Math.max(-1, ...[...journals.values()].map((journal) => journal.list().at(-1)?.sequence ?? -1));
}

function countFrom(first: number): () => number {
  let next = first;
  return () => next++;
}

type Left = { readonly account: SendingAccount; readonly intent: Intent };

async function resumeAll(
  {
    network,
    onNotice,
    waiting,
  }: Pick<SendersOptions, "network" | "onNotice"> & { readonly waiting: Waiting },
  journals: Journals,
): Promise<void> {
  const left: Left[] = [];
  for (const [address, journal] of journals) {
    const account = { ...waiting, network, address, journal, sign: null, nonce: null, price: null };
    left.push(...(await leftOf(account)).map((intent) => ({ account, intent })));
  }
  const outcomes = { found: 0, sentAgain: 0, failed: 0 };
  for (const { account, intent } of left.sort((a, b) => a.intent.sequence - b.intent.sequence))
    outcomes[await resume(account, intent)] += 1;
  const { found, sentAgain, failed } = outcomes;
  if (left.length > 0)
    onNotice(
      `of ${left.length} transactions that were under way ${found} were on the chain, ${sentAgain} were sent again, ${failed} can't be done any more`,
    );
}

/**
 * What of an account is to be looked at: what is open, and what the chain lost although it was in a block. Behind a number that
 * is missing nothing can be sent; it is given up.
 */
async function leftOf(account: SendingAccount): Promise<Intent[]> {
  const { journal } = account;
  const count = await countOf(account);
  const left: Intent[] = [];
  let next = count;
  const byNonce = [...journal.list()].sort((a, b) => newestOf(a).nonce - newestOf(b).nonce);
  for (const intent of byNonce) {
    const { nonce, raw } = newestOf(intent);
    const isOpen = intent.outcome === null;
    if (nonce < count) {
      if (isOpen) left.push(intent);
      continue;
    }
    if (intent.outcome?.kind === "failed") continue;
    if (nonce !== next || raw === "0x") {
      journal.end(intent.id, { kind: "failed", reason: "the chain went back before what was kept of it" });
      continue;
    }
    next += 1;
    left.push(intent);
  }
  return left;
}
