import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectorOf } from "#domains/domains.ts";
import { HOMES_ON_PAGES, intervalStories, tellStory } from "#domains/pool/intervalEvidence.fixture.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { createHistory } from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { project } from "#platform/store/project.ts";
import { type ChangeChoice, changeOneByte } from "./changeOneByte.ts";
import { checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidenceJson } from "./intervalEvidenceJson.ts";
import { readIntervalEvidence } from "./readIntervalEvidence.ts";

const FIRST_INTERVAL = 100;
const INTERVALS = 3;

/** Evidence of generated intervals under every rule of pricing, as the API sends it. */
let evidence: readonly IntervalEvidenceJson[] = [];
let closeAll = async () => {};

beforeAll(async () => {
  const opened = [
    await openEvidence("uniform", 1),
    await openEvidence("midpoint", 2),
    await openEvidence("marginal", 3),
  ];
  evidence = opened.flatMap(({ sent }) => sent);
  closeAll = async () => void (await Promise.all(opened.map(({ close }) => close())));
});
afterAll(() => closeAll());

async function openEvidence(pricing: Pricing, seed: number) {
  const history = createHistory({ pricing, homes: HOMES_ON_PAGES });
  const ids = Array.from({ length: INTERVALS }, (_, i) => FIRST_INTERVAL + i);
  const traded = intervalStories.filter(({ orders }) => orders.length > 6);
  fc.sample(traded, { seed, numRuns: INTERVALS }).forEach((story, i) => {
    tellStory(history, FIRST_INTERVAL + i, story);
  });
  const store = await openMemoryStore();
  const { readingsOf, ordersOf } = history;
  await project(store, history.events, projectorOf({ readingsOf, ordersOf, tariffOf: () => null }));
  const { app, close } = await openApiFixture({ store });
  const answers = await Promise.all(ids.map((id) => app.inject(`/v1/intervals/1/${id}/evidence`)));
  return {
    sent: answers.map((answer) => answer.json<IntervalEvidenceJson>()),
    async close() {
      await close();
      await store.close();
    },
  };
}

const reportsOf = (json: IntervalEvidenceJson) => [...checkInterval(readIntervalEvidence(json))];
const failuresOf = (json: IntervalEvidenceJson) =>
  reportsOf(json).flatMap((report) => (report.status === "failed" ? [report] : []));

it("as it was sent, the evidence passes every step, several steps and pages among it", () => {
  for (const json of evidence) {
    const final = reportsOf(json).filter(({ status }) => status !== "running");
    expect(final).toHaveLength(10);
    for (const report of final) expect(report).toMatchObject({ status: "passed" });
  }
  expect(evidence.some(({ steps }) => steps.length > 1)).toBe(true);
  expect(evidence.some(({ pages }) => pages.length > 1)).toBe(true);
  expect(evidence.some(({ book }) => book!.bids.length + book!.offers.length > 4)).toBe(true);
  expect(evidence.some(({ pages }) => pages.some(({ missing }) => missing !== "0"))).toBe(true);
  expect(evidence.some(({ attempt }) => attempt > 0)).toBe(true);
  expect(evidence.some(({ cleared }) => cleared?.isSupplied === false)).toBe(true);
});

it.each<ChangeChoice>(["order", "reading", "position", "payment"])(
  "one changed byte of one %s fails a step, which names that very item",
  (choice) => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(), (at, seed) => {
        const json = evidence[at]!;
        const changed = changeOneByte(json, choice, seed)!;
        expect(differingPlaces(JSON.stringify(json), JSON.stringify(changed.json))).toBeLessThanOrEqual(2);
        const { side, position, member } = changed.subject;
        const name = side ? `${side} ${position} of member ${member} ` : `member ${member} `;
        expect(changed.sentence).toMatch(/^byte \d+ of the /);
        expect(`${changed.sentence} `).toContain(name);
        const named = failuresOf(changed.json).filter(({ subject, finding }) => {
          const isSame = subject.member === member && subject.side === side && subject.position === position;
          return isSame && finding.includes(name);
        });
        expect(
          named.length,
          `${changed.sentence}: ${JSON.stringify(failuresOf(changed.json))}`,
        ).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  },
);

it("the same seed changes the same byte", () => {
  const [json] = evidence;
  expect(changeOneByte(json!, "order", 5)).toEqual(changeOneByte(json!, "order", 5));
  const sentences = Array.from({ length: 20 }, (_, seed) => changeOneByte(json!, "order", seed)!.sentence);
  expect(new Set(sentences).size).toBeGreaterThan(10);
});

it("an interval without such an item has nothing to change", () => {
  const nothing = { ...evidence[0]!, openedReadings: [], closing: null };
  expect(changeOneByte(nothing, "reading", 1)).toBeNull();
  expect(changeOneByte(nothing, "payment", 1)).toBeNull();
});

/** How many characters differ; an amount is sent in decimals, so that a byte of it changes several of them. */
function differingPlaces(a: string, b: string): number {
  if (a.length !== b.length) return Math.abs(a.length - b.length);
  return Array.from(a).filter((character, i) => character !== b[i]).length;
}
