import type { ConcernAsked, ConcernReport } from "#platform/api/concerns.ts";
import { NO_PLACE } from "#platform/api/concerns.ts";
import { countWords } from "#platform/api/words.ts";
import { findZeroCounted, newestLineEnd } from "./queries/concerns.ts";
import type { BillingContext } from "./routes/billingContext.ts";

/** Lines of a bill that count as zero, since no reading came. */
export async function billingConcerns(
  { store: { db } }: BillingContext,
  asked: ConcernAsked,
): Promise<ConcernReport> {
  const lookedAt = [{ what: "lines of your bill", until: await newestLineEnd(db, asked) }];
  const zero = await findZeroCounted(db, asked);
  if (zero === null) return { lookedAt, concerns: [] };
  const { count, firstAt: since, areaId, intervalId } = zero;
  return {
    lookedAt,
    concerns: [
      {
        ...NO_PLACE,
        kind: "countedAsZero",
        severity: "watch",
        since,
        title: `${countWords(count, "interval")} of yours counted as zero`,
        detail:
          "No reading of your meter came within the waiting time, so it counts as nothing used and nothing delivered.",
        whatToDo: "Look at the meter; what you sold then was replaced at your cost.",
        areaId,
        intervalId,
      },
    ],
  };
}
