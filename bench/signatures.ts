import { loadNativeEngine, loadWasmEngine } from "#kernel/crypto/engineOfNode.ts";
import { wordOf } from "#kernel/crypto/hex.ts";
import { nobleEngine } from "#kernel/crypto/nobleEngine.ts";
import { engineName } from "#kernel/crypto/signature.ts";
import type { SignatureEngine } from "#kernel/crypto/signatureEngine.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { acceptOrders, acceptReadings } from "./acceptance.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const SIGNATURES = 500;
const ROUNDS = 7;
const KEYS = Array.from({ length: SIGNATURES }, (_, i) => keccak256(wordOf(i + 1)));

/**
 * Microseconds a recovery and a signing by each library, and orders and readings that the desk and the gateway accept a
 * second with the library at work: digest, recovery, rules and the archive on the disk. The best of eight rounds: what
 * disturbs one only makes it slower.
 */
export async function* benchSignatures(): AsyncGenerator<BenchRow> {
  const times = timeEngines(await enginesHere());
  const noble = times.at(-1) ?? { recover: 0, sign: 0 };
  for (const { name, recover, sign } of times) {
    yield rowOf(`recovery, ${name}`, recover, noble.recover);
    yield rowOf(`signing, ${name}`, sign, noble.sign);
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

/** All libraries in turn in each round, so that what else the machine does bears on all. */
function timeEngines(engines: readonly SignatureEngine[]) {
  const digests = KEYS.map((key) => keccak256(key));
  const work = engines.map((engine) => {
    const signed = KEYS.map((key, i) => wide(digests[i] ?? key, engine.sign(digests[i] ?? key, key)));
    return {
      name: engine.name,
      recover: () => signed.map(({ digest, rs, yParity }) => engine.recover(digest, rs, yParity)),
      sign: () => KEYS.map((key, i) => engine.sign(digests[i] ?? key, key)),
    };
  });
  const best = engines.map(({ name }) => ({ name, recover: Infinity, sign: Infinity }));
  for (let round = 0; round <= ROUNDS; round += 1)
    work.forEach(({ recover, sign }, i) => {
      const known = best[i];
      if (known === undefined) return;
      known.recover = Math.min(known.recover, microseconds(recover));
      known.sign = Math.min(known.sign, microseconds(sign));
    });
  return best;
}

/** Microseconds a signature. */
function microseconds(work: () => void): number {
  const startedAt = performance.now();
  work();
  return ((performance.now() - startedAt) * 1_000) / SIGNATURES;
}

function wide(digest: Uint8Array, signature: Uint8Array) {
  const rs = Uint8Array.from(signature);
  const high = rs[32] ?? 0;
  rs[32] = high & 0x7f;
  return { digest, rs, yParity: (high >> 7) as 0 | 1 };
}

/** Accepted a second, in the best of some rounds. */
async function rateOf(accept: (keys: readonly Uint8Array[], directory: string) => Promise<number>) {
  let best = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const milliseconds = await withTemporaryDirectory((directory) => accept(KEYS, directory));
    best = Math.max(best, (SIGNATURES * 1_000) / milliseconds);
  }
  return best;
}
