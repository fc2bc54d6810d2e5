import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import { fromRlp, type Hex, numberToHex, toRlp } from "viem";
import { z } from "zod";
import type { Address } from "#kernel/crypto/hex.ts";
import { quantity } from "../orderedTrie.ts";
import { HEX } from "./anvilRpc.ts";

/** An account of the chain. `slots` are its storage: 32 bytes of place, 32 of value, by rising place; no value is zero. */
export type AccountRecord = {
  readonly nonce: number;
  readonly balance: bigint;
  readonly code: Hex;
  readonly slots: Uint8Array;
};

/** All accounts of a chain at one block. Its size depends on what is stored, not on how it came to be. */
export type AccountState = ReadonlyMap<Address, AccountRecord>;

const SLOT_BYTES = 64;
const WORD_BYTES = 32;
const NO_CODE: Hex = "0x";
const EMPTY: AccountRecord = { nonce: 0, balance: 0n, code: NO_CODE, slots: new Uint8Array() };

const DUMPED_ACCOUNTS = z.record(
  z.string(),
  z.object({
    nonce: z.int(),
    balance: HEX,
    code: HEX,
    storage: z.record(z.string(), HEX),
  }),
);

/** The state with what the node says of accounts that it has touched. */
export function withDumpedAccounts(state: AccountState, dumped: unknown): AccountState {
  const merged = new Map(state);
  for (const [name, { nonce, balance, code, storage }] of Object.entries(DUMPED_ACCOUNTS.parse(dumped))) {
    const address = name.toLowerCase() as Address;
    const before = merged.get(address) ?? EMPTY;
    const slots = withSlots(before.slots, storage);
    const account = { nonce, balance: BigInt(balance), code, slots };
    if (isEmpty(account)) merged.delete(address);
    else merged.set(address, account);
  }
  return merged;
}

export function accountOf(state: AccountState, address: string): AccountRecord {
  return state.get(address.toLowerCase() as Address) ?? EMPTY;
}

/** The value in a place of the account's storage, as a word. */
export function slotOf({ slots }: AccountRecord, place: bigint): Hex {
  const wanted = wordBytes(place);
  let [low, high] = [0, slots.length / SLOT_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = Buffer.compare(
      slots.subarray(middle * SLOT_BYTES, middle * SLOT_BYTES + WORD_BYTES),
      wanted,
    );
    if (order === 0)
      return hexOf(slots.subarray(middle * SLOT_BYTES + WORD_BYTES, (middle + 1) * SLOT_BYTES));
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return numberToHex(0, { size: WORD_BYTES });
}

/** The state as a file holds it: RLP of the accounts by rising address, compressed. */
export async function encodeState(state: AccountState): Promise<Buffer> {
  const accounts = [...state].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = accounts.map(([address, { nonce, balance, code, slots }]) => {
    const head = toRlp([address, quantity(nonce), quantity(balance), code], "bytes");
    return [lengthOf(head), head, lengthOf(slots), slots];
  });
  return await promisify(gzip)(Buffer.concat(parts.flat()), { level: 1 });
}

/** The state that {@link encodeState} wrote. Throws when the bytes are none. */
export function decodeState(bytes: Uint8Array): AccountState {
  const content = gunzipSync(bytes);
  const state = new Map<Address, AccountRecord>();
  for (let at = 0; at < content.length; ) {
    const head = partAt(content, at);
    const slots = partAt(content, head.end);
    const [address, nonce, balance, code] = fromRlp(Uint8Array.from(head.bytes), "hex") as [
      Address,
      Hex,
      Hex,
      Hex,
    ];
    state.set(address, {
      nonce: Number(numberOf(nonce)),
      balance: numberOf(balance),
      code,
      slots: Uint8Array.from(slots.bytes),
    });
    at = slots.end;
  }
  return state;
}

function withSlots(before: Uint8Array, changes: Readonly<Record<string, Hex>>): Uint8Array {
  const changed = Object.entries(changes)
    .map(([place, value]) => Buffer.concat([wordBytes(BigInt(place)), wordBytes(BigInt(value))]))
    .sort((a, b) => a.compare(b, 0, WORD_BYTES, 0, WORD_BYTES));
  const merged = new Uint8Array(before.length + changed.length * SLOT_BYTES);
  let [length, from] = [0, 0];
  const take = (slot: Uint8Array) => {
    merged.set(slot, length);
    length += slot.length;
  };
  for (const slot of changed) {
    let until = from;
    while (until < before.length && orderOf(before, until, slot) < 0) until += SLOT_BYTES;
    take(before.subarray(from, until));
    from = until < before.length && orderOf(before, until, slot) === 0 ? until + SLOT_BYTES : until;
    if (slot.subarray(WORD_BYTES).some((byte) => byte !== 0)) take(slot);
  }
  take(before.subarray(from));
  return merged.slice(0, length);
}

function orderOf(slots: Uint8Array, at: number, slot: Uint8Array): number {
  return Buffer.compare(slots.subarray(at, at + WORD_BYTES), slot.subarray(0, WORD_BYTES));
}

function isEmpty({ nonce, balance, code, slots }: AccountRecord): boolean {
  return nonce === 0 && balance === 0n && code === NO_CODE && slots.length === 0;
}

function wordBytes(value: bigint): Buffer {
  return Buffer.from(numberToHex(value, { size: WORD_BYTES }).slice(2), "hex");
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

function numberOf(value: Hex): bigint {
  return value === "0x" ? 0n : BigInt(value);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

function partAt(content: Buffer, at: number): { readonly bytes: Buffer; readonly end: number } {
  const end = at + 4 + content.readUInt32BE(at);
  return { bytes: content.subarray(at + 4, end), end };
}
