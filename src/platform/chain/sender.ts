import { randomUUID } from "node:crypto";
import {
  type Abi,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
  isHex,
  type TransactionReceipt,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { type Address, fromHex, toHex } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError, sentenceOf } from "#kernel/units/domainError.ts";
import { createQueue } from "#kernel/units/queue.ts";
import { refusalOf } from "./contractRefusal.ts";
import { type Intent, type IntentJournal, openIntents, rememberIntents } from "./intentJournal.ts";
import type { Network } from "./network.ts";
import { BRIEF, insist, type Patience, WaitingStoppedError } from "./patience.ts";
import { faultIn } from "./rpcFault.ts";
import {
  follow,
  newestOf,
  nextNonce,
  priceOf,
  receiptOf,
  resume,
  type SendingAccount,
  type Submission,
  SupersededError,
  signerOf,
  submitAll,
} from "./sendIntents.ts";

/**
 * A call ready to be signed. Without `to` it deploys a contract.
 *
 * @property label names it in errors and logs
 * @property value ether that goes with it, wei; none when it is left out
 * @property abi interface of the called contract, with the errors that it may be refused with
 */
export type Call = {
  readonly label: string;
  readonly to: Address | null;
  readonly data: Hex;
  readonly value?: bigint;
  readonly abi?: Abi;
};

/** A call that was not taken: refused by the node, reverted, or lost. `transactionHash` is null when it was not sent. */
export type SendFailure = {
  readonly label: string;
  readonly transactionHash: Hex | null;
  readonly cause: unknown;
};

/** Signs and sends transactions of one account, in order, and waits for their receipts. */
export type Sender = {
  readonly address: Address;
  readonly account: PrivateKeyAccount;
  /**
   * Sends one call and waits until it is in a block. A second call with the same `id`, the caller's name of the intent, is not
   * sent: it gives what came of the first, also after a restart.
   *
   * @throws ContractRefusalError when it reverted, IntentDiffersError when the id belongs to another call
   */
  send(call: Call, id?: string): Promise<TransactionReceipt>;
  /** Sends calls one behind the other without waiting in between, then waits for all; stops at the first refusal. */
  sendAll(calls: readonly Call[]): Promise<TransactionReceipt[]>;
};

/** Gas of a transaction: what every engine of the design takes. */
export const MAX_TRANSACTION_GAS = 10_000_000n;
/** Gas of a deployment: 24,576 bytes of code, the most that EIP-170 allows, cost 4.9 M by themselves. */
const MAX_DEPLOYMENT_GAS = 8_000_000n;
/** Transactions under way at once; below every engine's limit of pending ones. */
const BATCH = 32;

export type FailureListener = { readonly onFailure?: (failure: SendFailure) => void };

/**
 * What keeps an account's intents. Left out: this process's memory, a patience of seconds, and nobody who stops it.
 *
 * @property sequence gives each intent its place among those of all accounts
 * @property syncs whether an intent outlives a power cut before it is sent, or by the time its outcome is told: enough for what
 *   its caller did not name, where a power cut takes the newest blocks of the chain as well
 */
export type Keeping = {
  readonly journal: IntentJournal;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly sequence: () => number;
  readonly syncs: "beforeSending" | "meanwhile";
};

/** A sender for several users of one account. */
export type SharedSender = (listener: FailureListener) => Sender;

type Account = SendingAccount & Pick<Keeping, "sequence" | "syncs">;

/**
 * A sender for `privateKey`. One process must hold an account's only sender, since it counts the nonces. `onFailure` is
 * told of each call that fails, before its caller.
 */
export function createSender(network: Network, privateKey: Hex, listener: FailureListener = {}): Sender {
  return shareSender(network, privateKey, keepInMemory())(listener);
}

function keepInMemory(patience: Patience = BRIEF): Keeping {
  let count = 0;
  const sequence = () => count++;
  const { signal } = new AbortController();
  return { journal: rememberIntents(), patience, signal, sequence, syncs: "meanwhile" };
}

