import { beforeEach, describe, expect, it } from "vitest";
import {
  ledgerSeparator,
  type MeterReading,
  openReadingWord,
  type SignedReading,
  signReading,
} from "#domains/metering/rules/meterReading.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import type { Call } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import type { MeteringPoint } from "./areaState.ts";
import { openMeterGateway, ReadingsDifferError, type RefusedReading } from "./meterGateway.ts";

const deployment = DEPLOYMENT;
const AREA_ID = 1;
const INTERVAL_ID = 500;
const INTERVAL_SECONDS = 900;
const ENDS_AT = (INTERVAL_ID + 1) * INTERVAL_SECONDS;
/** The member with a position in the interval. */
const POSITIONED: ReadonlySet<number> = new Set([5]);
const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
const keyring = createKeyring("gateway");
const meterId = (member: number): Hex => toHex(wordOf(member));
const deviceOf = (member: number) => keyring.key(`device ${member}`);
/** Accounts are not numbered as members are. */
const accountOf = (member: number) => 100 + member;

let sent: Call[];
let kept: SignedReading[];
let refusals: RefusedReading[];
let onChain: { root: Hex; version: number };
let points: Map<string, MeteringPoint>;

beforeEach(() => {
  sent = [];
  kept = [];
  refusals = [];
  onChain = { root: toHex(wordOf(0)), version: 0 };
  points = new Map([4, 5, 6].map((member) => [meterId(member), pointOf(member)]));
});

function pointOf(member: number): MeteringPoint {
  const deviceKey = member === 6 ? null : deviceOf(member).address;
  return { areaId: AREA_ID, member, account: accountOf(member), deviceKey };
}

/** The chain is what the transactions say: the gateway's side alone is under test. test/e2e has the contract's. */
function openGateway(changes: Partial<Parameters<typeof openMeterGateway>[0]> = {}) {
  const send = async (call: Call) => {
    sent.push(call);
    return { gasUsed: 50_000n } as never;
  };
  return openMeterGateway({
    sender: { address: testAddress(9), account: undefined as never, send, sendAll: undefined as never },
    deployment,
    areaId: AREA_ID,
    intervalSeconds: INTERVAL_SECONDS,
    now: () => ENDS_AT + INTERVAL_SECONDS,
    meterAt: async (id) => points.get(id) ?? null,
    meteredIn: async () => [...points.values()].map(({ member }) => member),
    keep: async (reading) => void kept.push(reading),
    kept: (intervalId) => kept.filter((reading) => reading.intervalId === intervalId),
    publicationOf: async () => onChain,
    onRefusal: (refused) => void refusals.push(refused),
    ...changes,
  });
}

function reading(member: number, changes: Partial<MeterReading> = {}): SignedReading {
  const unsigned: MeterReading = {
    meterId: meterId(member),
    member,
    areaId: AREA_ID,
    intervalId: INTERVAL_ID,
    importWh: 100 * member,
    exportWh: 0,
    quality: "measured",
    version: 1,
    ...changes,
  };
  return signReading(unsigned, separator, deviceOf(member).privateKey);
}

describe("a reading", () => {
  it("that its device signed is accepted, and kept once though it comes again", async () => {
    const gateway = openGateway();
    expect(await gateway.collect(reading(4))).toBeNull();
    expect(await gateway.collect(reading(5))).toBeNull();
    expect(await gateway.collect(reading(4))).toBeNull();
    expect(await gateway.collect(reading(4, { intervalId: INTERVAL_ID + 1 }))).toBeNull();
    expect(kept).toHaveLength(3);
    expect(refusals).toEqual([]);
  });

  it("is refused when its meter said something else before", async () => {
    const gateway = openGateway();
    await gateway.collect(reading(4));
    expect(await gateway.collect(reading(4, { importWh: 1 }))).toBe("duplicateReading");
  });

  it("that can't be kept is not accepted, and may be sent again", async () => {
    let isFull = true;
    const keep = async (list: SignedReading) => {
      if (isFull) throw new Error("no space left on device");
      kept.push(list);
    };
    const gateway = openGateway({ keep });
    await expect(gateway.collect(reading(4))).rejects.toThrow("no space");
    expect(await gateway.publish(INTERVAL_ID, POSITIONED)).toBeNull();
    isFull = false;
    expect(await gateway.collect(reading(4))).toBeNull();
    expect(kept).toEqual([reading(4)]);
  });

  it("needs the key that was in force at the end of its interval", async () => {
    const meterAt = async (id: Hex, time: number) =>
      time < ENDS_AT + 1 ? (points.get(id) ?? null) : { ...pointOf(4), deviceKey: deviceOf(5).address };
    const gateway = openGateway({ meterAt });
    expect(await gateway.collect(reading(4))).toBeNull();
    expect(await gateway.collect(reading(4, { intervalId: INTERVAL_ID + 1 }))).toBe("invalidSignature");
  });

  it("is taken once its interval is over", async () => {
    const gateway = openGateway({ now: () => ENDS_AT });
    expect(await gateway.collect(reading(4, { intervalId: INTERVAL_ID + 1 }))).toBe("notOver");
    expect(await gateway.collect(reading(4))).toBeNull();
    expect(kept).toHaveLength(1);
  });

  it("of another's signature asks neither the chain nor the archive", async () => {
    const unasked = async () => {
      throw new Error("asked");
    };
    const gateway = openGateway({ publicationOf: unasked });
    expect(await gateway.collect({ ...reading(4), importWh: 1 })).toBe("invalidSignature");
    await expect(gateway.collect(reading(4))).rejects.toThrow("asked");
  });

  it("of a meter that was enrolled later is known", async () => {
    const gateway = openGateway();
    expect(await gateway.collect(reading(7))).toBe("unknownMeter");
    points.set(meterId(7), pointOf(7));
    expect(await gateway.collect(reading(7))).toBeNull();
  });

  it.each([
    ["invalidSignature", { ...reading(4), importWh: 399 }],
    ["invalidSignature", { ...reading(4), exportWh: 1 }],
    ["invalidSignature", { ...reading(4), quality: "estimated" as const }],
    ["invalidSignature", { ...reading(4), intervalId: INTERVAL_ID + 1 }],
    ["invalidSignature", { ...reading(4), signature: reading(5).signature }],
    ["invalidSignature", { ...reading(4), signature: new Uint8Array(64) }],
    ["unknownMeter", reading(7)],
    ["revokedDevice", reading(6)],
    ["wrongPlace", reading(4, { member: 5 })],
    ["wrongPlace", reading(4, { areaId: 2 })],
    ["outOfRange", reading(4, { importWh: 2 ** 32 })],
    ["outOfRange", reading(4, { exportWh: 2 ** 40 })],
    ["outOfRange", reading(4, { importWh: -1 })],
    ["wrongVersion", reading(4, { version: 2 })],
  ])("is refused: %s", async (reason, refused) => {
    const gateway = openGateway();
    expect(await gateway.collect(refused)).toBe(reason);
    const { meterId: meter, intervalId } = refused;
    const { member, account } = points.get(meter) ?? { member: null, account: null };
    expect(refusals).toEqual([{ member, account, intervalId, meterId: meter, reason }]);
    expect(await gateway.collect(reading(4))).toBeNull();
  });
});

