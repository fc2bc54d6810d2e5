import { afterAll, beforeAll, expect, it } from "vitest";
import { keyNames } from "#community/keyNames.ts";
import { readMargin } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { margins } from "#domains/accounts/tables.ts";
import { auditNetwork } from "#domains/audit.ts";
import { listBillLines } from "#domains/billing/queries/bills.ts";
import { projectorOf } from "#domains/domains.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import {
  ledgerSeparator,
  readingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { proveReading } from "#domains/metering/rules/readingProof.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { correctionCall } from "#domains/pool/poolMarket.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { settledPage } from "#domains/pool/rules/settledSeal.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { createSender } from "#platform/chain/sender.ts";
import { catchUp } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { PARTIES } from "#world/simulation/accounts.ts";
import { type SettledCommunity, settleRiverside } from "./settledCommunity.fixture.ts";

/*
 * A community whose intervals are settled. Then the reading of a seller is corrected, and in the next version that of a buyer too.
 */

const INTERVALS = 4;

let community: SettledCommunity;
let scenario: SettledCommunity["scenario"];
let node: SettledCommunity["node"];
let readings: SettledCommunity["readings"];
let orders: SettledCommunity["orders"];
let store: Store;
let settled: SettledCommunity["settled"];

beforeAll(async () => {
  community = await settleRiverside({
    intervals: INTERVALS,
    termsOf: () => ({ gridFeeMicroPerKwh: 20_000n }),
  });
  ({ scenario, node, readings, orders, settled } = community);
  store = await openMemoryStore({ deployment: node.founded.deployment });
});
afterAll(async () => {
  await store?.close();
  await community?.close();
});

/** The interval that is corrected, its positions and its prices. */
function traded() {
  const found = settled.find(({ trades }) => trades > 0);
  if (found === undefined) throw new Error("no interval with a trade");
  const { intervalId, localPriceMicroPerKwh } = found.outcome;
  const price = present(localPriceMicroPerKwh, "the price of a trade");
  const prices = settlementPrices(scenario.terms, { localPriceMicroPerKwh: price, isSupplied: true });
  const positions = [...found.outcome.positions].map(([member, position]): MemberPosition => {
    const side = position.soldWh > 0n ? "offer" : "bid";
    return { ...position, member, side };
  });
  return { intervalId, positions, localPriceMicroPerKwh: price, prices };
}

function newest(intervalId: number): SignedReading[] {
  const byMember = new Map<number, SignedReading>();
  for (const reading of readings.readingsOf(node.founded.areaId, intervalId))
    byMember.set(reading.member, reading);
  return [...byMember.values()].sort((a, b) => a.member - b.member);
}

/** Publishes a version in which members registered something else, and gives its tree. */
async function publishCorrected(
  version: number,
  changed: ReadonlyMap<number, { importWh: number; exportWh: number }>,
) {
  const { keyring, network, founded } = node;
  const { deployment, areaId } = founded;
  const { intervalId, positions } = traded();
  const meterLedger = addressOf(deployment, "meterLedger");
  const separator = ledgerSeparator(deployment.chainId, meterLedger);
  const homes = new Map(scenario.homes.map(({ member, id }) => [member, id]));
  for (const [member, energy] of changed) {
    const { signature: _, ...reading } = newest(intervalId).find((each) => each.member === member)!;
    const key = keyring.key(keyNames.device(homes.get(member)!)).privateKey;
    readings.append([signReading({ ...reading, ...energy, quality: "estimated", version }, separator, key)]);
  }
  const list = newest(intervalId);
  const context = readingContext({ chainId: deployment.chainId, meterLedger, areaId, intervalId, version });
  const positioned = new Set(positions.map(({ member }) => member));
  const tree = buildReadingTree(list.map(readingWord), context, positioned);
  await createSender(network, keyring.key(keyNames.meterGateway).hex).send(
    publishCall(deployment, { areaId, intervalId, root: tree.root, meters: list.length }),
  );
  return (member: number) => proveReading(tree, context, member);
}

/** What the page was settled by, with these readings of its members. */
function settledBy(list: readonly SignedReading[]) {
  const { positions, localPriceMicroPerKwh } = traded();
  const members = new Set(positions.map(({ member }) => member));
  return settledPage({
    terms: 1,
    isSupplied: true,
    localPrice: Number(localPriceMicroPerKwh),
    supplier: PARTIES.supplier,
    dso: PARTIES.dso,
    taken: 0n,
    positions,
    pricing: scenario.terms.pricing,
    words: list.filter(({ member }) => members.has(member)).map(readingWord),
  });
}

