import { beforeEach, describe, expect, it } from "vitest";
import { drivenClock } from "#platform/runtime/marketClock.ts";
import { type PoolRoles, poolDuties } from "./duties.ts";
import type { OpenOrder } from "./orderDesk.ts";
import type { RecordedMarket } from "./poolRecord.ts";
import type { AreaTerms } from "./rules/area.ts";
import { LAST_RESORT_SECONDS } from "./rules/settlementTiming.ts";
import type { Stage } from "./rules/stage.ts";

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "midpoint",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 320_000n,
  upstreamPriceMicroPerKwh: 320_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: 80_000n,
  gridFeeMicroPerKwh: 0n,
};
const ID = 100;
const GATE = ID * 900 - 300;
const START = ID * 900;
const END = (ID + 1) * 900;
const WAITING = 86_400;
const HOPELESS = END + WAITING + LAST_RESORT_SECONDS + 86_400;
const SPENT = { gasUsed: 5n, transactions: 1 };
const atDesk = [{ orderId: "0x01" }] as unknown as readonly OpenOrder[];
const inArchive = [{ orderId: "0x02" }] as unknown as readonly OpenOrder[];

let done: string[];
let stage: Stage;
let attempt: number;
let desk: readonly OpenOrder[];
let archived: readonly OpenOrder[];
/** Members whose readings are published; null while nothing is. 4 and 5 have a position on page 0, 300 one on page 1. */
let metered: readonly number[] | null;
let terms: AreaTerms;
let isSupplied: boolean;
let isReadable: boolean;

beforeEach(() => {
  done = [];
  stage = "collecting";
  attempt = 0;
  desk = atDesk;
  archived = inArchive;
  metered = [4, 5, 300];
  terms = TERMS;
  isSupplied = true;
  isReadable = true;
});

function open(now: number) {
  const positions = [4, 5, 300].map((member) => ({ member }));
  const plan = { clearing: { clearedQuantity: 7 } };
  const cleared = () => ({ plan, dropped: [], isSupplied, ...SPENT }) as never;
  const held = ({ positions: of }: { positions: readonly { member: number }[] }) =>
    of.map(({ member }) => member).join(" ");
  const roles: PoolRoles = {
    areaId: 1,
    area: { intervalSeconds: 900, waitingSeconds: WAITING },
    terms: { of: () => terms, refresh: async () => void done.push("refresh") },
    now: drivenClock(now, async () => {}).now,
    desk: { takeBook: () => desk },
    standingOrders: () => archived,
    operator: {
      async clear(_, book) {
        done.push(`clear ${book.map(({ orderId }) => orderId)}`);
        return cleared();
      },
      async goOn() {
        done.push("goOn");
        return cleared();
      },
      async settle(clearing) {
        done.push(`settle ${held(clearing)}`);
        return SPENT;
      },
      async settleAndClear(clearing, next) {
        done.push(`settle ${held(clearing)} and clear ${next.intervalId - ID}`);
        return { ...SPENT, plan: plan as never };
      },
      async returnUnread(clearing) {
        done.push(`return ${held(clearing)}`);
        return SPENT;
      },
      async giveBack() {
        done.push("giveBack");
        return SPENT;
      },
      async renewDirectories() {
        done.push("renewDirectories");
        return SPENT;
      },
    },
    record: {
      remember: (intervalId) => void done.push(`remember ${intervalId - ID}`),
      marketOf: async (intervalId) =>
        ({
          stage: intervalId === ID ? stage : "collecting",
          ...{ attempt, positions, terms: TERMS },
        }) as unknown as RecordedMarket,
      positionsOf: async () => new Map(),
    },
    async publishedOf() {
      if (!isReadable) throw new Error("the archive is lost");
      return metered && ({ readings: metered.map((member) => ({ member })) } as never);
    },
  };
  return poolDuties(roles);
}