describe("the readings of an interval", () => {
  it("are under one root by member, those of positions apart", async () => {
    const gateway = openGateway();
    for (const member of [5, 4]) await gateway.collect(reading(member));
    const published = (await gateway.publish(INTERVAL_ID, POSITIONED))!;
    expect(published.readings).toEqual([reading(4), reading(5)]);
    expect(sent.map((call) => call.label)).toEqual(["publish"]);
    expect(sent[0]!.data).toContain(toHex(published.tree.root).slice(2));
    const lists = published.tree.pages.flatMap(({ lists: both }) => both);
    const opened = lists.map(({ words }) => words.map(openReadingWord));
    expect(opened.map((words) => words.map(({ member, importWh }) => [member, importWh]))).toEqual([
      [[5, 500]],
      [[4, 400]],
    ]);
    expect(published).toMatchObject({ gasUsed: 50_000n, transactions: 1 });
  });

  it("are missing of the members with a meter that handed in none", async () => {
    const gateway = openGateway();
    await gateway.collect(reading(5));
    expect(await gateway.missingOf(INTERVAL_ID)).toEqual([4, 6]);
  });

  it("are not published before there is one", async () => {
    const gateway = openGateway();
    expect(await gateway.publish(INTERVAL_ID, POSITIONED)).toBeNull();
    expect(sent).toEqual([]);
    await gateway.collect(reading(4));
    expect(await gateway.publish(INTERVAL_ID, POSITIONED)).not.toBeNull();
  });

  it("are closed once they are published, after a restart too", async () => {
    const gateway = openGateway();
    await gateway.collect(reading(4));
    const { tree } = (await gateway.publish(INTERVAL_ID, POSITIONED))!;
    expect(await gateway.collect(reading(5))).toBe("alreadyPublished");
    onChain = { root: toHex(tree.root), version: 1 };
    const restarted = openGateway();
    expect(await restarted.collect(reading(5))).toBe("alreadyPublished");
    expect(await restarted.collect(reading(4))).toBeNull();
    expect((await restarted.publishedOf(INTERVAL_ID, POSITIONED))!.tree).toEqual(tree);
  });

  it("outlive a crash between collecting and publishing", async () => {
    const before = openGateway();
    for (const member of [4, 5]) await before.collect(reading(member));
    const after = openGateway();
    expect((await after.publish(INTERVAL_ID, POSITIONED))!.readings).toEqual([reading(4), reading(5)]);
  });

  it("are published once, though a crash came in between", async () => {
    const before = openGateway();
    await before.collect(reading(4));
    const { tree } = (await before.publish(INTERVAL_ID, POSITIONED))!;
    onChain = { root: toHex(tree.root), version: 1 };
    const after = openGateway();
    await after.collect(reading(4));
    expect(await after.publish(INTERVAL_ID, POSITIONED)).toMatchObject({ gasUsed: 0n, transactions: 0 });
    expect(sent).toHaveLength(1);
  });

  it("that differ from what is published are not published over it", async () => {
    kept = [reading(4)];
    onChain = { root: toHex(wordOf(77)), version: 1 };
    const gateway = openGateway();
    await expect(gateway.publish(INTERVAL_ID, POSITIONED)).rejects.toThrow(ReadingsDifferError);
    await expect(gateway.publishedOf(INTERVAL_ID, POSITIONED)).rejects.toThrow(ReadingsDifferError);
    expect(sent).toEqual([]);
  });
});
