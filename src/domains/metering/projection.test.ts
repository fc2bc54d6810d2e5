import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { accounts } from "#domains/accounts/domain.ts";
import type { AccountsFact } from "#domains/accounts/events.ts";
import { moveMoney } from "#domains/accounts/projections/moveMoney.ts";
import { listMovements } from "#domains/accounts/queries/movements.ts";
import { findParticipant, listMargins } from "#domains/accounts/queries/participants.ts";
import { accountOfMember, accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { type Address, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";
import { openWorkingSet, writeWorkingSet } from "#platform/store/workingSet.ts";
import { createDirectory } from "./directory.ts";
import { metering } from "./domain.ts";
import type { MeteringFact } from "./events.ts";
import { listMeteredAreas } from "./queries/areas.ts";
import { listDeviceKeys, listMembers, listStays } from "./queries/members.ts";

const [OPERATOR, GATEWAY, ANNA, BEN, AGENT, DEVICE, NEXT_DEVICE] = [1, 2, 3, 4, 5, 6, 7].map(testAddress) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];
const [METER, BARN_METER] = [1, 2].map((n) => toHex(wordOf(n))) as [Hex, Hex];
const MARKET = DEPLOYMENT.contracts.poolMarket;
const ACCOUNT = 4;
const DOMAINS = [accounts, metering];
const SOURCES = { readingsOf: () => [] };

let store: Store;
let block: number;

beforeAll(async () => {
  store = await openMemoryStore();
});
beforeEach(async () => {
  await emptyStore(store);
  block = 0;
  await happen(...FOUNDED);
});
afterAll(() => store.close());

/** Each fact in a block of its own, at second 1,000 · block. */
async function happen(...facts: (AccountsFact | MeteringFact)[]): Promise<ChainEvent[]> {
  const events = facts.map((fact) => {
    block += 1;
    const hash = toHex(wordOf(block));
    const place = { block, blockHash: hash, timestamp: 1_000 * block, logIndex: 0, transactionHash: hash };
    return { ...fact, ...place, transactionIndex: 0, sender: OPERATOR, gasUsed: 0n, purpose: null };
  });
  await project(store, events, { domains: DOMAINS, sources: SOURCES });
  return events;
}

const registered = (account: number, owner: Address): AccountsFact => ({
  ...{ contract: "registry", kind: "participantRegistered", account, owner, kycHash: "0x12" },
});
const added = (areaId: number, member: number, account: number): MeteringFact => ({
  ...{ contract: "areaRegistry", kind: "memberAdded", areaId, member, account },
});
const enrolled = (areaId: number, member: number, meterId: Hex): MeteringFact => ({
  ...{ contract: "areaRegistry", kind: "meterEnrolled", areaId, member, meterId },
  ...{ capacityW: 4_294_967_295, deviceKey: DEVICE, certificateNumber: 1n },
});
const opened = (areaId: number): MeteringFact => ({
  ...{ contract: "areaRegistry", kind: "areaOpened", areaId, operator: OPERATOR },
  setup: { intervalSeconds: 900, waitingSeconds: 86_400, gateway: GATEWAY, supplier: 1, dso: 2, fund: 3 },
});

/** An account with a meter in area 1, and one in area 65,535. */
const FOUNDED = [
  ...[1, 2, 3].map((account) => registered(account, testAddress(10 + account))),
  registered(ACCOUNT, ANNA),
  ...[1, 65_535].flatMap((areaId) => [
    opened(areaId),
    ...[1, 2, 3].map((account) => added(areaId, account, account)),
    added(areaId, 4, ACCOUNT),
  ]),
  enrolled(1, 4, METER),
  enrolled(65_535, 4, BARN_METER),
];

test("an account is a member of each of its areas, with its meter there", async () => {
  const members = await listMembers(store.db, [ACCOUNT]);
  expect(
    members.map(({ areaId, member, meterId, capacityW }) => [areaId, member, meterId, capacityW]),
  ).toEqual([
    [1, 4, METER, 4_294_967_295],
    [65_535, 4, BARN_METER, 4_294_967_295],
  ]);
  expect(await accountsOfMembers(store.db, 65_535)).toEqual(
    new Map([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, ACCOUNT],
    ]),
  );
  expect(await accountOfMember(store.db, { areaId: 1, member: 9 })).toBeNull();
});

test("the directory knows owners with their areas, and the areas' parties as accounts", async () => {
  const directory = createDirectory(store.db);
  expect(await directory.byAddress(ANNA)).toEqual({
    account: ACCOUNT,
    owner: ANNA,
    areaIds: [1, 65_535],
    hasMeter: true,
  });
  expect(await directory.byAddress(BEN)).toBeNull();
  await happen(added(1, 5, ACCOUNT), {
    ...{ contract: "areaRegistry", kind: "supplierChanged", areaId: 1, member: 5 },
  });
  const [area] = await directory.areas();
  expect(area).toEqual({ areaId: 1, operator: OPERATOR, supplier: ACCOUNT, dso: 2, fund: 3 });
});

test("an area shows who operates it and publishes for it now", async () => {
  const area = { contract: "areaRegistry", areaId: 1 } as const;
  await happen(
    { ...area, kind: "operatorNamed", operator: BEN },
    { ...area, kind: "operatorChanged", operator: BEN },
    { ...area, kind: "gatewayChanged", gateway: AGENT },
  );
  const [row] = await listMeteredAreas(store.db);
  expect(row).toMatchObject({ operator: BEN, gateway: AGENT, waitingSeconds: 86_400, openedAt: 5_000 });
});

