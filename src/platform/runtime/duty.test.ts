import { describe, expect, it } from "vitest";
import { WaitingStoppedError } from "#platform/chain/patience.ts";
import { RpcFaultError } from "#platform/chain/rpcFault.ts";
import { type Done, type Duty, type DutyChain, type DutyPlan, runDuties } from "./duty.ts";
import { ClockStoppedError, drivenClock } from "./marketClock.ts";

const LENGTH = 900;
const DONE: Done = { status: "done", work: "worked" };

function duty(name: string, dueAt: (id: number) => number, run: Duty["run"] = async () => DONE): Duty {
  return { name, role: "operator", areaId: 1, dueAt, triesUntil: (id) => (id + 2) * LENGTH, run };
}

const CHAIN: DutyChain = {
  awaitAnswer: async () => undefined,
  isFinal: async () => true,
  takeReplaced: () => [],
};

async function trace(plans: readonly DutyPlan[]): Promise<string[]> {
  const clock = drivenClock(0, async () => undefined);
  const lines: string[] = [];
  for await (const report of runDuties(plans, clock)) {
    const came = "error" in report ? `failed ${report.isTriedAgain}` : report.done.status;
    lines.push(`${report.at} ${report.duty.name} ${report.intervalId} ${came}`);
  }
  return lines;
}

