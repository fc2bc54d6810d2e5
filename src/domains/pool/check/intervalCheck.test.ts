import { describe, expect, it } from "vitest";
import type { MemberStanding } from "#domains/accounts/rules/standing.ts";
import {
  evidenceOfHistory,
  evidenceOfStory,
  type IntervalStory,
} from "#domains/pool/intervalEvidence.fixture.ts";
import { fromHex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { endsAt } from "#kernel/units/interval.ts";
import {
  createHistory,
  HOMES,
  homeOrder,
  keyOf,
  ordinaryOrders,
} from "#platform/store/marketHistory.fixture.ts";
import { flipBit } from "./evidence.fixture.ts";
import { type CheckKey, type CheckReport, checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence, PageEvidence, ReturnEvidence, StepEvidence } from "./intervalEvidence.ts";

const buy = (participant: number, energyWh: number, limitPriceMicroPerKwh: number, sequence: number) => ({
  ...{ participant, side: "bid" as const, energyWh, limitPriceMicroPerKwh, sequence },
});

/** Two pages, several steps, bids of 4, 5 and 770 that share what is left at their price, a seller that falls short, another whose reading never comes, and a first attempt that was given up. */
const STORY: IntervalStory = {
  orders: [
    buy(8, 100, 280_000, 0),
    buy(4, 300, 200_000, 1),
    buy(5, 300, 200_000, 2),
    buy(770, 300, 200_000, 3),
    buy(771, 50, 100_000, 4),
    buy(772, 50, 90_000, 5),
    { ...buy(6, 400, 90_000, 0), side: "offer" },
    { ...buy(7, 200, 120_000, 1), side: "offer" },
  ],
  metered: [300, 100, 0, null, 100, 120, 0, 0].map((importWh, i) =>
    importWh === null ? null : [importWh, i === 2 ? 350 : 200],
  ),
  maxStepOrders: 3,
  submit: "needed",
  isSupplied: true,
  givesUp: true,
};
const HONEST = evidenceOfStory("uniform", STORY);

function reportsOf(evidence: IntervalEvidence): ReadonlyMap<string, CheckReport> {
  return new Map([...checkInterval(evidence)].map((report) => [report.key, report]));
}

const changeStep = (
  change: (step: StepEvidence) => Partial<StepEvidence>,
  at = 0,
): Partial<IntervalEvidence> => ({
  steps: HONEST.steps.map((step, i) => (i === at ? { ...step, ...change(step) } : step)),
});
const changeStandings = (change: (member: number) => Partial<MemberStanding>) =>
  changeStep(({ standings }) => ({
    standings: new Map(
      [...standings].map(([member, standing]) => [member, { ...standing, ...change(member) }]),
    ),
  }));
const changePage = (
  change: (page: PageEvidence) => Partial<PageEvidence>,
  at = 0,
): Partial<IntervalEvidence> => ({
  pages: HONEST.pages.map((page, i) => (i === at ? { ...page, ...change(page) } : page)),
});
const cleared = HONEST.cleared!;
const closing = HONEST.closing!;
const OTHER = toHex(wordOf(0xbad, 20));
const ROOT = toHex(wordOf(0xbad));
const OVER_AT = endsAt(HONEST.intervalId, HONEST.area.terms.intervalSeconds);
const WAITED = OVER_AT + HONEST.area.waitingSeconds;
const RETURN: ReturnEvidence = {
  attempt: 1,
  page: 3,
  transactionHash: ROOT,
  timestamp: WAITED,
  releasedMicro: 1n,
};
const [abandoned] = HONEST.abandoned;
const NOTHING_SHOWN = { lists: [0n, 0n], opened: [0n, 0n], leaves: "0x", pages: [] } as const;

it("tells a story with several steps, two pages, sharing at the margin, a missing reading, and orders that stayed at the desk", () => {
  expect(HONEST.steps.length).toBeGreaterThan(1);
  expect(HONEST.pages.map(({ page }) => page)).toEqual([0, 3]);
  const { levelWh, filledWh } = HONEST.steps[0]!.outcome.bids;
  expect(filledWh).toBeGreaterThan(0);
  expect(filledWh).toBeLessThan(levelWh);
  expect(HONEST.rest!.bids).toHaveLength(2);
  expect(HONEST.pages.map(({ missing }) => missing)).toEqual([1n << 7n, 0n]);
  expect(HONEST.attempt).toBe(1);
  for (const report of reportsOf(HONEST).values()) expect(report).toMatchObject({ status: "passed" });
});

const LIES: readonly (readonly [string, Partial<IntervalEvidence>, CheckKey, RegExp])[] = [
  [
    "a member that may not trade",
    changeStandings((member) => ({ isTradable: member !== 8 })),
    "orderSignatures",
    /^bid 1 of member 8 \(100 Wh at 0\.280\) may not trade in area 1$/,
  ],
  [
    "a signer that the registry does not know",
    changeStandings(() => ({ signer: OTHER })),
    "orderSignatures",
    new RegExp(`^bid 1 of member 8 \\(100 Wh at 0\\.280\\) is not signed by ${OTHER}$`),
  ],
  [
    "an order that is in the book twice",
    changeStep(({ bids }) => ({ bids: [...bids.slice(0, 1), ...bids] })),
    "orderLimits",
    /^bid 2 of member 8 .* is in the book twice$/,
  ],
  [
    "a member that is on both sides",
    changeStep(({ offers }) => ({ offers: offers.map((order) => ({ ...order, participant: 8 })) })),
    "orderLimits",
    /^offer 1 of member 8 .* is of a member that is on the other side too$/,
  ],
  [
    "a price above the area's band",
    { area: { ...HONEST.area, terms: { ...HONEST.area.terms, ceilingMicroPerKwh: 270_000n } } },
    "orderLimits",
    /^bid 1 of member 8 .* has a limit of 280000 micro\/kWh, outside 80000…270000 micro\/kWh$/,
  ],
  [
    "another root of the book",
    { cleared: { ...cleared, bookRoot: ROOT } },
    "bookRoot",
    /the chain recorded 0x0+bad$/,
  ],
  [
    "a clearing of somebody else",
    changeStep(() => ({ sender: OTHER }), 1),
    "clearing",
    /^transaction 2 of the clearing: the clearing was sent by 0x0+bad, not by the operator/,
  ],
  [
    "a clearing while the gate was open",
    changeStep(({ timestamp }) => ({ timestamp: timestamp - 1 })),
    "clearing",
    /before the gate closed/,
  ],
  [
    "a clearing after delivery had begun",
    changeStep(() => ({ timestamp: OVER_AT - 900 })),
    "clearing",
    /^transaction 1 of the clearing: cleared at \d+ s, when delivery had begun at \d+ s$/,
  ],
  [
    "another attempt than the one after those given up",
    { attempt: 0 },
    "clearing",
    /^the clearing is said to be attempt 0; 1 were given up before it$/,
  ],
  [
    "another version of the terms than holds for the interval",
    { cleared: { ...cleared, termsVersion: 2 } },
    "clearing",
    /^the clearing is recorded by version 2 of the terms; version 1 holds for the interval$/,
  ],
  [
    "a connection too weak for what its member trades",
    changeStandings((member) => (member === 8 ? { capacityW: 399 } : {})),
    "clearing",
    /^member 8 trades 100 Wh, more than its connection of 399 W carries in 900 s$/,
  ],
  [
    "a declared price that is not the recorded one",
    {
      steps: HONEST.steps.map((step) => ({ ...step, outcome: { ...step.outcome, localPrice: 1 } })),
    },
    "clearing",
    /^the local price is declared as 1 micro\/kWh; the book gives \d+$/,
  ],
  [
    "an outcome that changes between steps",
    changeStep(({ outcome }) => ({ outcome: { ...outcome, marginalBid: outcome.marginalBid + 1 } }), 1),
    "clearing",
    /^transaction 2 of the clearing: the declared outcome is not that of the clearing's first step$/,
  ],
  [
    "a local price a micro too high",
    { cleared: { ...cleared, localPriceMicroPerKwh: cleared.localPriceMicroPerKwh + 1 } },
    "clearing",
    /the local price is recorded as \d+ micro\/kWh; the book gives \d+/,
  ],
  [
    "less energy than the book clears",
    { cleared: { ...cleared, clearedWh: cleared.clearedWh - 1n } },
    "clearing",
    /Wh are recorded as cleared; the book clears/,
  ],
  [
    "a position that the trades do not give",
    {
      positions: HONEST.positions.map(({ page, words }) => ({ page, words: words.map((word) => word + 1n) })),
    },
    "positions",
    /^on page 0, the position of member 4 is not that of the clearing$/,
  ],
  [
    "a device whose key was revoked",
    { readings: HONEST.readings.map((reading) => ({ ...reading, deviceKey: null })) },
    "deviceSignatures",
    /^the reading of member \d+ \(\d+ Wh import, \d+ Wh export\) is of a metering point without a valid device key$/,
  ],
  [
    "a reading that is not the opened one",
    {
      pages: HONEST.pages.map((page) => ({
        ...page,
        shown: { ...page.shown!, leaves: toHex(flipBit(fromHex(page.shown!.leaves), 0)) },
      })),
    },
    "deviceSignatures",
    /^the reading of member \d+ .* is not the one that the settlement opened$/,
  ],
  [
    "another root of the readings",
    { publications: HONEST.publications.map((published) => ({ ...published, root: ROOT })) },
    "readingProofs",
    /^the readings of page 0 do not give the published root$/,
  ],
  [
    "a version that was not published",
    changePage(() => ({ version: 2 })),
    "readingProofs",
    /^page 0 was settled by version 2 of the readings, which was not the newest published$/,
  ],
  [
    "a version that was not the newest",
    {
      publications: [
        ...HONEST.publications,
        { ...HONEST.publications[0]!, version: 2, timestamp: OVER_AT + 1 },
      ],
    },
    "readingProofs",
    /^page 0 was settled by version 1 of the readings, which was not the newest published$/,
  ],
  [
    "a missing reading that is listed under the root",
    changePage(({ missing }) => ({ missing: missing | (1n << 4n) })),
    "readingProofs",
    /^member 4 is counted as missing, and needs none or has one under the root$/,
  ],
  [
    "a reading that is counted, and is not there",
    changePage(() => ({ missing: 0n })),
    "readingProofs",
    /^member 7 is counted, and has no reading under the root$/,
  ],
  [
    "a position whose reading stays sealed",
    changePage(({ shown }) => ({
      shown: { ...shown!, opened: [shown!.opened[0] & ~(1n << 4n), shown!.opened[1]] },
    })),
    "readingProofs",
    /do not give the published root/,
  ],
  [
    "a grid fee a micro too high",
    changePage(({ gridFeeMicro }) => ({ gridFeeMicro: gridFeeMicro + 1n }), 1),
    "settlement",
    /^the grid fee of page 3 is recorded as \d+ micro; it is \d+ micro$/,
  ],
  [
    "escrow that paid more than was due",
    changePage(() => ({ releasedMicro: 1n })),
    "settlement",
    /^page 0: 1 micro were paid out of escrow; by positions and readings it is \d+ micro$/,
  ],
  [
    "a page that was settled while energy was still delivered",
    changePage(() => ({ timestamp: OVER_AT - 1 }), 1),
    "settlement",
    /^page 3: settled at \d+ s, before delivery was over at \d+ s$/,
  ],
  [
    "a missing reading that was not waited for",
    changePage(() => ({ timestamp: WAITED - 1 })),
    "settlement",
    /^page 0: settled at \d+ s with 1 readings missing, which are waited for until \d+ s$/,
  ],
  [
    "a page that was settled without its readings too early",
    changePage(() => ({ shown: NOTHING_SHOWN, timestamp: WAITED + 14 * 86_400 - 1 }), 1),
    "settlement",
    /^page 3: a page is settled without the readings that are published$/,
  ],
  [
    "energy that another market had claimed, and that is paid here",
    changePage(() => ({ taken: 1n << 6n })),
    "settlement",
    /^page 0: \d+ micro were paid out of escrow; by positions and readings it is \d+ micro$/,
  ],
  [
    "a supplier that stands for an interval, and is said not to",
    { cleared: { ...cleared, isSupplied: false } },
    "settlement",
    /^page 0: \d+ micro were paid out of escrow; by positions and readings it is \d+ micro$/,
  ],
  [
    "a page that was given back beside others that were paid",
    { returns: [RETURN] },
    "settlement",
    /^page 3 was given back, and another was settled$/,
  ],
  [
    "escrow that took more than was needed",
    changeStep(() => ({ heldMicro: 1n }), 1),
    "money",
    /^transaction 2 of the clearing: the clearing took 1 micro into escrow; its positions need \d+ micro$/,
  ],
  [
    "a supplier that got a micro more",
    { closing: { ...closing, supplierMicro: closing.supplierMicro + 1n } },
    "money",
    /^the supplier is recorded to get \d+ micro; it is \d+ micro$/,
  ],
  [
    "rounding that left a micro more",
    { closing: { ...closing, remainderMicro: closing.remainderMicro + 1n } },
    "money",
    /^rounding is recorded to leave \d+ micro/,
  ],
  [
    "a movement that nothing explains",
    { movements: [{ member: 8, kind: "settled", freeMicro: 0n, marginMicro: 1n, escrowMicro: 0n }] },
    "money",
    /^the movement "(reserved|settled)" of member \d+ is recorded as/,
  ],
  [
    "a clearing given up that kept a micro",
    { abandoned: [{ ...abandoned!, heldMicro: abandoned!.heldMicro + 1n }] },
    "money",
    /^attempt 0 took \d+ micro into escrow, and \d+ micro were given back$/,
  ],
];

it.each(LIES)("names %s", (_what, lie, key, finding) => {
  const report = reportsOf({ ...HONEST, ...lie }).get(key);
  expect(report).toMatchObject({ status: "failed" });
  expect(report?.status === "failed" ? report.finding : "").toMatch(finding);
});

describe("an order that was left out", () => {
  const history = createHistory({ homes: [...HOMES, 8] });
  const better = homeOrder(100, { ...ordinaryOrders(100)[0]!, participant: 8, sequence: 9 });
  history.clear(100, ordinaryOrders(100));
  const without = evidenceOfHistory(history, 100);
  const whole = createHistory({ homes: [...HOMES, 8] });
  whole.clear(100, [...ordinaryOrders(100), better]);
  const { bookRoot } = evidenceOfHistory(whole, 100).cleared!;
  const standing = without.steps[0]!.standings.get(4)!;
  const signer = addressOfKey(keyOf(8));
  const omitting = (isTradable: boolean): IntervalEvidence => ({
    ...without,
    cleared: { ...without.cleared!, bookRoot },
    rest: {
      ...without.rest!,
      bids: [better, ...without.rest!.bids],
      standings: new Map([[8, { ...standing, signer, isTradable, formerSigners: [] }]]),
    },
  });

  it("is named when it should have traded", () => {
    const reports = reportsOf(omitting(true));
    expect(reports.get("bookRoot")).toMatchObject({ status: "passed" });
    expect(reports.get("omittedOrders")).toMatchObject({
      status: "failed",
      finding: "bid 2 of member 8 was left out of the clearing; with it, 500 of its 500 Wh trade",
      subject: { side: "bid", position: 2, member: 8 },
    });
  });

  it("is none of the market's when its member may not trade", () => {
    expect(reportsOf(omitting(false)).get("omittedOrders")).toMatchObject({ status: "passed" });
  });

  it("is beyond the check when the orders at the desk are not available", () => {
    const reports = reportsOf({ ...omitting(true), rest: null });
    expect(reports.get("bookRoot")).toMatchObject({ status: "notPossible" });
    expect(reports.get("omittedOrders")).toMatchObject({
      status: "notPossible",
      reason: expect.stringContaining("not available"),
    });
  });
});

describe("an interval that is not over", () => {
  it("is not cleared yet", () => {
    const nothing = {
      stage: "collecting",
      steps: [],
      rest: null,
      cleared: null,
      positions: [],
      pages: [],
      closing: null,
      attempt: 0,
      abandoned: [],
      returns: [],
    } as const;
    for (const report of reportsOf({ ...HONEST, ...nothing }).values())
      expect(report).toMatchObject({
        status: "notPossible",
        reason: expect.stringMatching(/not (cleared|settled) yet/),
      });
  });

  it("has signed orders and nothing to compare them with after the first step of its clearing", () => {
    const begun = { stage: "clearing", steps: HONEST.steps.slice(0, 1), rest: null, cleared: null } as const;
    const reports = reportsOf({ ...HONEST, ...begun, pages: [], closing: null });
    expect(reports.get("orderSignatures")).toMatchObject({ status: "passed" });
    expect(reports.get("clearing")).toMatchObject({
      status: "notPossible",
      reason: "the clearing is not finished yet: its last transaction has not come",
    });
  });

  it("was settled in part", () => {
    const reports = reportsOf({
      ...HONEST,
      stage: "settling",
      pages: HONEST.pages.slice(0, 1),
      closing: null,
    });
    expect(reports.get("settlement")).toMatchObject({
      status: "notPossible",
      reason: "page 3 is not settled yet",
    });
  });
});

it("pauses at every few signatures, and says how far it is", () => {
  const [step] = HONEST.steps;
  const many = { ...step!, bids: Array.from({ length: 40 }, () => step!.bids[0]!) };
  const running = [...checkInterval({ ...HONEST, steps: [many] })].filter(
    ({ key, status }) => key === "orderSignatures" && status === "running",
  );
  expect(running).toMatchObject([
    { checked: 16, of: many.bids.length + many.offers.length + 2 },
    { checked: 32 },
  ]);
});
