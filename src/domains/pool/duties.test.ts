import { beforeEach, describe, expect, it } from "vitest";
import { drivenClock } from "#platform/runtime/marketClock.ts";
import { type PoolRoles, poolDuties } from "./duties.ts";
import type { OpenOrder } from "./orderDesk.ts";
import type { RecordedMarket } from "./poolRecord.ts";
import type { AreaTerms } from "./rules/area.ts";
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
const END = (ID + 1) * 900;
const SPENT = { gasUsed: 5n, transactions: 1 };
const atDesk = [{ orderId: "0x01" }] as unknown as readonly OpenOrder[];
const archived = [{ orderId: "0x02" }] as unknown as readonly OpenOrder[];

let done: string[];
let stage: Stage;
let desk: readonly OpenOrder[];
let published: object | null;

beforeEach(() => {
  done = [];
  stage = "collecting";
  desk = atDesk;
  published = {};
});

function open(now: number) {
  const market = async () => ({ stage, steps: [[{ account: 4 }]] }) as unknown as RecordedMarket;
  const cleared = { plan: "plan", dropped: [], ...SPENT } as never;
  const roles: PoolRoles = {
    areaId: 1,
    terms: TERMS,
    now: drivenClock(now, async () => {}).now,
    desk: { takeBook: () => desk },
    standingOrders: () => archived,
    operator: {
      async clear(_, book) {
        done.push(`clear ${book.map(({ orderId }) => orderId)}`);
        return cleared;
      },
      async goOn() {
        done.push("goOn");
        return cleared;
      },
      async settle() {
        done.push("settle");
        return SPENT;
      },
      async giveBack() {
        done.push("giveBack");
        return SPENT;
      },
    },
    record: {
      remember: () => void done.push("remember"),
      marketOf: market,
      positionsOf: async () => new Map(),
    },
    publishedOf: async () => published as never,
  };
  return poolDuties(roles);
}

describe("clearing", () => {
  it("is due at the gate, and takes the desk's book", async () => {
    const { clear } = open(GATE);
    expect([clear.dueAt(ID), clear.triesUntil(ID)]).toEqual([GATE, END]);
    expect(await clear.run(ID)).toMatchObject({ status: "done", spent: SPENT });
    expect(done).toEqual(["clear 0x01", "remember"]);
  });

  it("takes the archived book when the desk's was taken before", async () => {
    desk = [];
    await open(GATE + 60).clear.run(ID);
    expect(done).toEqual(["clear 0x02", "remember"]);
  });

  it("goes on with what was interrupted", async () => {
    stage = "clearing";
    await open(GATE).clear.run(ID);
    expect(done).toEqual(["goOn", "remember"]);
  });

  it.each<[Stage, number]>([
    ["cleared", GATE],
    ["untraded", GATE],
    ["settled", GATE],
    ["voided", GATE],
    ["collecting", END],
    ["clearing", END],
  ])("has nothing to do of one that is %s at %i", async (at, now) => {
    stage = at;
    expect(await open(now).clear.run(ID)).toEqual({ status: "nothingToDo" });
    expect(done).toEqual([]);
  });
});

describe("settling and giving back", () => {
  it.each<[Stage, "settle" | "giveBack" | null]>([
    ["collecting", null],
    ["clearing", "giveBack"],
    ["voiding", "giveBack"],
    ["voided", null],
    ["cleared", "settle"],
    ["settling", "settle"],
    ["settled", null],
    ["untraded", null],
  ])("of one that is %s does %s", async (at, work) => {
    stage = at;
    const duties = open(END);
    expect([duties.settle.dueAt(ID), duties.giveBack.dueAt(ID)]).toEqual([END, END]);
    for (const duty of [duties.giveBack, duties.settle]) await duty.run(ID);
    expect(done).toEqual(work === null ? [] : [work]);
  });

  it("waits for readings", async () => {
    stage = "cleared";
    published = null;
    expect(await open(END).settle.run(ID)).toMatchObject({ status: "waiting", againAt: END + 60 });
    expect(done).toEqual([]);
  });
});
