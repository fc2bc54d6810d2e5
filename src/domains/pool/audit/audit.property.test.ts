import fc from "fast-check";
import { expect, it } from "vitest";
import {
  HOMES_ON_PAGES,
  intervalStories,
  pricings,
  tellStory,
} from "#domains/pool/intervalEvidence.fixture.ts";
import { createHistory } from "#platform/store/marketHistory.fixture.ts";
import { auditOf } from "./auditable.fixture.ts";

it("an honest interval is clean, whatever was ordered, given up, supplied, delivered and missing", async () => {
  await fc.assert(
    fc.asyncProperty(pricings, intervalStories, async (pricing, story) => {
      const history = createHistory({ pricing, homes: HOMES_ON_PAGES });
      tellStory(history, 100, story);
      // Without a supplier that agreed to it, an interval is cleared unsupplied.
      const isKept = (kind: string) => story.isSupplied || kind !== "supplyAccepted";
      const report = await auditOf(history, { change: (event) => (isKept(event.kind) ? [event] : []) });
      expect(report.verdict === "clean" ? "clean" : report.discrepancy.sentence).toBe("clean");
      expect(report).toMatchObject({
        checked: { "pool.clearings": 1, "pool.settlements": 1, "pool.books": 1, "pool.openIntervals": 0 },
        notes: [],
      });
    }),
    { numRuns: 25 },
  );
});
