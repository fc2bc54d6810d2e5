import { eq } from "drizzle-orm";
import type { ChainEvent, EventKind } from "#chain/chainEvent.ts";
import type { Deployment } from "#chain/deployment.ts";
import type { Hex } from "#evidence/hex.ts";
import { emptyStore, type Queryable, type Store } from "./openStore.ts";
import { projectArea } from "./projections/areas.ts";
import { projectIntervalCleared, projectStepVerified } from "./projections/clearings.ts";
import { logEvents } from "./projections/eventLog.ts";
import { moveMoney } from "./projections/movements.ts";
import { projectReadings } from "./projections/readings.ts";
import { projectDeviceKey, projectEntity, projectMeter, projectParticipant } from "./projections/registry.ts";
import { projectIntervalSettled, projectPageSettled } from "./projections/settlements.ts";
import { projectIntervalVoided, projectPageVoided } from "./projections/voids.ts";
import { cursor } from "./schema.ts";
import type { Sources } from "./sources.ts";

/** What a projection of one event works with. */
export type Projection<Kind extends EventKind> = {
  readonly tx: Queryable;
  readonly deployment: Deployment;
  readonly sources: Sources;
  readonly event: ChainEvent<Kind>;
};

/** The block up to which all is in. */
export type Progress = { readonly block: number; readonly blockHash: Hex };

/**
 * Applies events of the chain, in order, one transaction a block, so that a block is in as a whole or not at all.
 * Blocks that are in already are passed over. Gives back the events that were new.
 */
export async function project(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  sources: Sources,
): Promise<ChainEvent[]> {
  const applied: ChainEvent[] = [];
  let block: ChainEvent[] = [];
  const flush = async () => {
    if (block.length > 0 && (await projectBlock(store, block, sources))) applied.push(...block);
    block = [];
  };
  for await (const event of events) {
    if (block[0] && block[0].block !== event.block) await flush();
    block.push(event);
  }
  await flush();
  return applied;
}

/** Empties the database and applies the events anew. */
export async function rebuild(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  sources: Sources,
): Promise<void> {
  await emptyStore(store);
  await project(store, events, sources);
}

/** How far the projection is; null before the first block. */
export async function progressOf(db: Queryable): Promise<Progress | null> {
  const [row] = await db.select().from(cursor).where(eq(cursor.id, CURSOR));
  return row ? { block: row.block, blockHash: row.blockHash as Hex } : null;
}

/** Notes that all blocks up to this one are in, though they may hold no event. */
export async function advance(db: Queryable, { block, blockHash }: Progress): Promise<void> {
  await db
    .insert(cursor)
    .values({ id: CURSOR, block, blockHash })
    .onConflictDoUpdate({ target: cursor.id, set: { block, blockHash } });
}

const CURSOR = 1;

/** Gives false when the block is in already. */
async function projectBlock(store: Store, events: ChainEvent[], sources: Sources): Promise<boolean> {
  const [first] = events;
  if (!first) return false;
  return store.db.transaction(async (tx) => {
    const progress = await progressOf(tx);
    if (progress && progress.block >= first.block) return false;
    await logEvents(tx, events);
    for (const event of events) await projectEvent({ tx, deployment: store.deployment, sources, event });
    await advance(tx, first);
    return true;
  });
}

async function projectEvent(projection: Projection<EventKind>): Promise<void> {
  const { tx, event } = projection;
  switch (event.kind) {
    case "participantRegistered":
    case "participantSuspended":
    case "participantReinstated":
      return projectParticipant(tx, event);
    case "entityJoined":
    case "entityLeft":
      return projectEntity(tx, event);
    case "meterEnrolled":
    case "meterRetired":
      return projectMeter(tx, event);
    case "deviceKeyRotated":
    case "deviceKeyRevoked":
      return projectDeviceKey(tx, event);
    case "deposited":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro }]);
    case "withdrawn":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro }]);
    case "marginAdded":
      return moveMoney(tx, event, [{ ...event, free: -event.amountMicro, margin: event.amountMicro }]);
    case "marginWithdrawn":
    case "marginOverflowed":
      return moveMoney(tx, event, [{ ...event, free: event.amountMicro, margin: -event.amountMicro }]);
    case "areaCreated":
      return projectArea(tx, event);
    case "stepVerified":
      return projectStepVerified({ ...projection, event });
    case "intervalCleared":
      return projectIntervalCleared({ ...projection, event });
    case "readingsPublished":
      return projectReadings({ ...projection, event });
    case "pageSettled":
      return projectPageSettled({ ...projection, event });
    case "intervalSettled":
      return projectIntervalSettled({ ...projection, event });
    case "pageVoided":
      return projectPageVoided({ ...projection, event });
    case "intervalVoided":
      return projectIntervalVoided({ ...projection, event });
    default:
      return;
  }
}