describe("clearing", () => {
  it("is due at the gate and tried until delivery begins, with the desk's book", async () => {
    const { clear } = open(GATE);
    expect([clear.dueAt(ID), clear.triesUntil(ID)]).toEqual([GATE, START]);
    expect(await clear.run(ID)).toMatchObject({ work: `cleared interval ${ID}`, spent: SPENT });
    expect(done).toEqual(["refresh", "clear 0x01", "remember 0"]);
  });

  it("says when no supplier stands for the interval", async () => {
    isSupplied = false;
    expect(await open(GATE).clear.run(ID)).toMatchObject({
      work: `cleared interval ${ID} without a supplier`,
    });
  });

  it("goes by the terms of its interval", async () => {
    terms = { ...TERMS, gateClosureSeconds: 60 };
    expect(open(GATE).clear.dueAt(ID)).toBe(START - 60);
  });

  it("takes the archived book when the desk's was taken before", async () => {
    desk = [];
    await open(GATE + 60).clear.run(ID);
    expect(done).toEqual(["refresh", "clear 0x02", "remember 0"]);
  });

  it("goes on with what was interrupted", async () => {
    stage = "clearing";
    await open(GATE).clear.run(ID);
    expect(done).toEqual(["refresh", "goOn", "remember 0"]);
  });

  it.each<[Stage, number]>([
    ["cleared", GATE],
    ["untraded", GATE],
    ["settled", GATE],
    ["returned", GATE],
    ["collecting", START],
    ["clearing", START],
  ])("has nothing to do of one that is %s at %i", async (at, now) => {
    stage = at;
    expect(await open(now).clear.run(ID)).toEqual({ status: "nothingToDo" });
    expect(done).toEqual(["refresh"]);
  });
});

describe("giving back and settling", () => {
  it.each<[Stage, string | null]>([
    ["collecting", null],
    ["clearing", "giveBack"],
    ["cleared", "settle 4 5 300"],
    ["settling", "settle 4 5 300"],
    ["returning", "return 4 5 300"],
    ["returned", null],
    ["settled", null],
    ["untraded", null],
  ])("of one that is %s does %s", async (at, work) => {
    stage = at;
    const duties = open(END);
    for (const duty of [duties.giveBack, duties.settle]) await duty.run(ID);
    expect(done).toEqual(work === null ? [] : [work]);
  });

  it("begin with delivery and after it, and last until they are hopeless, whatever begins meanwhile", () => {
    const { giveBack, settle } = open(END);
    expect([giveBack.dueAt(ID), giveBack.triesUntil(ID)]).toEqual([START, HOPELESS]);
    expect([settle.dueAt(ID), settle.triesUntil(ID)]).toEqual([END, HOPELESS]);
  });

  it("look after clearings that were given up before, too", async () => {
    attempt = 1;
    await open(START).giveBack.run(ID);
    expect(done).toEqual(["giveBack"]);
  });

  it("clear in one transaction with the settlement what closes in the same second", async () => {
    terms = { ...TERMS, gateClosureSeconds: 900 };
    stage = "cleared";
    await open(END).settle.run(ID);
    expect(done).toEqual(["settle 4 5 300 and clear 2", "remember 2"]);
  });

  it("leave a book without an order to be cleared by itself", async () => {
    terms = { ...TERMS, gateClosureSeconds: 900 };
    stage = "cleared";
    desk = [];
    archived = [];
    await open(END).settle.run(ID);
    expect(done).toEqual(["settle 4 5 300"]);
  });
});

it("publishes changed members with the first interval of a day", async () => {
  const { renewDirectories } = open(START);
  expect(renewDirectories.dueAt(ID)).toBe(START);
  for (let id = 96; id < 2 * 96; id += 1) await renewDirectories.run(id);
  expect(done).toEqual(["renewDirectories"]);
});

describe("readings that are not there", () => {
  beforeEach(() => {
    stage = "cleared";
  });

  it("are waited for", async () => {
    metered = null;
    expect(await open(END).settle.run(ID)).toMatchObject({ status: "waiting", againAt: END + 60 });
    expect(done).toEqual([]);
  });

  it("hold up their page, and no other", async () => {
    metered = [5, 300];
    expect(await open(END).settle.run(ID)).toMatchObject({
      ...{ status: "waiting", againAt: END + 900, spent: SPENT },
    });
    expect(done).toEqual(["settle 300"]);
  });

  it("count as zero once the waiting time is over, and are looked for at that second", async () => {
    metered = [5, 300];
    const waited = END + WAITING;
    expect(await open(waited - 1).settle.run(ID)).toMatchObject({ againAt: waited });
    done = [];
    expect(await open(waited).settle.run(ID)).toMatchObject({ status: "done" });
    expect(done).toEqual(["settle 4 5 300"]);
  });

  it("of everybody have the money given back once the waiting time is over", async () => {
    metered = null;
    expect(await open(END + WAITING - 1).settle.run(ID)).toMatchObject({ status: "waiting" });
    expect(await open(END + WAITING).settle.run(ID)).toMatchObject({
      work: expect.stringMatching(/no readings came/),
    });
    expect(done).toEqual(["return 4 5 300"]);
  });

  it("nobody can open any more fail, and have the money given back a fortnight later", async () => {
    isReadable = false;
    await expect(open(END + WAITING).settle.run(ID)).rejects.toThrow("the archive is lost");
    await open(END + WAITING + LAST_RESORT_SECONDS).settle.run(ID);
    expect(done).toEqual(["return 4 5 300"]);
  });
});
