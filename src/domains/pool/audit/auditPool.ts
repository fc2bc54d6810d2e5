import { isPoolEvent, type PoolEvent } from "#domains/pool/events.ts";
import { addCount, type Replay } from "#platform/audit/replay.ts";
import { acceptSupply, createArea } from "./auditArea.ts";
import { verifyBook } from "./auditBook.ts";
import { verifyStep } from "./auditClearing.ts";
import { closeVoided, voidPage } from "./auditReturn.ts";
import { closeInterval, openInterval, settlePage } from "./auditSettlement.ts";
import { createPoolState, intervalKey, type PoolAudit, type PoolState } from "./poolState.ts";

/** Replays the pool market: areas, clearings with their books, settlements, and what was given back. */
export function replayPool(audit: PoolAudit): Replay {
  const state = createPoolState(audit);
  return {
    async apply(event) {
      if (isPoolEvent(event)) await applyEvent(state, event);
    },
    positionedIn(place) {
      const interval = state.intervals.get(intervalKey(place));
      // What is given back opens no reading, as `isComplete` has it for the stages.
      const positions = interval && !interval.isVoided ? interval.positions : [];
      return new Set(positions.flat().map(({ account }) => account));
    },
    retained: () => [...state.intervals.keys(), ...state.unfinished.keys(), ...state.done.keys()],
    finish: () => finish(state),
    notes: () => notesOf(state),
  };
}

async function applyEvent(state: PoolState, event: PoolEvent): Promise<void> {
  switch (event.kind) {
    case "areaCreated":
      return createArea(state, event);
    case "supplyAccepted":
      return acceptSupply(state, event);
    case "stepVerified":
      return void verifyStep(state, event);
    case "intervalCleared":
      return clearInterval(state, event);
    case "pageSettled":
      return settlePage(state, event);
    case "intervalSettled":
      return closeInterval(state, event);
    case "pageVoided":
      return voidPage(state, event);
    case "intervalVoided":
      return closeVoided(state, event);
  }
}

async function clearInterval(state: PoolState, event: PoolEvent<"intervalCleared">): Promise<void> {
  const cleared = verifyStep(state, event);
  if (cleared === null) return;
  await verifyBook(state, { event, area: cleared.interval.area, submitted: cleared.submitted });
  openInterval(state, event, cleared.interval);
}

/** What is open at the end; margins of an unfinished clearing are known in sum only. */
function finish({ counts, intervals, unfinished, money }: PoolState): void {
  addCount(counts, "pool.openIntervals", intervals.size + unfinished.size);
  const steps = [...unfinished.values()].flatMap((clearing) => clearing.steps);
  const orders = steps.flatMap(({ bids, offers }) => [...bids, ...offers]);
  money.leaveOpen(orders.map((order) => order.participant));
}

function notesOf({ uncheckedBooks, unfinished }: PoolState): string[] {
  const books = `the untraded orders of ${uncheckedBooks} clearings were not checked: the archive of orders is not available`;
  const clearings = `${unfinished.size} clearings are not finished; what they reserved was compared in sum only`;
  return [...(uncheckedBooks > 0 ? [books] : []), ...(unfinished.size > 0 ? [clearings] : [])];
}
