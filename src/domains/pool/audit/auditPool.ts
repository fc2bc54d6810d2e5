import { isPoolEvent, type PoolEvent } from "#domains/pool/events.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount, type Replay } from "#platform/audit/replay.ts";
import { verifyBook } from "./auditBook.ts";
import { verifyStep } from "./auditClearing.ts";
import { correctReading } from "./auditCorrection.ts";
import { abandonClearing, closeReturned, returnPage } from "./auditReturn.ts";
import { closeInterval, openInterval, settlePage } from "./auditSettlement.ts";
import { acceptSupply, announceTerms, withdrawSupply } from "./auditTerms.ts";
import { attemptKey, createPoolState, intervalKey, type PoolAudit, type PoolState } from "./poolState.ts";

/** Replays the pool market: terms, clearings with their books, settlements, and what was given back. */
export function replayPool(audit: PoolAudit): Replay {
  const state = createPoolState(audit);
  const { intervals, unfinished, abandoned, done, attempts } = state;
  return {
    async apply(event) {
      if (isPoolEvent(event)) await applyEvent(state, event);
    },
    positionedIn(place) {
      const interval = intervals.get(intervalKey(place));
      if (interval === undefined) return state.settled.get(intervalKey(place))?.members ?? NOBODY;
      // What is given back opens no reading, as `isComplete` has it for the stages.
      const positions = interval.isReturned ? [] : interval.positions;
      return new Set(positions.map(({ member }) => member));
    },
    isOpen: (place) => intervals.has(intervalKey(place)),
    retained: () =>
      [intervals, unfinished, abandoned, done, attempts].flatMap((map: ReadonlyMap<string, unknown>) => [
        ...map.keys(),
      ]),
    finish: () => addCount(state.counts, "pool.openIntervals", intervals.size + unfinished.size),
    notes: () => notesOf(state),
  };
}

async function applyEvent(state: PoolState, event: PoolEvent): Promise<void> {
  switch (event.kind) {
    case "termsAnnounced":
      return announceTerms(state, event);
    case "supplyAccepted":
      return acceptSupply(state, event);
    case "supplyWithdrawn":
      return withdrawSupply(state, event);
    case "intervalUnsupplied":
      return noteUnsupplied(state, event);
    case "stepVerified":
      return void verifyStep(state, event);
    case "intervalCleared":
      return clearInterval(state, event);
    case "clearingAbandoned":
      return abandonClearing(state, event);
    case "pageSettled":
      return settlePage(state, event);
    case "intervalSettled":
      return closeInterval(state, event);
    case "positionCorrected":
      return correctReading(state, event);
    case "pageReturned":
      return returnPage(state, event);
    case "intervalReturned":
      return closeReturned(state, event);
  }
}

const NOBODY: ReadonlySet<number> = new Set();

/** The first step of a clearing says that no supplier stands for it, before it says that it is verified. */
function noteUnsupplied(state: PoolState, event: PoolEvent<"intervalUnsupplied">): void {
  if (state.unfinished.has(intervalKey(event)))
    refuseInterval(event, "supplyNotAccepted", "a clearing under way loses its supplier");
  state.unsupplied = attemptKey(event);
}

async function clearInterval(state: PoolState, event: PoolEvent<"intervalCleared">): Promise<void> {
  const cleared = verifyStep(state, event);
  if (cleared === null) return;
  await verifyBook(state, { event, ...cleared });
  openInterval(state, event, cleared.interval);
}

function notesOf({ uncheckedBooks }: PoolState): string[] {
  if (uncheckedBooks === 0) return [];
  return [
    `the untraded orders of ${uncheckedBooks} clearings were not checked: the archive of orders is not available`,
  ];
}
