import fc from "fast-check";
import { expect, it } from "vitest";
import type { CheckOutcome } from "#domains/metering/check/checkOutcome.ts";
import { evidenceOfStory, intervalStories, pricings } from "#domains/pool/intervalEvidence.fixture.ts";
import { CHECK_KEYS, checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";

const RUNS = { numRuns: 25 };

const isPassed = ({ status }: { status: string }) => status === "passed";

function outcomes(evidence: IntervalEvidence) {
  const reports = [...checkInterval(evidence)].filter(({ status }) => status !== "running");
  return reports as (CheckOutcome & { key: string })[];
}

it("an honest interval passes every step, whatever was ordered and delivered", () => {
  fc.assert(
    fc.property(pricings, intervalStories, (pricing, story) => {
      const evidence = evidenceOfStory(pricing, story);
      const reports = outcomes(evidence);
      expect(reports.map(({ key }) => key)).toEqual(CHECK_KEYS);
      const isTraded = (evidence.cleared?.clearedWh ?? 0n) > 0n;
      for (const report of reports)
        expect(
          isPassed(report) || (!isTraded && report.status === "notPossible"),
          JSON.stringify(report),
        ).toBe(true);
    }),
    RUNS,
  );
});