async function correct(proofs: Parameters<typeof correctionCall>[1]["proofs"], by: readonly SignedReading[]) {
  const { network, keyring, founded } = node;
  const place = { areaId: founded.areaId, intervalId: traded().intervalId, page: 0 };
  const anybody = createSender(network, keyring.key(keyNames.operator).hex);
  await anybody.send(correctionCall(founded.deployment, { ...place, settled: settledBy(by), proofs }));
}

function margin(member: number): Promise<bigint> {
  const { network, founded } = node;
  return readMargin(network, founded.deployment, { market: "poolMarket", areaId: founded.areaId, member });
}

const audit = () =>
  auditNetwork({
    network: node.network,
    deployment: node.founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) => orders.ordersOf(areaId, intervalId),
  });

it("settles what a corrected reading changes, version by version, and an auditor finds it so", async () => {
  const { intervalId, positions, prices } = traded();
  const seller = positions.find(({ soldWh }) => soldWh > 0n)!;
  const buyer = positions.find(({ boughtWh }) => boughtWh > 0n)!;
  const first = newest(intervalId);
  const readingOf = (list: readonly SignedReading[], member: number) =>
    list.find((each) => each.member === member)!;
  const netOf = (position: typeof seller, { importWh, exportWh }: { importWh: number; exportWh: number }) =>
    settlePosition(position, { importWh: BigInt(importWh), exportWh: BigInt(exportWh) }, prices).netMicro;
  const before = await margin(seller.member);
  const beforeOfBuyer = await margin(buyer.member);

  const less = { importWh: 0, exportWh: Number(seller.soldWh) - 1 };
  const prove = await publishCorrected(2, new Map([[seller.member, less]]));
  await correct([prove(seller.member)], first);
  const owed = netOf(seller, less) - netOf(seller, readingOf(first, seller.member));
  expect(owed).not.toBe(0n);
  expect(await margin(seller.member)).toBe(before - owed);

  const second = newest(intervalId);
  const none = { importWh: 0, exportWh: 0 };
  const both = new Map([seller.member, buyer.member].map((member) => [member, none]));
  const proveBoth = await publishCorrected(3, both);
  await correct([proveBoth(seller.member), proveBoth(buyer.member)], second);
  const all = netOf(seller, none) - netOf(seller, readingOf(first, seller.member));
  expect(await margin(seller.member)).toBe(before - all);
  const ofBuyer = netOf(buyer, none) - netOf(buyer, readingOf(first, buyer.member));
  expect(await margin(buyer.member)).toBe(beforeOfBuyer - ofBuyer);
  expect(await audit()).toMatchObject({ verdict: "clean", checked: { "pool.corrections": 3 }, notes: [] });
});

it("shows the correction in the bill beside what was settled, and the money where it is", async () => {
  const { deployment, areaId } = node.founded;
  const { client } = node.network;
  const tariffOf = (_: number, intervalId: number) =>
    scenario.tariff.at(intervalId - scenario.firstIntervalId);
  const projector = projectorOf({ readingsOf: readings.readingsOf, ordersOf: orders.ordersOf, tariffOf });
  await catchUp({ store, client, projector, pollMs: null });
  const { intervalId, positions, prices } = traded();
  const seller = positions.find(({ soldWh }) => soldWh > 0n)!;
  const lines = await listBillLines(store.db, { limit: 1_000, offset: 0 });
  const line = lines.find((each) => each.intervalId === intervalId && each.member === seller.member)!;
  const kinds = new Map(line.charges.map(({ kind, amountMicro }) => [kind, amountMicro]));
  const { netMicro } = settlePosition(seller, { importWh: 0n, exportWh: 0n }, prices);
  expect(kinds.get("pool.trades")).toBeLessThan(0n);
  expect(kinds.get("pool.correction")).toBeGreaterThan(0n);
  expect(line.netMicro).toBe(netMicro);
  expect(line).toMatchObject({ importWh: 0n, exportWh: 0n });
  const rows = await store.db.select().from(margins);
  for (const { seat, marginMicro } of rows) {
    const member = seat - seatOf({ areaId, member: 0 });
    expect([member, marginMicro]).toEqual([member, await margin(member)]);
  }
  expect(addressOf(deployment, "poolMarket")).toBe(rows[0]?.market);
});
