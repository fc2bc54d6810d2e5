import { privateKeyToAddress } from "viem/accounts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { headerHash, type RpcHeader } from "../blockEvidence.ts";
import type { AccountState } from "./accountState.ts";
import { type ArchivedBlock, EMPTY_ROOT } from "./archivedBlock.ts";
import { BLOCK_GAS_LIMIT } from "./chainStateReplay.ts";

const FUNDED_WEI = 10n ** 30n;
/** Hash of an empty list. */
const NO_UNCLES: Hex = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
const BLOCK_BYTES = 578;

/**
 * Block 0 of an embedded chain, at `timestamp` in unix seconds. Its headers carry no state root: the node does not compute one,
 * since that would take longer with each slot stored (docs/decisions/012).
 */
export function genesisBlock(timestamp: number): ArchivedBlock {
  const unhashed: Omit<RpcHeader, "hash"> = {
    parentHash: zeros(32),
    sha3Uncles: NO_UNCLES,
    miner: zeros(20),
    stateRoot: zeros(32),
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: zeros(256),
    difficulty: "0x0",
    number: "0x0",
    gasLimit: `0x${BLOCK_GAS_LIMIT.toString(16)}`,
    gasUsed: "0x0",
    timestamp: `0x${timestamp.toString(16)}`,
    extraData: "0x",
    mixHash: zeros(32),
    nonce: zeros(8),
    baseFeePerGas: "0x0",
    withdrawalsRoot: EMPTY_ROOT,
    blobGasUsed: "0x0",
    excessBlobGas: "0x0",
    parentBeaconBlockRoot: zeros(32),
  };
  const hash = present(headerHash({ ...unhashed, hash: "0x" }), "the hash of block 0");
  return { number: 0, header: { ...unhashed, hash }, bytes: BLOCK_BYTES, transactions: [] };
}

/** The accounts at block 0: one with ether to give away. */
export function genesisState(fundingPrivateKey: Hex): AccountState {
  const address = privateKeyToAddress(fundingPrivateKey).toLowerCase() as Address;
  return new Map([[address, { nonce: 0, balance: FUNDED_WEI, code: "0x", slots: new Uint8Array() }]]);
}

function zeros(bytes: number): Hex {
  return `0x${"0".repeat(2 * bytes)}`;
}
