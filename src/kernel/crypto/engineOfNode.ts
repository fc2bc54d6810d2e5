import { createNativeEngine } from "./nativeEngine.ts";
import { nobleEngine } from "./nobleEngine.ts";
import type { SignatureEngine } from "./signatureEngine.ts";
import { createWasmEngine } from "./wasmEngine.ts";

/** The libraries that load on this machine, the fastest first. */
const LOADERS: readonly (() => Promise<SignatureEngine>)[] = [loadNativeEngine, loadWasmEngine];

/** The fastest engine that loads here; it is chosen once, when a process starts. */
export const engine: SignatureEngine = await firstThatLoads();

/** The binary that the package brings or npm built; throws where none fits this machine. */
export async function loadNativeEngine(): Promise<SignatureEngine> {
  // Not the package's own entry: that falls back to a library in JavaScript which is slower than noble.
  const { default: binding } = await import("secp256k1/bindings.js");
  return createNativeEngine(binding);
}

export async function loadWasmEngine(): Promise<SignatureEngine> {
  return createWasmEngine(await import("tiny-secp256k1"));
}

async function firstThatLoads(): Promise<SignatureEngine> {
  for (const load of LOADERS) {
    try {
      return await load();
    } catch {
      // The next one does the same, only slower.
    }
  }
  return nobleEngine;
}