describe("runDuties", () => {
  it("goes by time, and by the list within a second", async () => {
    const settle = duty("settle", (id) => (id + 1) * LENGTH);
    const clear = duty("clear", (id) => id * LENGTH);
    expect(
      await trace([
        { duty: settle, from: 1, end: 3 },
        { duty: clear, from: 1, end: 4 },
      ]),
    ).toEqual([
      "900 clear 1 done",
      "1800 settle 1 done",
      "1800 clear 2 done",
      "2700 settle 2 done",
      "2700 clear 3 done",
    ]);
  });

  it("comes back to a duty that waits, while others go on", async () => {
    let isPublished = false;
    const settle = duty(
      "settle",
      () => 900,
      async () => (isPublished ? DONE : { status: "waiting", for: "readings", againAt: 960 }),
    );
    const publish = duty(
      "publish",
      () => 930,
      async () => {
        isPublished = true;
        return DONE;
      },
    );
    expect(
      await trace([
        { duty: settle, from: 0, end: 1 },
        { duty: publish, from: 0, end: 1 },
      ]),
    ).toEqual(["900 settle 0 waiting", "930 publish 0 done", "960 settle 0 done"]);
  });

  it("waits at least a second before it looks again", async () => {
    let looks = 0;
    const late = duty(
      "late",
      () => 900,
      async () => (++looks === 3 ? DONE : { status: "waiting", for: "nothing", againAt: 0 }),
    );
    expect(await trace([{ duty: late, from: 0, end: 1 }])).toEqual([
      "900 late 0 waiting",
      "901 late 0 waiting",
      "902 late 0 done",
    ]);
  });

  it("tries what failed again until it makes no sense any more, and does the next interval meanwhile", async () => {
    const broken = duty(
      "broken",
      (id) => (id + 1) * LENGTH,
      async (id) => {
        if (id === 0) throw new Error("the node is gone");
        return DONE;
      },
    );
    const lines = await trace([{ duty: broken, from: 0, end: 2 }]);
    expect(lines[0]).toBe("900 broken 0 failed true");
    expect(lines.filter((line) => line.includes("broken 0"))).toHaveLength(15);
    expect(lines).toContain("1800 broken 1 done");
    expect(lines.at(-2)).toBe("1740 broken 0 failed false");
  });

  it("holds all while the chain does not answer, and counts none of it as failed", async () => {
    let isDown = true;
    let runs = 0;
    const fault = new RpcFaultError({ code: "rpcUnreachable", sentence: "no node answers" });
    const settle = duty(
      "settle",
      (id) => id * LENGTH,
      async () => {
        runs += 1;
        if (isDown) throw new Error("it could not look", { cause: fault });
        return DONE;
      },
    );
    const clock = drivenClock(0, async () => undefined);
    const heldAt: number[] = [];
    const awaitAnswer = async () => {
      heldAt.push(clock.now());
      isDown = heldAt.length < 3;
    };
    const came: unknown[] = [];
    for await (const report of runDuties([{ duty: settle, from: 1, end: 3 }], clock, {
      ...CHAIN,
      awaitAnswer,
    }))
      came.push("done" in report ? report.done.status : report.error);
    expect([came, heldAt, runs]).toEqual([["done", "done"], [900, 900, 900], 5]);
  });

  it("ends without a failed duty when it is stopped while it holds", async () => {
    const fault = new RpcFaultError({ code: "rpcTimeout", sentence: "no answer" });
    const fails = async () => {
      throw fault;
    };
    const stopped = async () => {
      throw new WaitingStoppedError();
    };
    const plans = [{ duty: duty("settle", (id) => id * LENGTH, fails), from: 1 }];
    const turns = runDuties(
      plans,
      drivenClock(0, async () => undefined),
      { ...CHAIN, awaitAnswer: stopped },
    );
    await expect(turns.next()).rejects.toThrow(ClockStoppedError);
  });

  it("pays nothing on what is not final, and does what has a deadline", async () => {
    const ran: string[] = [];
    const run = (name: string) => async () => {
      ran.push(`${clock.now()} ${name}`);
      return DONE;
    };
    const clock = drivenClock(0, async () => undefined);
    const settle = duty("settle", (id) => id * LENGTH, run("settle"));
    const clear: Duty = { ...duty("clear", (id) => id * LENGTH, run("clear")), standsOn: "newest" };
    const isFinal = async () => clock.now() >= LENGTH + 12;
    const plans = [settle, clear].map((each) => ({ duty: each, from: 1, end: 2 }));
    const told: string[] = [];
    for await (const report of runDuties(plans, clock, { ...CHAIN, isFinal }))
      if ("done" in report && report.done.status === "waiting") told.push(report.done.for);
    expect(ran).toEqual(["900 clear", "915 settle"]);
    expect(new Set(told)).toEqual(new Set(["what the chain tells of interval 1 to be final"]));
  });

  it("looks again at what was done for intervals whose blocks were replaced, and at nothing else", async () => {
    const lines: string[] = [];
    const replaced = [
      [],
      [],
      [],
      [
        { areaId: 1, intervalId: 1 },
        { areaId: 2, intervalId: 1 },
      ],
      [],
    ];
    const clock = drivenClock(0, async () => undefined);
    const plan = { duty: duty("settle", (id) => id * LENGTH), from: 1, end: 5 };
    const takeReplaced = () => replaced.shift() ?? [];
    for await (const { at, intervalId } of runDuties([plan], clock, { ...CHAIN, takeReplaced }))
      lines.push(`${at} ${intervalId}`);
    expect(lines).toEqual(["900 1", "1800 2", "2700 3", "2700 1", "3600 4"]);
  });

  it("tries what fails for an hour every hour", async () => {
    const broken: Duty = { ...duty("broken", () => 0), triesUntil: () => 4 * 3_600 };
    const fails = async () => {
      throw new Error("nobody looks after it");
    };
    const lines = await trace([{ duty: { ...broken, run: fails }, from: 0, end: 1 }]);
    expect(lines).toHaveLength(61 + 2);
    expect(lines.slice(-3)).toEqual([
      "3600 broken 0 failed true",
      "7200 broken 0 failed true",
      "10800 broken 0 failed false",
    ]);
  });

  it("gives every interval of a plan one turn, whatever the lengths of two areas", async () => {
    const quarter = duty("quarter", (id) => id * LENGTH);
    const hour = duty("hour", (id) => id * 4 * LENGTH);
    const lines = await trace([
      { duty: quarter, from: 4, end: 12 },
      { duty: hour, from: 1, end: 3 },
    ]);
    expect(lines).toHaveLength(10);
    expect(new Set(lines).size).toBe(10);
    expect(lines.indexOf("7200 hour 2 done")).toBe(lines.indexOf("7200 quarter 8 done") + 1);
  });
});
