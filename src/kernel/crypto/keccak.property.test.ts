import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { toHex } from "./hex.ts";
import { keccak256Bytes } from "./keccak.ts";
import { keccakModule } from "./keccakModule.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Lengths around the ends of a block, and around what the module's memory holds. */
const EDGES = [0, 1, 31, 32, 135, 136, 137, 271, 272, 273, 65_143, 65_144, 65_145, 65_280, 131_000];

it.each(EDGES)("agrees with noble on %i bytes", (length) => {
  const message = Uint8Array.from({ length }, (_, i) => (31 * i + 7) & 0xff);
  expect(toHex(keccak256Bytes(message))).toBe(toHex(keccak_256(message)));
});

it("agrees with noble on whatever bytes, one message after another", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (message) => {
      expect(toHex(keccak256Bytes(message))).toBe(toHex(keccak_256(message)));
    }),
  );
});

it("gives bytes of their own, which the next message leaves alone", () => {
  const first = keccak256Bytes(Uint8Array.of(1));
  keccak256Bytes(Uint8Array.of(2));
  expect(toHex(first)).toBe(toHex(keccak_256(Uint8Array.of(1))));
});

it("hashes by noble where WebAssembly is forbidden", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  vi.resetModules();
  const { keccak256Bytes: without } = await import("./keccak.ts");
  expect(toHex(without(Uint8Array.of(1, 2, 3)))).toBe(toHex(keccak_256(Uint8Array.of(1, 2, 3))));
});

it("is small enough for a page to compile at once", () => {
  expect(keccakModule().length).toBeLessThan(4_096);
});
