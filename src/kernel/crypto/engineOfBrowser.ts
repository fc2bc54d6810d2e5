import { nobleEngine } from "./nobleEngine.ts";
import type { SignatureEngine } from "./signatureEngine.ts";

/** noble, which needs nothing but JavaScript, until a page takes another. */
export let engine: SignatureEngine = nobleEngine;

/** From now on this page, or this worker, computes with `other`. */
export function takeEngine(other: SignatureEngine): void {
  engine = other;
}
