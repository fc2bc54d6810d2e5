import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { Deployment, EventPlace } from "./contractSpec.ts";

/** An address for tests that never ask a chain. */
export const testAddress = (n: number): Address => toHex(wordOf(n, 20));

/** A deployment that stands nowhere. */
export const DEPLOYMENT = {
  chainId: 31_337,
  deployedAtBlock: 0,
  contracts: {
    token: testAddress(0xa1),
    registry: testAddress(0xa2),
    clearingHouse: testAddress(0xa3),
    meterLedger: testAddress(0xa4),
    areaRegistry: testAddress(0xa5),
    poolSettlementLib: testAddress(0xa6),
    poolMarket: testAddress(0xa7),
  },
} satisfies Deployment;

/** A place on that chain, for events of which nothing but what they say matters. */
export const TEST_PLACE: EventPlace = {
  block: 1,
  blockHash: toHex(wordOf(1)),
  timestamp: 0,
  logIndex: 0,
  transactionHash: toHex(wordOf(2)),
  transactionIndex: 0,
  sender: testAddress(0xee),
  gasUsed: 0n,
  purpose: null,
};
