import { takeEngine } from "#kernel/crypto/engineOfBrowser.ts";
import { createWasmEngine } from "#kernel/crypto/wasmEngine.ts";

/** noble has done fewer signatures than these before the 1.2 MB of the WebAssembly are fetched and compiled. */
const WASM_FROM_SIGNATURES = 256;

/** Takes the faster library for many signatures; noble goes on where it does not load. */
export async function chooseEngine(signatures: number): Promise<void> {
  if (signatures < WASM_FROM_SIGNATURES) return;
  try {
    takeEngine(createWasmEngine(await import("tiny-secp256k1")));
  } catch {
    // A browser without WebAssembly, or a network that lost the file: the same results, only later.
  }
}
