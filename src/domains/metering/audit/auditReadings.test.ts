import { beforeEach, describe, expect, it } from "vitest";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import type { MeteringEvent, MeteringFact } from "#domains/metering/events.ts";
import { ledgerSeparator, readingWord, signReading } from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, memberBits, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type ShownReadings, showReadings } from "#domains/metering/rules/shownReadings.ts";
import { type Address, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import { DEPLOYMENT, TEST_PLACE, testAddress } from "#platform/chain/deployment.fixture.ts";
import { replayAreas } from "./auditAreas.ts";
import { type ReadingsReplay, replayReadings } from "./auditReadings.ts";

const { chainId } = DEPLOYMENT;
const { meterLedger } = DEPLOYMENT.contracts;
const place = { areaId: 1, intervalId: 7 };
const INTERVAL_SECONDS = 900;
const ENDS_AT = 8 * INTERVAL_SECONDS;
const WAITED_UNTIL = ENDS_AT + 86_400;
const MEMBERS = [4, 5, 6, 7];
const [GATEWAY, MARKET, OTHER_MARKET] = [1, 2, 3].map(testAddress) as [Address, Address, Address];
const HASH: Hex = toHex(wordOf(1));
const keyOf = (member: number) => wordOf(1_000 + member);
const meterOf = (member: number): Hex => toHex(wordOf(member));

const reading = (member: number, key = keyOf(member)) =>
  signReading(
    {
      ...{ meterId: meterOf(member), member, ...place },
      ...{ importWh: 100 * member, exportWh: 10 * member, quality: "measured", version: 1 },
    },
    ledgerSeparator(chainId, meterLedger),
    key,
  );

let counts: Counts;
let archived: ReturnType<typeof reading>[] | null;
let positioned: readonly (readonly number[])[];
let replay: ReadingsReplay;
let areas: ReturnType<typeof replayAreas>;

type Unnamed<F> = F extends MeteringFact ? Omit<F, "contract"> : never;
type Fact = Unnamed<MeteringFact>;
type By = Partial<Pick<MeteringEvent, "timestamp" | "sender" | "purpose" | "transactionHash">>;

const LEDGER_KINDS: readonly string[] = [
  "claimantAdmitted",
  "readingsPublished",
  "pageClaimed",
  "readingClaimed",
] satisfies MeteringFact["kind"][];

async function apply(fact: Fact, by: By = {}): Promise<string | null> {
  const contract = LEDGER_KINDS.includes(fact.kind) ? "meterLedger" : "areaRegistry";
  const event = {
    ...{ contract, ...fact, block: 1, timestamp: ENDS_AT },
    ...{ sender: GATEWAY, purpose: "publish", transactionHash: HASH, ...by },
  } as MeteringEvent;
  return ruleOf(async () => {
    areas.apply(event);
    await replay.apply(event);
  });
}

async function ruleOf(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy.rule;
    throw error;
  }
}

const setup = { intervalSeconds: INTERVAL_SECONDS, waitingSeconds: 86_400, gateway: GATEWAY };
const parties = { supplier: 1, dso: 1, fund: 1 };

beforeEach(async () => {
  counts = {};
  archived = MEMBERS.map((member) => reading(member));
  positioned = [];
  const registry = replayRegistry({ counts, deployment: DEPLOYMENT });
  registry.apply({
    ...{ contract: "registry", kind: "participantRegistered", account: 1, ...TEST_PLACE },
    ...{ owner: testAddress(9), kycHash: "0x" },
  });
  areas = replayAreas({ counts, deployment: DEPLOYMENT, registry });
  const positionedIn = () => new Set(positioned.flat());
  const isOpen = () => positioned.length > 0;
  replay = replayReadings({
    ...{ deployment: DEPLOYMENT, counts, areas, positionedIn, isOpen },
    readings: async () => archived,
  });
  const first = { timestamp: 0 };
  await apply({ kind: "areaOpened", areaId: 1, operator: GATEWAY, setup: { ...setup, ...parties } }, first);
  for (const member of [1, 2, 3, ...MEMBERS]) {
    await apply({ kind: "memberAdded", areaId: 1, member, account: 1 }, first);
    const device = { deviceKey: addressOfKey(keyOf(member)), certificateNumber: 1n, capacityW: 9 };
    const meter = { meterId: meterOf(member), areaId: 1, member, ...device };
    if (member > 3) await apply({ kind: "meterEnrolled", ...meter }, first);
  }
  for (const claimant of [MARKET, OTHER_MARKET])
    await apply({ kind: "claimantAdmitted", claimPurpose: 1, claimant });
});

