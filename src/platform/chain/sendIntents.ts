import {
  type Hex,
  serializeTransaction,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type TransactionSerializableLegacy,
  WaitForTransactionReceiptTimeoutError,
} from "viem";
import { type Address, fromHex, toHex } from "#kernel/crypto/hex.ts";
import { signDigest } from "#kernel/crypto/signature.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type Intent, type IntentJournal, openIntents, type Signed } from "./intentJournal.ts";
import type { Network } from "./network.ts";
import { answerIn, verdictOn } from "./nodeVerdict.ts";
import { insist, pause, pauseAfter, type Waiting, WaitingStoppedError } from "./patience.ts";
import { wideSignature } from "./wideSignature.ts";

/**
 * An account that sends. `sign` is null where its key is not at hand, after a restart: what was signed can be sent again,
 * nothing else.
 *
 * @property nonce of the next transaction; null until it is asked for
 * @property price what a unit of gas costs now, and when that was asked
 */
export type SendingAccount = Waiting & {
  readonly network: Network;
  readonly address: Address;
  readonly journal: IntentJournal;
  readonly sign: ((transaction: Omit<TransactionSerializableLegacy, "chainId">) => Signed) | null;
  nonce: number | null;
  price: { readonly gasPrice: bigint; readonly at: number } | null;
};

/** What is to be signed anew for an intent: its call and its gas. */
export type IntendedCall = {
  readonly to: Address | null;
  readonly data: Hex;
  readonly gas: bigint;
  readonly value?: bigint;
};

export type Submission = { readonly intent: Intent; readonly call: IntendedCall | null };

/** A stuck transaction is offered an eighth more for: nodes ask for a tenth (geth, besu, erigon, nethermind). */
const RAISE = { numerator: 9n, denominator: 8n };
/** And at most so many times the price at first, where the network does not state a ceiling. */
const CEILING_TIMES = 10n;
/** What a node suggests for gas is asked anew after so long. */
const PRICE_AGE_MS = 60_000;
/** Numbers that another sender of the same account took first, in one call. */
const MAX_RENUMBERINGS = 16;
/** An embedded chain has the receipt within some milliseconds, others within seconds: asked again after a sixth of the wait. */
const FIRST_POLLING_MS = 1;
const POLLING_GROWTH = 1 / 6;
const SLOWEST_POLLING_MS = 250;

/** The number of the next transaction: behind those on the chain and those of open intents. */
export async function nextNonce(account: SendingAccount): Promise<number> {
  if (account.nonce !== null) return account.nonce;
  const count = await countOf(account);
  return Math.max(count, ...openIntents(account.journal).map((intent) => newestOf(intent).nonce + 1));
}

export function countOf(account: SendingAccount): Promise<number> {
  const { network, address } = account;
  return insist(() => network.client.getTransactionCount({ address }), account);
}

/** What a unit of gas costs: the network's choice, or what its node suggests. */
export async function priceOf(account: SendingAccount): Promise<bigint> {
  const { network, price } = account;
  if (network.gasPrice !== null) return network.gasPrice;
  if (price !== null && performance.now() - price.at < PRICE_AGE_MS) return price.gasPrice;
  const gasPrice = await insist(() => network.client.getGasPrice(), account);
  account.price = { gasPrice, at: performance.now() };
  return gasPrice;
}

/** The bytes of a transaction with its signature: those that viem would give, by the fast library. */
export function signTransaction(transaction: TransactionSerializableLegacy, privateKey: Uint8Array): Hex {
  const digest = keccak256(fromHex(serializeTransaction(transaction)));
  return serializeTransaction(transaction, wideSignature(signDigest(digest, privateKey)));
}

/** Signs for an account of a chain. */
export function signerOf(chainId: number, privateKey: Hex): NonNullable<SendingAccount["sign"]> {
  const key = fromHex(privateKey);
  return (transaction) => {
    const raw = signTransaction({ ...transaction, chainId }, key);
    const { nonce = 0, gasPrice = 0n } = transaction;
    return { nonce, hash: toHex(keccak256(fromHex(raw))), raw, gasPrice: String(gasPrice) };
  };
}

/**
 * Hands transactions to the node in the order of their numbers. Gives them as they were sent, and what the first that was not
 * taken failed with: it and those behind it are not sent, and leave no gap.
 */
