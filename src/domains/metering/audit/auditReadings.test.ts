import { describe, expect, it } from "vitest";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import type { AccountsEvent } from "#domains/accounts/events.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { ledgerSeparator, readingWord, signReading } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import { replayReadings } from "./auditReadings.ts";

const meterLedger: Address = toHex(wordOf(4, 20));
const deployment = { chainId: 1, deployedAtBlock: 0, contracts: { meterLedger } };
const place = { areaId: 1, intervalId: 7 };
const ACCOUNTS = [1, 2, 3, 4];
const keyOf = (account: number) => wordOf(1_000 + account);

const readings = ACCOUNTS.map((account) =>
  signReading(
    {
      meterId: toHex(wordOf(account)),
      account,
      ...place,
      importWh: 100 * account,
      exportWh: 0,
      quality: "measured",
      version: 1,
    },
    ledgerSeparator(deployment.chainId, meterLedger),
    keyOf(account),
  ),
);

/** Publishes all readings, those of `apart` in segments of their own, while each market has `positioned` accounts. */
async function publish(apart: readonly number[], positioned: readonly (readonly number[])[]) {
  const counts: Counts = {};
  const registry = replayRegistry({ counts });
  for (const account of ACCOUNTS) {
    const deviceKey = addressOfKey(keyOf(account));
    const facts = [
      { kind: "participantRegistered", account, participant: deviceKey, kycHash: "0x" },
      { kind: "meterEnrolled", meterId: toHex(wordOf(account)), account, areaId: 1, deviceKey },
    ];
    for (const fact of facts) registry.apply({ contract: "registry", ...fact } as AccountsEvent);
  }
  const context = readingContext({ chainId: 1, meterLedger, ...place, version: 1 });
  const { root } = buildReadingTree(readings.map(readingWord), context, new Set(apart));
  const positionedIn = () => new Set(positioned.flat());
  const replay = replayReadings({
    deployment,
    counts,
    registry,
    readings: async () => readings,
    positionedIn,
  });
  const event = {
    contract: "meterLedger",
    kind: "readingsPublished",
    ...place,
    version: 1,
    root: toHex(root),
    meters: 4,
  };
  try {
    await replay.apply(event as MeteringEvent);
    return counts["metering.readings"];
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy.rule;
    throw error;
  }
}

describe("the published readings of an interval with two markets", () => {
  it("stand apart when either market has a position of their account", async () => {
    expect(await publish([2, 3], [[2], [3]])).toBe(4);
  });

  it("do not give the root when those of one market were not set apart", async () => {
    expect(await publish([2], [[2], [3]])).toBe("readingsRoot");
    expect(await publish([2, 3], [[2], []])).toBe("readingsRoot");
  });
});
