import { describe, expect, it } from "vitest";
import { evidenceOfHistory } from "#domains/pool/intervalEvidence.fixture.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { createHistory, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";

const moved = (marginMicro: bigint) => ({
  member: 4,
  kind: "returned",
  freeMicro: 0n,
  marginMicro,
  escrowMicro: 0n,
});

const reportOf = (evidence: IntervalEvidence, key: string) =>
  [...checkInterval(evidence)].findLast((report) => report.key === key);
const findingOf = (evidence: IntervalEvidence) => {
  const report = reportOf(evidence, "money");
  return report?.status === "failed" ? report.finding : report?.status;
};

describe("an interval for which no readings came", () => {
  const history = createHistory();
  history.returnPage(history.clear(100, ordinaryOrders(100)));
  const given: IntervalEvidence = {
    ...evidenceOfHistory(history, 100),
    movements: [moved(-5n), moved(5n)],
  };
  const [step] = given.steps;
  const [page] = given.returns;
  const waited = endsAt(100, given.area.terms.intervalSeconds) + given.area.waitingSeconds;
  const fortnight = 14 * 86_400;
  const returnedAt = (timestamp: number): Partial<IntervalEvidence> => ({
    returns: [{ ...page!, timestamp }],
  });
  const publishedAt = (timestamp: number): Partial<IntervalEvidence> => ({
    publications: [{ version: 1, root: page!.transactionHash, meters: 4, timestamp }],
  });

  it("leaves everybody what they had", () => {
    expect(given.stage).toBe("returned");
    expect(reportOf(given, "money")).toMatchObject({ status: "passed", checked: 1 });
    expect(reportOf(given, "positions")).toMatchObject({ status: "passed", checked: 4 });
    expect(reportOf(given, "settlement")).toMatchObject({
      status: "notPossible",
      reason: expect.stringContaining("given back"),
    });
  });

  it.each<[string, Partial<IntervalEvidence>]>([
    ["once readings are not waited for any longer", returnedAt(waited)],
    ["though readings came later", { ...returnedAt(waited), ...publishedAt(waited + 1) }],
    [
      "14 days after that, though nobody can open what is published",
      { ...returnedAt(waited + fortnight), ...publishedAt(waited) },
    ],
  ])("may go back %s", (_when, changes) => {
    expect(reportOf({ ...given, ...changes }, "money")).toMatchObject({ status: "passed" });
  });

  it.each<[string, Partial<IntervalEvidence>, RegExp]>([
    [
      "a member that has less",
      { movements: [moved(-5n)] },
      /^the interval was given back, and member 4 has -5 micro more than before$/,
    ],
    [
      "a return while readings are waited for",
      returnedAt(waited - 1),
      /^page 0 was given back at \d+ s, before \d+ s$/,
    ],
    [
      "a return though readings are published",
      { ...returnedAt(waited), ...publishedAt(waited) },
      /^page 0 was given back though readings are published$/,
    ],
    [
      "escrow that kept a micro",
      { steps: [{ ...step!, heldMicro: 2n }], returns: [{ ...page!, releasedMicro: 1n }] },
      /^the clearing took 2 micro into escrow, and 1 micro were given back$/,
    ],
    ["no return at all", { returns: [] }, /^the interval is said to be given back, and no page of it was$/],
  ])("names %s", (_what, lie, finding) => {
    expect(findingOf({ ...given, ...lie })).toMatch(finding);
  });

  it("says when nobody kept by member what went back, or not all is back", () => {
    expect(reportOf({ ...given, movements: null }, "money")).toMatchObject({ status: "notPossible" });
    expect(reportOf({ ...given, stage: "returning" }, "money")).toMatchObject({
      status: "notPossible",
      reason: "not all is given back yet",
    });
  });
});

describe("a clearing that was given up, with no other after it", () => {
  const history = createHistory();
  history.abandon(history.clear(100, ordinaryOrders(100), { maxStepOrders: 2, onlySteps: 1 }));
  const given: IntervalEvidence = { ...evidenceOfHistory(history, 100), movements: [] };
  const [abandoned] = given.abandoned;

  it("leaves everybody what they had, at any time", () => {
    expect(given).toMatchObject({ stage: "collecting", attempt: 1, steps: [], cleared: null });
    expect(reportOf(given, "money")).toMatchObject({ status: "passed", checked: 1 });
    expect(reportOf(given, "clearing")).toMatchObject({
      status: "notPossible",
      reason: "the clearing was given up, and no other followed yet",
    });
  });

  it("is named when it kept a micro", () => {
    const heldMicro = abandoned!.heldMicro + 1n;
    expect(findingOf({ ...given, abandoned: [{ ...abandoned!, heldMicro }] })).toBe(
      `attempt 0 took ${heldMicro} micro into escrow, and ${heldMicro - 1n} micro were given back`,
    );
  });

  it("is not given back yet as long as a page is not", () => {
    const returns: IntervalEvidence["returns"] = [];
    const open = { ...given, returns, abandoned: [{ ...abandoned!, isReturned: false }] };
    expect(reportOf(open, "money")).toMatchObject({ reason: "not all is given back yet" });
  });
});