function treeOf(apart: readonly number[], { version = 1, of = archived ?? [] } = {}) {
  const context = readingContext({ chainId, meterLedger, ...place, version });
  return { context, tree: buildReadingTree(of.map(readingWord), context, new Set(apart)) };
}

const published = (apart: readonly number[] = [], changes: { version?: number } = {}): Fact => ({
  ...{ kind: "readingsPublished", ...place, version: 1, ...changes },
  ...{ root: toHex(treeOf(apart, changes).tree.root), meters: archived?.length ?? 0 },
});

describe("the published readings of an interval with two markets", () => {
  it("stand in the first list when either market has a position of their member", async () => {
    positioned = [[5], [6]];
    expect(await apply(published([5, 6]))).toBeNull();
    expect(counts["metering.readings"]).toBe(4);
  });

  it("do not give the root when those of one market were not set apart", async () => {
    positioned = [[5], [6]];
    expect(await apply(published([5]))).toBe("readingsRoot");
    positioned = [[5], []];
    expect(await apply(published([5, 6]))).toBe("readingsRoot");
  });
});

describe("a publication", () => {
  it("comes from the area's own gateway, as far as one can tell", async () => {
    expect(await apply(published(), { sender: MARKET })).toBe("gateway");
    expect(await apply(published(), { sender: MARKET, purpose: null })).toBeNull();
    await apply({ kind: "gatewayChanged", areaId: 1, gateway: MARKET });
    expect(await apply(published([], { version: 2 }))).toBe("gateway");
    expect(await apply(published([], { version: 2 }), { sender: MARKET })).toBeNull();
  });

  it("comes when the interval is over", async () => {
    expect(await apply(published(), { timestamp: ENDS_AT - 1 })).toBe("publicationEarly");
  });

  it("comes version by version, also after a claim", async () => {
    expect(await apply(published([], { version: 2 }))).toBe("publicationVersion");
    await apply(published());
    expect(await apply(published())).toBe("publicationVersion");
    await apply({ kind: "pageClaimed", ...place, page: 0, members: 1n << 4n, claimant: MARKET });
    expect(await apply(published([], { version: 2 }))).toBeNull();
  });
});

describe("a device key", () => {
  const NEXT_KEY = wordOf(2_000);
  const rotated: Fact = {
    ...{ kind: "deviceKeyRotated", meterId: meterOf(4), deviceKey: addressOfKey(NEXT_KEY) },
    certificateNumber: 2n,
  };

  it("in force at the end of the interval signs, though another came since", async () => {
    await apply(rotated, { timestamp: ENDS_AT + 1 });
    expect(await apply(published(), { timestamp: ENDS_AT + 1 })).toBeNull();
  });

  it("that came after the end of the interval signs nothing of it", async () => {
    await apply(rotated, { timestamp: ENDS_AT + 1 });
    archived = [reading(4, NEXT_KEY), ...MEMBERS.slice(1).map((member) => reading(member))];
    expect(await apply(published(), { timestamp: ENDS_AT + 1 })).toBe("readingSignature");
  });

  it("that was replaced before the end of the interval signs no more", async () => {
    await apply(rotated, { timestamp: ENDS_AT - 1 });
    expect(await apply(published())).toBe("readingSignature");
  });

  it("that was revoked before the end signs no more, and one that was revoked since did", async () => {
    const revoked: Fact = {
      ...{ kind: "deviceKeyRevoked", meterId: meterOf(4), deviceKey: addressOfKey(keyOf(4)) },
    };
    await apply(revoked, { timestamp: ENDS_AT + 1 });
    expect(await apply(published(), { timestamp: ENDS_AT + 1 })).toBeNull();
    await apply({ ...revoked, meterId: meterOf(5), deviceKey: addressOfKey(keyOf(5)) } as Fact, {
      timestamp: ENDS_AT - 1,
    });
    const again = published([], { version: 2 });
    expect(await apply(again, { timestamp: ENDS_AT + 1 })).toBe("readingSignature");
  });
});

describe("an archived reading", () => {
  it("is of its metering point's member", async () => {
    const elsewhere = { ...reading(4), member: 8 };
    archived = [elsewhere, ...MEMBERS.slice(1).map((member) => reading(member))];
    expect(await apply(published())).toBe("readingPlace");
  });

  it("is none too few", async () => {
    const whole = published();
    archived = MEMBERS.slice(1).map((member) => reading(member));
    expect(await apply(whole)).toBe("readingMissing");
  });
});

