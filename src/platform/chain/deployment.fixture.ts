import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { Deployment } from "./contractSpec.ts";

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
