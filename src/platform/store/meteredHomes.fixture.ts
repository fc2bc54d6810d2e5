import type { TestFact } from "#domains/fact.fixture.ts";
import {
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, type ReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";

/** A version of the readings of an interval. */
export type Place = { readonly areaId: number; readonly intervalId: number; readonly version: number };

/** A version that was published. */
export type Published = {
  readonly version: number;
  readonly tree: ReadingTree;
  readonly context: Uint8Array;
};

/** What meters registered, import and export in Wh by member, each signed by its device. */
export function signReadings(
  place: Place,
  metered: Readonly<Record<number, readonly [number, number]>>,
  keyOf: (member: number) => Uint8Array,
): SignedReading[] {
  const separator = ledgerSeparator(DEPLOYMENT.chainId, DEPLOYMENT.contracts.meterLedger);
  return Object.entries(metered).map(([number, [importWh, exportWh]]) => {
    const member = Number(number);
    const meterId = meterOf(place.areaId, member);
    const reading = {
      ...place,
      meterId,
      member,
      importWh,
      exportWh,
      quality: "measured",
    } as const;
    return signReading(reading, separator, keyOf(member));
  });
}

/** The tree over readings in which those of `needed` stand apart. */
export function treeOf(
  place: Place,
  signed: readonly SignedReading[],
  needed: ReadonlySet<number>,
): Published {
  const { chainId, contracts } = DEPLOYMENT;
  const context = readingContext({ chainId, meterLedger: contracts.meterLedger, ...place });
  return {
    version: place.version,
    context,
    tree: buildReadingTree(signed.map(readingWord), context, needed),
  };
}

/** What the ledger logs of a tree. */
export function publication(place: Place, { tree }: Published): TestFact {
  const meters = tree.pages.flatMap(({ lists }) => lists.flatMap(({ words }) => words)).length;
  return { kind: "readingsPublished", ...place, root: toHex(tree.root), meters };
}

/** A reading as it is settled. */
export function energyOf({ importWh, exportWh }: SignedReading) {
  return { importWh: BigInt(importWh), exportWh: BigInt(exportWh) };
}

/** The metering point of a member. */
export function meterOf(areaId: number, member: number): Hex {
  return toHex(wordOf(0x3e7e_0000 + areaId * 0x1_0000 + member));
}