export function shareSender(network: Network, privateKey: Hex, keeping: Keeping): SharedSender {
  const account = privateKeyToAccount(privateKey);
  const address = account.address.toLowerCase() as Address;
  const sign = signerOf(network.chainId, privateKey);
  const sending: Account = { ...keeping, network, address, sign, nonce: null, price: null };
  const queue = createQueue();
  /** One after the other: a nonce must not be given twice. After a failure the nonce is asked for anew. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    queue(() =>
      work().catch((error: unknown) => {
        sending.nonce = null;
        throw error;
      }),
    );

  return ({ onFailure = () => undefined }) => ({
    address,
    account,
    send: (call, id) => inTurn(() => sendOne(sending, { call, id, onFailure })),
    sendAll: (calls) => inTurn(() => sendInBatches(sending, calls, onFailure)),
  });
}

type OnFailure = (failure: SendFailure) => void;

async function sendOne(
  account: Account,
  { call, id, onFailure }: { call: Call; id: string | undefined; onFailure: OnFailure },
): Promise<TransactionReceipt> {
  const known = id === undefined ? null : account.journal.find(id);
  if (known !== null) return outcomeOf(account, { call, intent: known, onFailure });
  const [receipt] = await sendBatch(account, { calls: [call], onFailure, id });
  return present(receipt, "the receipt of a call");
}

/** What came of an intent before; one that is open is followed on. */
async function outcomeOf(
  account: Account,
  { call, intent, onFailure }: { call: Call; intent: Intent; onFailure: OnFailure },
): Promise<TransactionReceipt> {
  if (intent.callHash !== hashOf(call)) throw new IntentDiffersError(intent.id, intent.label);
  const { outcome } = intent;
  if (outcome === null) return settle(account, { intent, call }, onFailure);
  if (outcome.kind === "failed") throw new IntentFailedError(intent.label, outcome.reason);
  const receipt = present(await receiptOf(account, intent), `the receipt of ${outcome.hash}`);
  return successOf(account, call, receipt);
}

async function sendInBatches(
  account: Account,
  calls: readonly Call[],
  onFailure: OnFailure,
): Promise<TransactionReceipt[]> {
  const receipts: TransactionReceipt[] = [];
  for (let at = 0; at < calls.length; at += BATCH)
    receipts.push(...(await sendBatch(account, { calls: calls.slice(at, at + BATCH), onFailure })));
  return receipts;
}

async function sendBatch(
  account: Account,
  { calls, onFailure, id }: { calls: readonly Call[]; onFailure: OnFailure; id?: string | undefined },
): Promise<TransactionReceipt[]> {
  if (calls.length === 0) return [];
  const failAt = (i: number, cause: unknown) =>
    tell(onFailure, { label: callAt(calls, i).label, transactionHash: null, cause });
  const intended = await intend(account, calls, id).catch((cause: unknown) => failAt(0, cause));
  const { sent, failure } = await submitAll(account, intended.submissions);
  const followed = await Promise.allSettled(
    sent.map((submission, i) => settle(account, { ...submission, call: callAt(calls, i) }, onFailure)),
  );
  await intended.durable;
  if (failure !== null) withdraw(account, intended.submissions.slice(sent.length), failure);
  for (const result of followed) if (result.status === "rejected") throw result.reason;
  if (failure !== null) return failAt(sent.length, failure);
  return followed.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

function callAt(calls: readonly Call[], i: number): Call {
  return present(calls[i], "a call");
}

/** Signs calls with the next numbers, and keeps them before anything is sent. */
async function intend(account: Account, calls: readonly Call[], id: string | undefined) {
  const { journal, syncs, sequence } = account;
  if (account.nonce === null) for (const open of openIntents(journal)) await resume(account, open);
  const [nonce, gasPrice] = [await nextNonce(account), await priceOf(account)];
  const sign = present(account.sign, "the key of a sender");
  const submissions = calls.map((call, i) => {
    const value = call.value === undefined ? {} : { value: call.value };
    const intended = { to: call.to, data: call.data, gas: gasOf(call), ...value };
    const signed = sign({ type: "legacy", ...intended, nonce: nonce + i, gasPrice });
    const callHash = id === undefined ? null : hashOf(call);
    const names = { id: id ?? randomUUID(), sequence: sequence(), label: call.label, callHash };
    return { call: intended, intent: { ...names, signed: [signed], outcome: null } };
  });
  const durable = journal.intend(submissions.map(({ intent }) => intent));
  // Its failure is told when it is waited for.
  durable.catch(() => undefined);
  account.nonce = nonce + calls.length;
  if (syncs === "beforeSending" || id !== undefined) await durable;
  return { submissions, durable };
}

/** What no node has taken is over; what one may have is looked up at the next start. */
function withdraw({ journal }: Account, left: readonly Submission[], failure: unknown): void {
  for (const [i, { intent }] of left.entries()) {
    const mayBeTaken = i === 0 && (faultIn(failure) !== null || failure instanceof WaitingStoppedError);
    if (!mayBeTaken) journal.end(intent.id, { kind: "failed", reason: sentenceOf(failure) });
  }
}

type FollowedCall = { readonly intent: Intent; readonly call: Call };

async function settle(
  account: Account,
  { intent, call }: FollowedCall,
  onFailure: OnFailure,
): Promise<TransactionReceipt> {
  let { hash } = newestOf(intent);
  try {
    const receipt = await follow(account, { intent, call: { ...call, gas: gasOf(call) } });
    hash = receipt.transactionHash;
    account.journal.end(intent.id, { kind: "mined", hash, block: Number(receipt.blockNumber) });
    return await successOf(account, call, receipt);
  } catch (cause) {
    if (cause instanceof SupersededError)
      account.journal.end(intent.id, { kind: "failed", reason: cause.message });
    return tell(onFailure, { label: call.label, transactionHash: hash, cause });
  }
}

/** Tells of a call that failed, and throws what it failed with; a stop is no failure. */
function tell(onFailure: OnFailure, failure: SendFailure): never {
  if (!(failure.cause instanceof WaitingStoppedError)) onFailure(failure);
  throw failure.cause;
}

async function successOf(
  account: Account,
  call: Call,
  receipt: TransactionReceipt,
): Promise<TransactionReceipt> {
  if (receipt.status === "success") return receipt;
  throw await insist(() => explainRevert(account, call, receipt), account);
}

function hashOf({ to, data, value }: Call): Hex {
  const sent = value === undefined ? "" : value.toString(16).padStart(64, "0");
  return toHex(keccak256(fromHex(`${to ?? "0x"}${data.slice(2)}${sent}` as Hex)));
}

/** A call of a contract's function, typed by its interface. */
export function contractCall<
  const TAbi extends Abi,
  TName extends ContractFunctionName<TAbi, "nonpayable">,
>(target: {
  address: Address;
  abi: TAbi;
  functionName: TName;
  args: ContractFunctionArgs<TAbi, "nonpayable", TName>;
}): Call {
  return {
    label: target.functionName,
    to: target.address,
    abi: target.abi,
    data: encodeFunctionData({
      abi: target.abi as Abi,
      functionName: target.functionName as string,
      args: target.args as readonly unknown[],
    }),
  };
}

/** Gas of a transfer to an account that is no contract: what is offered is taken from its sender beforehand. */
const TRANSFER_GAS = 21_000n;

function gasOf({ to, data, value }: Call): bigint {
  if (data === "0x" && value !== undefined) return TRANSFER_GAS;
  return to === null ? MAX_DEPLOYMENT_GAS : MAX_TRANSACTION_GAS;
}

async function explainRevert(
  { network, address }: Account,
  call: Call,
  receipt: TransactionReceipt,
): Promise<DomainError> {
  if (receipt.gasUsed >= gasOf(call)) return new OutOfGasError(call.label, gasOf(call));
  const { to, data } = call;
  const { blockNumber } = receipt;
  try {
    await network.client.call({ account: address, to, data, blockNumber, gas: gasOf(call) });
  } catch (error) {
    if (faultIn(error) !== null) throw error;
    return refusalOf(call, revertData(error));
  }
  return refusalOf(call, undefined);
}

/** What the node says the call reverted with stands in the error at the bottom of viem's. */
function revertData(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const { data } = error.walk() as { data?: unknown };
  const revert = typeof data === "object" && data !== null && "data" in data ? data.data : data;
  return isHex(revert) ? revert : undefined;
}

export class OutOfGasError extends DomainError {
  readonly code = "outOfGas";

  constructor(label: string, limit: bigint) {
    super(`${label} needs more than ${limit} gas`);
  }
}

/** What became of an intent is known, and was no receipt. */
export class IntentFailedError extends DomainError {
  readonly code = "intentFailed";

  constructor(label: string, reason: string) {
    super(`${label} was not done when it was sent first: ${reason}`);
  }
}

export class IntentDiffersError extends DomainError {
  readonly code = "intentDiffers";

  constructor(id: string, label: string) {
    super(`the intent ${id} is another call, ${label}; an id is given to one call only`);
  }
}
