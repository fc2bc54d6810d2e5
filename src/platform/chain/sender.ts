import { setTimeout } from "node:timers/promises";
import {
  type Abi,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
  isHex,
  serializeTransaction,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
  type TransactionSerializableLegacy,
  WaitForTransactionReceiptTimeoutError,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { type Address, fromHex } from "#kernel/crypto/hex.ts";
import { signDigest } from "#kernel/crypto/signature.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { refusalOf } from "./contractRefusal.ts";
import type { Network } from "./network.ts";
import { wideSignature } from "./wideSignature.ts";

/**
 * A call ready to be signed. Without `to` it deploys a contract.
 *
 * @property label names it in errors and logs
 * @property abi interface of the called contract, with the errors that it may be refused with
 */
export type Call = {
  readonly label: string;
  readonly to: Address | null;
  readonly data: Hex;
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
  /** Sends one call and waits until it is in a block. Throws a ContractRefusalError when it reverted. */
  send(call: Call): Promise<TransactionReceipt>;
  /** Sends calls one behind the other without waiting in between, then waits for all; stops at the first refusal. */
  sendAll(calls: readonly Call[]): Promise<TransactionReceipt[]>;
};

/** Gas of a transaction: what every engine of the design takes. */
export const MAX_TRANSACTION_GAS = 10_000_000n;
/** Gas of a deployment: 24,576 bytes of code, the most that EIP-170 allows, cost 4.9 M by themselves. */
const MAX_DEPLOYMENT_GAS = 8_000_000n;
/** Transactions under way at once; below every engine's limit of pending ones. */
const BATCH = 32;
/** Receipts are asked for this long before a transaction counts as lost. */
const RECEIPT_TIMEOUT_MS = 120_000;
/** An embedded chain has the receipt within some milliseconds, others within seconds: asked again after a sixth of the wait. */
const FIRST_POLLING_MS = 1;
const POLLING_GROWTH = 1 / 6;
const SLOWEST_POLLING_MS = 250;

type FailureListener = { readonly onFailure?: (failure: SendFailure) => void };

/** An account as its sender knows it; `nonce` and `gasPrice` are null until they are asked for. */
type SendingAccount = FailureListener & {
  readonly network: Network;
  readonly privateKey: Hex;
  readonly address: Address;
  nonce: number | null;
  gasPrice: bigint | null;
};

/**
 * A sender for `privateKey`. One process must hold an account's only sender, since it counts the nonces. `onFailure` is
 * told of each call that fails, before its caller.
 */
export function createSender(network: Network, privateKey: Hex, listener: FailureListener = {}): Sender {
  const account = privateKeyToAccount(privateKey);
  const address = account.address.toLowerCase() as Address;
  const { gasPrice } = network;
  const sending: SendingAccount = { ...listener, network, privateKey, address, nonce: null, gasPrice };
  let tail: Promise<unknown> = Promise.resolve();

  /** One after the other: a nonce must not be given twice. After a failed submission the nonce is asked for anew. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work).catch((error: unknown) => {
      sending.nonce = null;
      throw error;
    });
    tail = result.catch(() => undefined);
    return result;
  };

  return {
    address,
    account,
    send: (call) => inTurn(async () => settle(sending, call, await submit(sending, call))),
    sendAll: (calls) => inTurn(() => sendInBatches(sending, calls)),
  };
}

function submit(sending: SendingAccount, call: Call): Promise<Hex> {
  return reporting(sending, { call, transactionHash: null }, signAndSend(sending, call));
}

function settle(sending: SendingAccount, call: Call, hash: Hex): Promise<TransactionReceipt> {
  return reporting(sending, { call, transactionHash: hash }, follow(sending, call, hash));
}

function reporting<T>(
  { onFailure }: SendingAccount,
  { call, transactionHash }: { call: Call; transactionHash: Hex | null },
  work: Promise<T>,
): Promise<T> {
  return work.catch((cause: unknown) => {
    onFailure?.({ label: call.label, transactionHash, cause });
    throw cause;
  });
}

async function signAndSend(sending: SendingAccount, call: Call): Promise<Hex> {
  const { network, privateKey, address } = sending;
  const nonce = sending.nonce ?? (await network.client.getTransactionCount({ address }));
  sending.nonce = nonce;
  const gasPrice = sending.gasPrice ?? (await network.client.getGasPrice());
  sending.gasPrice = gasPrice;
  const { chainId } = network;
  const { to, data } = call;
  const serializedTransaction = signTransaction(
    { type: "legacy", chainId, nonce, gas: gasOf(call), gasPrice, to, data },
    fromHex(privateKey),
  );
  const hash = await network.client.sendRawTransaction({ serializedTransaction });
  sending.nonce = nonce + 1;
  return hash;
}

async function follow(
  { network, address }: SendingAccount,
  call: Call,
  hash: Hex,
): Promise<TransactionReceipt> {
  const receipt = await awaitReceipt(network, hash);
  if (receipt.status === "success") return receipt;
  throw await explainRevert({ network, call, from: address, receipt });
}

async function sendInBatches(sending: SendingAccount, calls: readonly Call[]): Promise<TransactionReceipt[]> {
  const receipts: TransactionReceipt[] = [];
  for (let at = 0; at < calls.length; at += BATCH) {
    const batch = calls.slice(at, at + BATCH);
    const hashes: Hex[] = [];
    for (const call of batch) hashes.push(await submit(sending, call));
    const settled = await Promise.allSettled(
      batch.map((call, i) => settle(sending, call, hashes[i] ?? "0x")),
    );
    for (const result of settled) {
      if (result.status === "rejected") throw result.reason;
      receipts.push(result.value);
    }
  }
  return receipts;
}

/** The bytes of a transaction with its signature: those that viem would give, by the fast library. */
export function signTransaction(transaction: TransactionSerializableLegacy, privateKey: Uint8Array): Hex {
  const digest = keccak256(fromHex(serializeTransaction(transaction)));
  return serializeTransaction(transaction, wideSignature(signDigest(digest, privateKey)));
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

/**
 * Asks for the receipt until it is there. viem's own wait looks again only when a new block comes: where blocks are made
 * on demand, a receipt that came a moment after the block's number would never be seen.
 *
 * @throws WaitForTransactionReceiptTimeoutError after {@link RECEIPT_TIMEOUT_MS}
 */
async function awaitReceipt({ client }: Network, hash: Hex): Promise<TransactionReceipt> {
  const startedAt = performance.now();
  for (;;) {
    const waitedMs = performance.now() - startedAt;
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
      if (waitedMs >= RECEIPT_TIMEOUT_MS) throw new WaitForTransactionReceiptTimeoutError({ hash });
    }
    await setTimeout(Math.min(SLOWEST_POLLING_MS, FIRST_POLLING_MS + POLLING_GROWTH * waitedMs));
  }
}

function gasOf({ to }: Call): bigint {
  return to === null ? MAX_DEPLOYMENT_GAS : MAX_TRANSACTION_GAS;
}

async function explainRevert({
  network,
  call,
  from,
  receipt,
}: {
  network: Network;
  call: Call;
  from: Address;
  receipt: TransactionReceipt;
}): Promise<DomainError> {
  if (receipt.gasUsed >= gasOf(call)) return new OutOfGasError(call.label, gasOf(call));
  try {
    await network.client.call({
      account: from,
      to: call.to,
      data: call.data,
      blockNumber: receipt.blockNumber,
      gas: gasOf(call),
    });
  } catch (error) {
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