export async function submitAll(
  account: SendingAccount,
  submissions: readonly Submission[],
): Promise<{ readonly sent: readonly Submission[]; readonly failure: unknown }> {
  const sent: Submission[] = [];
  let left = submissions;
  for (let renumberings = 0; left.length > 0; ) {
    const [next, ...rest] = left as [Submission, ...Submission[]];
    try {
      const submitted = await submit(account, next);
      if (submitted !== "nonceTaken") {
        sent.push(submitted);
        left = rest;
        continue;
      }
      renumberings += 1;
      if (renumberings > MAX_RENUMBERINGS) throw new NonceContestedError(account.address);
      left = await renumber(account, left);
    } catch (failure) {
      return { sent, failure };
    }
  }
  return { sent, failure: null };
}

/** Hands one transaction over until the node has it. A lost answer is looked up, and the very same bytes are sent again. */
async function submit(account: SendingAccount, submission: Submission): Promise<Submission | "nonceTaken"> {
  const { network, patience, signal } = account;
  const startedAt = performance.now();
  let current = submission;
  for (let faults = 0; ; ) {
    try {
      const { raw: serializedTransaction } = newestOf(current.intent);
      await network.client.sendRawTransaction({ serializedTransaction });
      return current;
    } catch (error) {
      const verdict = verdictOn(error);
      if (verdict === "known") return current;
      if (verdict === "unheard") {
        faults += 1;
        if (performance.now() - startedAt >= patience.givesUpAfterMs) throw error;
        await pause(pauseAfter(faults, error, patience), signal);
        continue;
      }
      if (await isHeard(account, current.intent)) return current;
      if (verdict === "nonceTaken" && faults === 0) return "nonceTaken";
      if (verdict === "nonceTaken") throw new SupersededError(current.intent.label);
      const raised = verdict === "underpriced" ? await raise(account, current) : null;
      if (raised === null) throw error;
      current = raised;
    }
  }
}

/** Whether the chain or the node has one of an intent's transactions. */
async function isHeard(account: SendingAccount, intent: Intent): Promise<boolean> {
  for (const { hash } of intent.signed) if (await isKnown(account, hash)) return true;
  return (await receiptOf(account, intent)) !== null;
}

function isKnown(account: SendingAccount, hash: Hex): Promise<boolean> {
  return insist(async () => {
    try {
      await account.network.client.getTransaction({ hash });
      return true;
    } catch (error) {
      if (error instanceof TransactionNotFoundError) return false;
      throw error;
    }
  }, account);
}

/** Numbers that another sender took are passed over: what was never taken by a node is signed with the next ones. */
async function renumber(account: SendingAccount, left: readonly Submission[]): Promise<Submission[]> {
  const { journal, sign } = account;
  const first = await countOf(account);
  const renumbered: Submission[] = [];
  for (const [i, { intent, call }] of left.entries()) {
    if (sign === null || call === null) throw new SupersededError(intent.label);
    const { gasPrice } = newestOf(intent);
    const signed = sign({ type: "legacy", ...call, nonce: first + i, gasPrice: BigInt(gasPrice) });
    renumbered.push({ call, intent: await journal.sign(intent.id, signed) });
  }
  account.nonce = first + left.length;
  return renumbered;
}

/** The same transaction for more, or null where that would be above the ceiling. */
async function raise(account: SendingAccount, { intent, call }: Submission): Promise<Submission | null> {
  const { network, journal, sign } = account;
  const { nonce, gasPrice } = newestOf(intent);
  const paid = BigInt(gasPrice);
  const suggested = await priceOf(account);
  const least = (paid * RAISE.numerator) / RAISE.denominator + 1n;
  const offered = suggested > least ? suggested : least;
  const firstPrice = BigInt(present(intent.signed[0], "the first transaction of an intent").gasPrice);
  const ceiling = network.maxGasPrice ?? (network.gasPrice === null ? firstPrice * CEILING_TIMES : paid);
  if (sign === null || call === null || offered > ceiling) return null;
  const signed = sign({ type: "legacy", ...call, nonce, gasPrice: offered });
  return { call, intent: await journal.sign(intent.id, signed) };
}

/**
 * Waits until an intent's transaction is in a block. One that the node lost is handed over again, one that is stuck for more.
 *
 * @throws SupersededError when another transaction took its number; WaitForTransactionReceiptTimeoutError, WaitingStoppedError,
 *   RpcFaultError, after which it is open
 */