test("margins and movements are a seat's, and go with the account", async () => {
  const [home, barn] = [1, 65_535].map((areaId) => seatOf({ areaId, member: 4 })) as [number, number];
  const house = { contract: "clearingHouse" } as const;
  await happen(
    { ...house, kind: "deposited", account: ACCOUNT, amountMicro: 100n },
    { ...house, kind: "marginAdded", seat: home, market: MARKET, amountMicro: 60n },
    { ...house, kind: "marginAdded", seat: barn, market: MARKET, amountMicro: 30n },
    { ...house, kind: "marginWithdrawn", seat: barn, market: MARKET, amountMicro: 10n },
    { ...house, kind: "marginOverflowed", seat: home, market: MARKET, amountMicro: 5n },
  );
  const margins = await listMargins(store.db, [ACCOUNT]);
  expect(margins.map(({ seat, marginMicro }) => [seat, marginMicro])).toEqual([
    [home, 55n],
    [barn, 20n],
  ]);
  expect(await findParticipant(store.db, ACCOUNT)).toMatchObject({ freeMicro: 25n, marginMicro: 75n });
  const moved = await listMovements(store.db, { account: ACCOUNT, limit: 9, offset: 0 });
  expect(moved.map(({ kind, seat }) => [kind, seat])).toEqual([
    ["marginOverflowed", home],
    ["marginWithdrawn", barn],
    ["marginAdded", barn],
    ["marginAdded", home],
    ["deposited", 0],
  ]);
  const ofHome = await listMovements(store.db, { account: ACCOUNT, areaIds: [1], limit: 9, offset: 0 });
  expect(ofHome.map(({ kind }) => kind)).toEqual(["marginOverflowed", "marginAdded", "deposited"]);
});

test("one event can move the margins of several seats of an account", async () => {
  const seats = [1, 65_535].map((areaId) => seatOf({ areaId, member: 4 }));
  const [cause] = await happen(registered(5, BEN));
  const list = seats.map((seat) => ({ seat, kind: "reserved" as const, margin: -1n, escrow: 1n }));
  await store.db.transaction(async (tx) => {
    openWorkingSet(tx, [], { isLong: false });
    await moveMoney(tx, { ...cause!, market: MARKET, areaId: 1 }, list);
    await writeWorkingSet(tx);
  });
  const margins = await listMargins(store.db, [ACCOUNT]);
  expect(margins.map(({ seat, marginMicro, escrowMicro }) => [seat, marginMicro, escrowMicro])).toEqual(
    seats.map((seat) => [seat, -1n, 1n]),
  );
});

test("a participant shows its owner, its agent and its entity with the first gate they count for", async () => {
  const registry = { contract: "registry", account: ACCOUNT } as const;
  await happen(
    { ...registry, kind: "signerAnnounced", signer: AGENT, effectiveAt: 7_000 },
    { ...registry, kind: "ownerChanged", owner: BEN },
    { ...registry, kind: "entityJoined", entity: 1, effectiveAt: 9_000 },
    { ...registry, account: 1, kind: "entitySet", isEntity: true },
  );
  const joined = { owner: BEN, agent: AGENT, agentFrom: 7_000, entity: 1, entityFrom: 9_000 };
  expect(await findParticipant(store.db, ACCOUNT)).toMatchObject({ ...joined, isEntity: false });
  expect(await findParticipant(store.db, 1)).toMatchObject({ isEntity: true, agent: null });
  await happen({ ...registry, kind: "entityLeft", entity: 1, effectiveAt: 20_000 });
  expect(await findParticipant(store.db, ACCOUNT)).toMatchObject({ entity: null, entityFrom: 20_000 });
});

test("a metering point that was retired may come back as another member, with its keys", async () => {
  const meter = { contract: "areaRegistry", meterId: METER } as const;
  const start = block;
  await happen(
    { ...meter, kind: "capacityChanged", capacityW: 9 },
    { ...meter, kind: "deviceKeyRotated", deviceKey: NEXT_DEVICE, certificateNumber: 2n },
    { ...meter, kind: "meterRetired", areaId: 1, member: 4 },
    added(1, 5, 3),
    enrolled(1, 5, METER),
  );
  const stays = await listStays(store.db, { meterId: METER, limit: 9 });
  expect(
    stays.map(({ member, account, capacityW, retiredAt }) => [member, account, capacityW, retiredAt]),
  ).toEqual([
    [5, 3, 4_294_967_295, null],
    [4, ACCOUNT, 0, 1_000 * (start + 3)],
  ]);
  const keys = await listDeviceKeys(store.db, [METER]);
  expect(keys.map(({ deviceKey, validUntil }) => [deviceKey, validUntil])).toEqual([
    [DEVICE, null],
    [NEXT_DEVICE, 1_000 * (start + 3)],
    [DEVICE, 1_000 * (start + 2)],
  ]);
});

test("a revoked key ends at every meter that has it", async () => {
  await happen({ contract: "areaRegistry", kind: "deviceKeyRevoked", meterId: METER, deviceKey: DEVICE });
  const keys = await listDeviceKeys(store.db, [METER, BARN_METER]);
  expect(keys.map(({ validUntil }) => validUntil)).toEqual([1_000 * block, 1_000 * block]);
});
