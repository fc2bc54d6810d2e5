import { loadNativeEngine, loadWasmEngine } from "#evidence/engineOfNode.ts";
import { wordOf } from "#evidence/hex.ts";
import { nobleEngine } from "#evidence/nobleEngine.ts";
import { engineName } from "#evidence/signature.ts";
import type { SignatureEngine } from "#evidence/signatureEngine.ts";
import { keccak256 } from "#evidence/typedData.ts";
import { acceptOrders, acceptReadings } from "./acceptance.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const SIGNATURES = 500;
const ROUNDS = 7;
const KEYS = Array.from({ length: SIGNATURES }, (_, i) => keccak256(wordOf(i + 1)));

/**
 * Microseconds a recovery and a signing by each library, and orders and readings that the desk and the gateway accept a
 * second with the library at work: digest, recovery, rules, and for orders the archive on the disk. Medians of seven rounds.
 */
export async function* benchSignatures(): AsyncGenerator<BenchRow> {
  const engines = await enginesHere();
  const noble = { recover: recoverTime(nobleEngine), sign: signTime(nobleEngine) };
  for (const engine of engines) {
    yield rowOf(`recovery, ${engine.name}`, recoverTime(engine), noble.recover);
    yield rowOf(`signing, ${engine.name}`, signTime(engine), noble.sign);
  }
  console.error(`signatures: ${engineName()} is at work in the desk and the gateway`);
  yield rateRow("orders accepted at the desk", await rateOf(acceptOrders), 1e6 / noble.recover);
  yield rateRow("readings accepted at the gateway", await rateOf(acceptReadings), 1e6 / noble.recover);
}

async function enginesHere(): Promise<SignatureEngine[]> {
  const native = await loadNativeEngine().catch(() => null);
  if (native === null) console.error("signatures: no binary of secp256k1 fits this machine");
  return [...(native ? [native] : []), await loadWasmEngine(), nobleEngine];
}

function rowOf(name: string, value: number, nobleValue: number): BenchRow {
  const peer = { peer: "noble", peerValue: nobleValue };
  return measuredRow({ bench: "signatures", case: name, n: SIGNATURES, value, unit: "µs", ...peer });
}

/** The peer is what noble alone, without a desk, would recover. */
function rateRow(name: string, value: number, nobleRate: number): BenchRow {
  const row = measuredRow({
    bench: "signatures",
    case: name,
    n: SIGNATURES,
    value,
    unit: "1/s",
    peer: "noble, recovery alone",
    peerValue: nobleRate,
  });
  // More is better here.
  return { ...row, ratio: Number((value / nobleRate).toPrecision(4)) };
}

function recoverTime(engine: SignatureEngine): number {
  const signed = KEYS.map((key) => wide(keccak256(key), engine.sign(keccak256(key), key)));
  return medianOf(() => {
    for (const { digest, rs, yParity } of signed) engine.recover(digest, rs, yParity);
  });
}

function signTime(engine: SignatureEngine): number {
  const digests = KEYS.map((key) => keccak256(key));
  return medianOf(() => KEYS.forEach((key, i) => void engine.sign(digests[i] ?? key, key)));
}

function wide(digest: Uint8Array, signature: Uint8Array) {
  const rs = Uint8Array.from(signature);
  const high = rs[32] ?? 0;
  rs[32] = high & 0x7f;
  return { digest, rs, yParity: (high >> 7) as 0 | 1 };
}

/** Microseconds a signature, the median of some rounds after one that warms up. */
function medianOf(round: () => void): number {
  round();
  return middleOf(
    Array.from({ length: ROUNDS }, () => {
      const startedAt = performance.now();
      round();
      return ((performance.now() - startedAt) * 1_000) / SIGNATURES;
    }),
  );
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Accepted a second, the median of some rounds after one that warms up. */
async function rateOf(accept: (keys: readonly Uint8Array[], directory: string) => Promise<number>) {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const milliseconds = await withTemporaryDirectory((directory) => accept(KEYS, directory));
    rates.push((SIGNATURES * 1_000) / milliseconds);
  }
  return middleOf(rates.slice(1));
}
