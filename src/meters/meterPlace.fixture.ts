import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { MeterPlace } from "./meterPlace.ts";

/** Where a test's meter is. */
export const PLACE: MeterPlace = {
  meterId: toHex(wordOf(4)),
  areaId: 1,
  member: 4,
  intervalSeconds: 900,
  chainId: 31_337,
  meterLedger: `0x${"ab".repeat(20)}` as Address,
};
