import { deflateRawSync, inflateRawSync } from "node:zlib";
import { fromRlp, toRlp } from "viem";
import { z } from "zod";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { FIRST_FIELDS, headerFields, LATER_FIELDS, QUANTITIES, type RpcHeader } from "../blockEvidence.ts";
import { quantity } from "../orderedTrie.ts";
import { HEX } from "./anvilRpc.ts";

/** Root of a trie without entries: what the header of a block without transactions carries. */
export const EMPTY_ROOT: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/** What a transaction did. Blooms and gas of the transaction alone are computed from it. */
export type ArchivedReceipt = {
  readonly isSuccess: boolean;
  readonly cumulativeGasUsed: number;
  readonly logs: readonly ArchivedLog[];
};

export type ArchivedLog = {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

/** A transaction as its sender signed it; the sender is kept, since recovering it costs more than all else. */
export type ArchivedTransaction = {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly from: Address;
  readonly receipt: ArchivedReceipt;
};

/** All that a block says. Its hash and those of its transactions follow from the rest; they are kept, since keccak
 * of all calldata would be most of a reader's work. `bytes` is its size as the node counts it. */
export type ArchivedBlock = {
  readonly number: number;
  readonly header: RpcHeader;
  readonly bytes: number;
  readonly transactions: readonly ArchivedTransaction[];
};

const LOG = z.object({ address: HEX, topics: z.array(HEX), data: HEX });
const RECEIPT = z.object({ status: HEX, cumulativeGasUsed: HEX, logs: z.array(LOG) });
const BLOCK = z.looseObject({ size: HEX, transactions: z.array(z.object({ hash: HEX, from: HEX })) });

/**
 * A block out of what the node answers: the block with its transactions, and for each of them the raw bytes and the
 * receipt.
 *
 * @throws ForgottenBlockError when the node no longer has a transaction of it
 */
export function blockOf(answers: { block: unknown; raw: unknown[]; receipts: unknown[] }): ArchivedBlock {
  const { size, transactions, ...fields } = BLOCK.parse(answers.block);
  const header = headerFrom(fields as unknown as RpcHeader);
  const isForgotten = transactions.length === 0 && header.transactionsRoot !== EMPTY_ROOT;
  if (isForgotten || [...answers.raw, ...answers.receipts].includes(null))
    throw new ForgottenBlockError(Number(header.number));
  const list = transactions.map(({ hash, from }, i) => {
    const { status, cumulativeGasUsed, logs } = RECEIPT.parse(answers.receipts[i]);
    const receipt = {
      isSuccess: Number(status) === 1,
      cumulativeGasUsed: Number(cumulativeGasUsed),
      logs: logs as ArchivedLog[],
    };
    return { hash, raw: HEX.parse(answers.raw[i]), from: from.toLowerCase() as Address, receipt };
  });
  return { number: Number(header.number), header, bytes: Number(size), transactions: list };
}

/** The block's bytes in the archive: RLP, compressed. */
export function encodeBlock({ header, bytes, transactions }: ArchivedBlock): Buffer {
  const rlp = toRlp(
    [
      headerFields(header),
      header.hash,
      quantity(bytes),
      transactions.map(({ hash, raw, from, receipt }) => [
        hash,
        raw,
        from,
        quantity(receipt.isSuccess ? 1 : 0),
        quantity(receipt.cumulativeGasUsed),
        receipt.logs.map(({ address, topics, data }) => [address, [...topics], data]),
      ]),
    ],
    "bytes",
  );
  return deflateRawSync(rlp);
}

/** The header's own fields of what the node answers. */
function headerFrom(answer: RpcHeader): RpcHeader {
  const names = [...FIRST_FIELDS, ...LATER_FIELDS, "hash"] as const;
  const entries = names.flatMap((name) => (answer[name] == null ? [] : [[name, answer[name]]]));
  return Object.fromEntries(entries) as RpcHeader;
}

type Rlp = Hex | readonly Rlp[];

/** The block that {@link encodeBlock} wrote. Throws when the bytes are none. */
export function decodeBlock(bytes: Uint8Array): ArchivedBlock {
  const [fields, hash, size, transactions] = fromRlp(inflateRawSync(bytes), "hex") as unknown as [
    readonly Hex[],
    Hex,
    Hex,
    readonly (readonly Rlp[])[],
  ];
  const header = headerOf(fields, hash);
  return {
    number: Number(header.number),
    header,
    bytes: numberOf(size),
    transactions: transactions.map(transactionOf),
  };
}

function headerOf(fields: readonly Hex[], hash: Hex): RpcHeader {
  const names = [...FIRST_FIELDS, ...LATER_FIELDS].slice(0, fields.length);
  const entries = names.map((name, i) => {
    const value = present(fields[i], `field ${name} of a header`);
    return [name, QUANTITIES.has(name) ? (`0x${BigInt(orZero(value)).toString(16)}` as Hex) : value] as const;
  });
  return { ...(Object.fromEntries(entries) as unknown as RpcHeader), hash };
}

function transactionOf(fields: readonly Rlp[]): ArchivedTransaction {
  const [hash, raw, from, status, cumulativeGasUsed, logs] = fields as readonly [
    Hex,
    Hex,
    Address,
    Hex,
    Hex,
    readonly (readonly [Address, readonly Hex[], Hex])[],
  ];
  return {
    hash,
    raw,
    from,
    receipt: {
      isSuccess: numberOf(status) === 1,
      cumulativeGasUsed: numberOf(cumulativeGasUsed),
      logs: logs.map(([address, topics, data]) => ({ address, topics, data })),
    },
  };
}

function numberOf(value: Hex): number {
  return Number(orZero(value));
}

function orZero(value: Hex): Hex {
  return value === "0x" ? "0x0" : value;
}

/** The node no longer has a block's transactions, and they are not in the archive: nothing of it may be recorded. */
export class ForgottenBlockError extends DomainError {
  readonly code = "blockForgotten";

  constructor(block: number) {
    super(
      `the embedded chain's program has forgotten the transactions of block ${block} before they were recorded`,
    );
  }
}
