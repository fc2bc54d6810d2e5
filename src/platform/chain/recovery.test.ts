import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat } from "viem";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromHex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "./network.ts";

/** The order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ECRECOVER = "0x0000000000000000000000000000000000000001";

let directory: string;
let chain: EmbeddedChain;
let network: Network;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-recovery-"));
  chain = await startEmbeddedChain({ directory, chainId: 7_000_000_008, genesisTimestamp: 1_700_000_000 });
  network = await connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: chain.chainId, gasPrice: 0n });
});
afterAll(async () => {
  await chain.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** What a contract makes of a compact signature: Solady's tryRecover takes it apart for ecrecover like this. */
async function recoverOnChain(digest: Uint8Array, signature: Uint8Array): Promise<string | null> {
  const vs = numberOf(signature.subarray(32));
  const words = [
    digest,
    wordOf(27n + (vs >> 255n)),
    signature.subarray(0, 32),
    wordOf(BigInt.asUintN(255, vs)),
  ];
  const { data } = await network.client.call({ to: ECRECOVER, data: concat(words.map(toHex)) });
  return data && data !== "0x" ? `0x${data.slice(-40)}` : null;
}

const DIGEST = wordOf(2n ** 200n + 7n);
const KEY = wordOf(4_711);
const SIGNED = signDigest(DIGEST, KEY);
const [R, VS] = [numberOf(SIGNED.subarray(0, 32)), numberOf(SIGNED.subarray(32))];
const S = BigInt.asUintN(255, VS);

function compact(r: bigint, vs: bigint): Uint8Array {
  return fromHex(concat([toHex(wordOf(r)), toHex(wordOf(vs))]));
}

it.each([
  ["its signer's own", DIGEST, SIGNED],
  ["with the other recovery bit", DIGEST, compact(R, VS ^ (1n << 255n))],
  ["over another digest", wordOf(1), SIGNED],
  ["over a digest of zero", wordOf(0), SIGNED],
  ["over a digest above the order", wordOf(2n ** 256n - 1n), SIGNED],
  ["with s just above half the order", DIGEST, compact(R, N / 2n + 1n)],
  ["with the highest s that 255 bits hold", DIGEST, compact(R, 2n ** 255n - 1n)],
  ["malleated, as far as its bits go", DIGEST, compact(R, BigInt.asUintN(256, N - S))],
  ["with r of zero", DIGEST, compact(0n, VS)],
  ["with s of zero", DIGEST, compact(R, 0n)],
  ["with s of zero and a recovery bit", DIGEST, compact(R, 1n << 255n)],
  ["with r of the order", DIGEST, compact(N, VS)],
  ["with r above the order", DIGEST, compact(2n ** 256n - 1n, VS)],
  ["with r of no point of the curve", DIGEST, compact(5n, VS)],
  ["with r and s of one", DIGEST, compact(1n, 1n)],
])("a signature %s is to us whose it is to a contract", async (_, digest, signature) => {
  expect(recoverSigner(digest, signature)).toBe(await recoverOnChain(digest, signature));
});
