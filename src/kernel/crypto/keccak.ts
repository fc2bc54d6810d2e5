import { keccak_256 } from "@noble/hashes/sha3.js";
import { keccakModule, MESSAGE_AT, MESSAGE_END, STATE_AT } from "./keccakModule.ts";

/** Bytes that a permutation takes in: 1,600 bits less twice the 256 of the result (FIPS 202, section 5.2). */
const RATE_BYTES = 136;
const DIGEST_BYTES = 32;
/** Whole blocks that fit into the module's memory. */
const ROOM_BYTES = Math.floor((MESSAGE_END - MESSAGE_AT) / RATE_BYTES) * RATE_BYTES;
/** Keccak's own padding, before the standard changed it to 6: Ethereum kept this one. */
const FIRST_PAD = 0x01;
const LAST_PAD = 0x80;

/**
 * Keccak-256 as Ethereum has it, 32 bytes. By WebAssembly, whose integers of 64 bits fit the 25 lanes; where that is not
 * to be had, by noble.
 */
export const keccak256Bytes: (message: Uint8Array) => Uint8Array = /* @__PURE__ */ start();

/** What is used of WebAssembly, whose types a browser's library and Node's declare differently. */
type WebAssemblyHost = {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

type KeccakExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly absorb: (blocks: number) => void;
};

function start(): (message: Uint8Array) => Uint8Array {
  try {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly;
    return hasherOf(new Instance(new Module(keccakModule())).exports as KeccakExports);
  } catch {
    // A page whose policy forbids WebAssembly still hashes, only slower.
    return (message) => keccak_256(message);
  }
}

function hasherOf({ memory, absorb }: KeccakExports): (message: Uint8Array) => Uint8Array {
  const bytes = new Uint8Array(memory.buffer);
  return (message) => {
    bytes.fill(0, STATE_AT, MESSAGE_AT);
    let at = 0;
    for (; message.length - at >= ROOM_BYTES; at += ROOM_BYTES) {
      bytes.set(message.subarray(at, at + ROOM_BYTES), MESSAGE_AT);
      absorb(ROOM_BYTES / RATE_BYTES);
    }
    const rest = message.length - at;
    const blocks = Math.floor(rest / RATE_BYTES) + 1;
    const end = MESSAGE_AT + blocks * RATE_BYTES;
    bytes.set(at === 0 ? message : message.subarray(at), MESSAGE_AT);
    bytes.fill(0, MESSAGE_AT + rest, end);
    bytes[MESSAGE_AT + rest] = FIRST_PAD;
    bytes[end - 1] = (bytes[end - 1] ?? 0) | LAST_PAD;
    absorb(blocks);
    return bytes.slice(STATE_AT, STATE_AT + DIGEST_BYTES);
  };
}
