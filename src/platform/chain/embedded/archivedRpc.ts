import { getContractAddress, numberToHex, parseTransaction, type TransactionSerializable } from "viem";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import type { ArchivedBlock, ArchivedLog, ArchivedTransaction } from "./archivedBlock.ts";

/** Answers of JSON-RPC out of an archived block, field by field as the node gave them when the block was new. */

export function rpcBlock(block: ArchivedBlock, { isFull }: { isFull: boolean }) {
  const { header, bytes, transactions } = block;
  return {
    ...header,
    totalDifficulty: "0x0",
    size: numberToHex(bytes),
    uncles: [],
    transactions: isFull
      ? transactions.map((_, index) => rpcTransaction(block, index))
      : transactions.map(({ hash }) => hash),
    withdrawals: [],
  };
}

export function rpcTransaction(block: ArchivedBlock, index: number) {
  const { hash, raw, from } = transactionAt(block, index);
  const signed = parseTransaction(raw) as Signed;
  return {
    ...fieldsOf(signed),
    hash,
    ...placeOf(block, index),
    from,
    ...(signed.type === "eip1559" && { gasPrice: numberToHex(gasPriceOf(block, signed)) }),
    blockTimestamp: block.header.timestamp,
  };
}

export function rpcReceipt(block: ArchivedBlock, index: number) {
  const { hash, raw, from, receipt } = transactionAt(block, index);
  const signed = parseTransaction(raw) as Signed;
  const before = index === 0 ? 0 : transactionAt(block, index - 1).receipt.cumulativeGasUsed;
  const to = signed.to ?? null;
  return {
    type: TYPE_NUMBER[signed.type],
    status: receipt.isSuccess ? "0x1" : "0x0",
    cumulativeGasUsed: numberToHex(receipt.cumulativeGasUsed),
    logs: rpcLogs(block, index),
    // The bloom of the only receipt is the block's.
    logsBloom: block.transactions.length === 1 ? block.header.logsBloom : bloomOf(receipt.logs),
    transactionHash: hash,
    ...placeOf(block, index),
    gasUsed: numberToHex(receipt.cumulativeGasUsed - before),
    effectiveGasPrice: numberToHex(gasPriceOf(block, signed)),
    blobGasPrice: "0x1",
    from,
    to,
    contractAddress:
      to === null
        ? (getContractAddress({ from, nonce: BigInt(signed.nonce ?? 0) }).toLowerCase() as Hex)
        : null,
    blockTimestamp: Number(block.header.timestamp),
  };
}

/** The logs of one transaction; their numbers go on over the block. */
export function rpcLogs(block: ArchivedBlock, index: number) {
  let logIndex = 0;
  for (const { receipt } of block.transactions.slice(0, index)) logIndex += receipt.logs.length;
  const { hash, receipt } = transactionAt(block, index);
  return receipt.logs.map(({ address, topics, data }, i) => ({
    address,
    topics,
    data,
    ...placeOf(block, index),
    blockTimestamp: block.header.timestamp,
    transactionHash: hash,
    logIndex: numberToHex(logIndex + i),
    removed: false,
  }));
}

type Signed = TransactionSerializable & {
  readonly type: keyof typeof TYPE_NUMBER;
  readonly r: Hex;
  readonly s: Hex;
  readonly v?: bigint;
  readonly yParity?: number;
};

const TYPE_NUMBER = {
  legacy: "0x0",
  eip2930: "0x1",
  eip1559: "0x2",
  eip4844: "0x3",
  eip7702: "0x4",
} as const;

function transactionAt(block: ArchivedBlock, index: number): ArchivedTransaction {
  return present(block.transactions[index], `transaction ${index} of block ${block.number}`);
}

function placeOf({ header }: ArchivedBlock, index: number) {
  return { blockHash: header.hash, blockNumber: header.number, transactionIndex: numberToHex(index) };
}

function fieldsOf(signed: Signed) {
  const { type, chainId, nonce, gas, to, value, data, r, s, v, yParity } = signed;
  const parity = numberToHex(yParity ?? 0);
  return {
    type: TYPE_NUMBER[type],
    ...(chainId !== undefined && { chainId: numberToHex(chainId) }),
    nonce: numberToHex(nonce ?? 0),
    gas: numberToHex(gas ?? 0n),
    ...pricesOf(signed),
    to: to ?? null,
    value: numberToHex(value ?? 0n),
    ...("accessList" in signed || type !== "legacy" ? { accessList: accessListOf(signed) } : {}),
    input: data ?? "0x",
    r: numberToHex(BigInt(r)),
    s: numberToHex(BigInt(s)),
    ...(type === "legacy" ? { v: numberToHex(v ?? 0n) } : { yParity: parity, v: parity }),
  };
}

function pricesOf({ gasPrice, maxFeePerGas, maxPriorityFeePerGas, type }: Signed) {
  return type === "legacy" || type === "eip2930"
    ? { gasPrice: numberToHex(gasPrice ?? 0n) }
    : {
        maxFeePerGas: numberToHex(maxFeePerGas ?? 0n),
        maxPriorityFeePerGas: numberToHex(maxPriorityFeePerGas ?? 0n),
      };
}

function accessListOf(signed: Signed) {
  const list = "accessList" in signed ? (signed.accessList ?? []) : [];
  return list.map(({ address, storageKeys }) => ({ address: address.toLowerCase(), storageKeys }));
}

/** Wei a unit of gas: what the sender bids, at most the base fee and its tip (EIP-1559). */
function gasPriceOf({ header }: ArchivedBlock, signed: Signed): bigint {
  if (signed.gasPrice !== undefined) return signed.gasPrice;
  const most = signed.maxFeePerGas ?? 0n;
  const tipped = BigInt(header.baseFeePerGas ?? "0x0") + (signed.maxPriorityFeePerGas ?? 0n);
  return tipped < most ? tipped : most;
}

const BLOOM_BYTES = 256;

/** Three bits for each address and topic (Ethereum Yellow Paper, equations 26 to 30). */
function bloomOf(logs: readonly ArchivedLog[]): Hex {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs)
    for (const value of [address, ...topics]) {
      const digest = keccak256(fromHex(value));
      for (const at of [0, 2, 4]) {
        const bit = (((digest[at] ?? 0) << 8) | (digest[at + 1] ?? 0)) & 0x7ff;
        const byte = BLOOM_BYTES - 1 - (bit >> 3);
        bloom[byte] = (bloom[byte] ?? 0) | (1 << (bit & 7));
      }
    }
  return toHex(bloom);
}