describe("a settled page", () => {
  const TRADERS = [4, 5];
  const event = { ...place, page: 0, block: 1, timestamp: ENDS_AT, transactionHash: HASH };
  const claimed = (members: readonly number[], claimant = MARKET): Fact => ({
    ...{ kind: "pageClaimed", ...place, page: 0, members: memberBits(members), claimant },
  });
  const shown = (members = TRADERS): ShownReadings => {
    const { tree, context } = treeOf(TRADERS);
    return showReadings(tree, { page: 0, members: new Set(members), context });
  };
  const open = (readings = shown(), members = TRADERS, timestamp = ENDS_AT) =>
    replay.openPage({ ...event, timestamp }, readings, new Set(members));

  beforeEach(async () => {
    positioned = [TRADERS];
    await apply(published(TRADERS));
  });

  it("gives what the meters registered, when it was claimed in this transaction for its members", async () => {
    expect(await ruleOf(() => open())).toBe("claim");
    await apply(claimed(TRADERS), { transactionHash: toHex(wordOf(2)) });
    expect(await ruleOf(() => open())).toBe("claim");
    await apply(claimed([4, 5, 6]));
    expect(await ruleOf(() => open())).toBe("claim");
    await apply(claimed(TRADERS, OTHER_MARKET), { transactionHash: toHex(wordOf(3)) });
  });

  it("counts the energy of who was claimed by nobody before", async () => {
    await apply(claimed(TRADERS));
    expect(open()).toEqual({
      metered: new Map([
        [4, { importWh: 400n, exportWh: 40n }],
        [5, { importWh: 500n, exportWh: 50n }],
      ]),
      missing: [],
      taken: 0n,
      isWithheld: false,
    });
    expect(counts["metering.opened"]).toBe(2);
  });

  it("counts nothing of whom another market has, and of exports what single claims left", async () => {
    await apply(claimed([4], OTHER_MARKET), { transactionHash: toHex(wordOf(2)) });
    const single = { claimPurpose: 1, claimant: OTHER_MARKET };
    await apply({ kind: "readingClaimed", ...place, member: 5, energyWh: 20n, ...single });
    await apply(claimed(TRADERS));
    expect(open().metered).toEqual(
      new Map([
        [4, { importWh: 0n, exportWh: 0n }],
        [5, { importWh: 500n, exportWh: 30n }],
      ]),
    );
    const more: Fact = { kind: "readingClaimed", ...place, member: 4, energyWh: 1n, ...single };
    expect(await apply(more)).toBe("claim");
  });

  it("opens the readings of its members and no other", async () => {
    await apply(claimed(TRADERS));
    expect(await ruleOf(() => open(shown([4])))).toBe("readingOpened");
    expect(await ruleOf(() => open(shown([4, 5, 6])))).toBe("readingOpened");
  });

  it("has the readings that were published", async () => {
    await apply(claimed(TRADERS));
    const { leaves } = shown();
    const changed = `${leaves.slice(0, 9)}${leaves[9] === "0" ? "1" : "0"}${leaves.slice(10)}` as Hex;
    expect(await ruleOf(() => open({ ...shown(), leaves: changed }))).toBe("readingOpened");
  });

  it("counts who has no reading as zero once the waiting time is over, not before", async () => {
    archived = MEMBERS.slice(1).map((member) => reading(member));
    await apply(published(TRADERS, { version: 2 }));
    const { tree, context } = treeOf(TRADERS, { version: 2 });
    const readings = showReadings(tree, { page: 0, members: new Set(TRADERS), context });
    await apply(claimed(TRADERS));
    expect(await ruleOf(() => open(readings, TRADERS, WAITED_UNTIL - 1))).toBe("readingMissing");
    const { metered, missing } = open(readings, TRADERS, WAITED_UNTIL);
    expect(missing).toEqual([4]);
    expect(metered.get(4)).toEqual({ importWh: 0n, exportWh: 0n });
  });

  it("is claimed by who was admitted", async () => {
    expect(await apply(claimed(TRADERS, GATEWAY))).toBe("claim");
  });
});

it("a page is claimed without a publication once nothing is waited for", async () => {
  const claim: Fact = { kind: "pageClaimed", ...place, page: 0, members: 16n, claimant: MARKET };
  expect(await apply(claim, { timestamp: WAITED_UNTIL - 1 })).toBe("claim");
  expect(await apply(claim, { timestamp: WAITED_UNTIL })).toBeNull();
});
