import { expect, it } from "vitest";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { auditable } from "#domains/pool/audit/auditable.fixture.ts";
import { auditEvents } from "#platform/audit/auditor.ts";
import type { Replay } from "#platform/audit/replay.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { createHistory, HOMES, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { replayDomains } from "./audit.ts";
import type { DomainEvent } from "./domains.ts";

const FIRST = 1_950_000;
const METERED = { 4: [400, 0], 5: [300, 0], 6: [0, 350], 7: [0, 200] } as const;

/**
 * A history of `intervals`: every other one is cleared and settled, each tenth at the second attempt; in the others meters alone
 * register something.
 */
function longHistory(intervals: number): Iterable<DomainEvent> {
  const history = createHistory();
  for (let intervalId = FIRST; intervalId < FIRST + intervals; intervalId += 1) {
    const orders = ordinaryOrders(intervalId);
    if (intervalId % 10 === 0)
      history.abandon(history.clear(intervalId, orders, { maxStepOrders: 2, onlySteps: 1 }));
    const plan = intervalId % 2 === 0 ? history.clear(intervalId, orders) : null;
    history.publish(intervalId, METERED);
    if (plan) history.settle(plan);
  }
  return auditable(history.events);
}

/** Audits events, and tells after each one how many intervals the replays keep. */
async function audit(events: Iterable<DomainEvent>) {
  let replays: readonly Replay[] = [];
  let most = 0;
  function* watched() {
    for (const event of events) {
      yield event;
      most = Math.max(most, new Set(replays.flatMap((replay) => replay.retained?.() ?? [])).size);
    }
  }
  const report = await auditEvents({
    events: watched(),
    deployment: DEPLOYMENT,
    startReplays: (base) => {
      replays = replayDomains(base, { readings: null, orders: null, balancesOf: null });
      return replays;
    },
  });
  return { report, most };
}

it("keeps a bounded number of intervals, however long the history is", async () => {
  const [month, longer] = [await audit(longHistory(450)), await audit(longHistory(600))];
  expect(longer.report).toMatchObject({ verdict: "clean", checked: { "pool.settlements": 300 } });
  expect(longer.report).toMatchObject({ checked: { "metering.opened": 300 * HOMES.length } });
  expect(longer.most).toBe(month.most);
  expect(longer.most).toBeLessThan(200);
});

it("still finds what was done long ago done again", async () => {
  const events = [...longHistory(450)];
  const head = events.at(-1)!;
  const again = (kind: DomainEvent["kind"], changes: object = {}) => {
    const old = events.find((event) => event.kind === kind)!;
    const { block, timestamp } = head;
    return { ...old, ...changes, block: block + 1, timestamp, transactionHash: "0xa9a1" } as DomainEvent;
  };
  const ruleOf = async (event: DomainEvent) => {
    const { report } = await audit([...events, event]);
    return report.verdict === "clean" ? "clean" : report.discrepancy.rule;
  };
  expect(await ruleOf(again("pageClaimed"))).toBe("clean");
  const claim = { kind: "readingClaimed", member: 6, claimPurpose: ENERGY_PURPOSE, energyWh: 1n };
  expect(await ruleOf(again("pageClaimed", claim))).toBe("claim");
  expect(await ruleOf(again("readingsPublished"))).toBe("publicationVersion");
  expect(await ruleOf(again("readingsPublished", { version: 2 }))).toBe("clean");
  expect(await ruleOf(again("readingsPublished", { version: 3 }))).toBe("publicationVersion");
  expect(await ruleOf(again("intervalCleared"))).toBe("deliveryBegun");
  expect(await ruleOf(again("pageSettled"))).toBe("stage");
  expect(await ruleOf(again("pageReturned"))).toBe("stage");
  expect(await ruleOf(again("clearingAbandoned"))).toBe("stage");
});
