import { expect, it } from "vitest";
import { evidenceOfHistory } from "#domains/pool/intervalEvidence.fixture.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { createHistory, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";

const moved = (marginMicro: bigint) => ({
  account: 4,
  kind: "returned",
  freeMicro: 0n,
  marginMicro,
  escrowMicro: 0n,
});

const history = createHistory();
history.voidPage(history.clear(100, ordinaryOrders(100)));
const GIVEN: IntervalEvidence = {
  ...evidenceOfHistory(history, 100),
  movements: [moved(-5n), moved(5n)],
};
const [step] = GIVEN.steps;
const [page] = GIVEN.returns;
const OVER_AT = endsAt(GIVEN.intervalId, GIVEN.area.terms.intervalSeconds);
const FORTNIGHT = 14 * 86_400;

const reportOf = (evidence: IntervalEvidence, key: string) =>
  [...checkInterval(evidence)].findLast((report) => report.key === key);
const returnedAt = (timestamp: number): Partial<IntervalEvidence> => ({ returns: [{ ...page!, timestamp }] });

it("everybody has what they had", () => {
  expect(GIVEN.stage).toBe("voided");
  expect(reportOf(GIVEN, "money")).toMatchObject({ status: "passed", checked: 1 });
  expect(reportOf(GIVEN, "settlement")).toMatchObject({
    status: "notPossible",
    reason: expect.stringContaining("given back"),
  });
});

it.each<[string, Partial<IntervalEvidence>]>([
  ["14 days after delivery", returnedAt(OVER_AT + FORTNIGHT)],
  ["at the end of delivery, when the clearing was not finished", { cleared: null, ...returnedAt(OVER_AT) }],
])("may go back %s", (_when, changes) => {
  expect(reportOf({ ...GIVEN, ...changes }, "money")).toMatchObject({ status: "passed" });
});

it.each<[string, Partial<IntervalEvidence>, RegExp]>([
  [
    "an account that has less",
    { movements: [moved(-5n)] },
    /^the interval was given back, and account 4 has -5 micro more than before$/,
  ],
  [
    "a return after less than 14 days",
    returnedAt(OVER_AT + FORTNIGHT - 1),
    /^page 0 was given back at \d+ s, before \d+ s$/,
  ],
  [
    "a return of an unfinished clearing during delivery",
    { cleared: null, ...returnedAt(OVER_AT - 1) },
    /^page 0 was given back at \d+ s, before \d+ s$/,
  ],
  [
    "escrow that kept a micro",
    { steps: [{ ...step!, heldMicro: 2n }], returns: [{ ...page!, releasedMicro: 1n }] },
    /^the clearing took 2 micro into escrow, and 1 micro were given back$/,
  ],
  ["no return at all", { returns: [] }, /^the interval is said to be given back, and no page of it was$/],
])("names %s", (_what, lie, finding) => {
  const report = reportOf({ ...GIVEN, ...lie }, "money");
  expect(report?.status === "failed" ? report.finding : report?.status).toMatch(finding);
});

it("says when nobody kept by account what went back, or not all is back", () => {
  expect(reportOf({ ...GIVEN, movements: null }, "money")).toMatchObject({ status: "notPossible" });
  expect(reportOf({ ...GIVEN, stage: "voiding" }, "money")).toMatchObject({
    status: "notPossible",
    reason: "not all is given back yet",
  });
});