export async function follow(account: SendingAccount, submission: Submission): Promise<TransactionReceipt> {
  const { patience, signal } = account;
  const startedAt = performance.now();
  let current = submission;
  let [lookedAt, raisedAt] = [startedAt, startedAt];
  for (;;) {
    const receipt = await receiptOf(account, current.intent);
    if (receipt !== null) return receipt;
    const now = performance.now();
    const { hash } = newestOf(current.intent);
    if (now - startedAt >= patience.receiptTimeoutMs)
      throw new WaitForTransactionReceiptTimeoutError({ hash });
    if (now - raisedAt >= patience.stuckAfterMs) {
      raisedAt = now;
      current = await replaceStuck(account, current);
    } else if (now - lookedAt >= patience.vanishedAfterMs) {
      if (signal.aborted) throw new WaitingStoppedError();
      lookedAt = now;
      await handOverVanished(account, current);
    }
    await pauseForReceipt(now - startedAt);
  }
}

function pauseForReceipt(waitedMs: number): Promise<void> {
  const milliseconds = Math.min(SLOWEST_POLLING_MS, FIRST_POLLING_MS + POLLING_GROWTH * waitedMs);
  return pause(milliseconds, NEVER);
}

const NEVER = new AbortController().signal;

async function replaceStuck(account: SendingAccount, stuck: Submission): Promise<Submission> {
  const raised = await raise(account, stuck);
  if (raised === null) return stuck;
  const submitted = await submit(account, raised);
  // Its number is taken by one of its own earlier transactions, which the next look finds.
  return submitted === "nonceTaken" ? raised : submitted;
}

/** A node that was restarted, or a chain that went back, may have lost a transaction: the very same bytes are sent again. */
async function handOverVanished(account: SendingAccount, submission: Submission): Promise<void> {
  const { intent } = submission;
  for (const { hash } of intent.signed) if (await isKnown(account, hash)) return;
  const isTaken = (await countOf(account)) > newestOf(intent).nonce;
  const submitted = isTaken ? "nonceTaken" : await submit(account, submission);
  if (submitted === "nonceTaken" && !(await isHeard(account, intent)))
    throw new SupersededError(intent.label);
}

/**
 * Brings an intent that was left under way to its end: looks for it on the chain, and sends the very same bytes again where
 * neither the chain nor the node has them.
 */
export async function resume(
  account: SendingAccount,
  intent: Intent,
): Promise<"found" | "sentAgain" | "failed"> {
  const { journal } = account;
  const found = await receiptOf(account, intent);
  try {
    const receipt = found ?? (await sendAgain(account, intent));
    const { transactionHash: hash, blockNumber } = receipt;
    journal.end(intent.id, { kind: "mined", hash, block: Number(blockNumber) });
    return found === null ? "sentAgain" : "found";
  } catch (cause) {
    const reason = cause instanceof SupersededError ? cause.message : answerIn(cause)?.details;
    if (reason === undefined) throw cause;
    journal.end(intent.id, { kind: "failed", reason });
    return "failed";
  }
}

async function sendAgain(account: SendingAccount, intent: Intent): Promise<TransactionReceipt> {
  const submission = { intent, call: null };
  const submitted = await submit(account, submission);
  if (submitted === "nonceTaken") throw new SupersededError(intent.label);
  return follow(account, submitted);
}

/** The receipt of whichever of an intent's transactions is in a block. */
export async function receiptOf(account: SendingAccount, intent: Intent): Promise<TransactionReceipt | null> {
  for (const { hash } of intent.signed.toReversed()) {
    const receipt = await insist(() => readReceipt(account.network, hash), account);
    if (receipt !== null) return receipt;
  }
  return null;
}

async function readReceipt({ client }: Network, hash: Hex): Promise<TransactionReceipt | null> {
  try {
    return await client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return null;
    throw error;
  }
}

export function newestOf({ signed, id }: Pick<Intent, "signed" | "id">): Signed {
  return present(signed.at(-1), `a transaction of intent ${id}`);
}

/** Another transaction of the account has the number of this one, which can never be in a block any more. */
export class SupersededError extends DomainError {
  readonly code = "transactionSuperseded";

  constructor(label: string) {
    super(`${label} was not done: another transaction of its account took its number`);
  }
}

export class NonceContestedError extends DomainError {
  readonly code = "nonceContested";

  constructor(address: Address) {
    super(`another process sends from ${address} as well; one must hold an account's only sender`);
  }
}
