import { eq } from "drizzle-orm";
import { moveMoney } from "#domains/accounts/projections/movements.ts";
import {
  projectDeviceKey,
  projectEntity,
  projectMeter,
  projectParticipant,
} from "#domains/accounts/projections/registry.ts";
import { projectReadings } from "#domains/metering/projections/readings.ts";
import { projectArea } from "#domains/pool/projections/areas.ts";
import { projectIntervalCleared, projectStepVerified } from "#domains/pool/projections/clearings.ts";
import { projectIntervalSettled, projectPageSettled } from "#domains/pool/projections/settlements.ts";
import { projectIntervalVoided, projectPageVoided } from "#domains/pool/projections/voids.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, EventKind } from "#platform/chain/chainEvent.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import { logEvents } from "./eventLog.ts";
import { emptyStore, type Queryable, type Store } from "./openStore.ts";
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

/** Blocks of one database transaction: opening one takes as long as applying some blocks. */
const BLOCKS_A_TRANSACTION = 256;

/**
 * Applies events of the chain, in order and by whole blocks, so that a block is in as a whole or not at all. Blocks that
 * are in already are passed over. Gives back the events that were new.
 */
export async function project(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  sources: Sources,
): Promise<ChainEvent[]> {
  const applied: ChainEvent[] = [];
  let blocks: ChainEvent[][] = [];
  const flush = async () => {
    if (blocks.length > 0) applied.push(...(await projectBlocks(store, blocks, sources)));
    blocks = [];
  };
  for await (const event of events) {
    const block = blocks.at(-1);
    if (block?.[0]?.block === event.block) {
      block.push(event);
      continue;
    }
    if (blocks.length === BLOCKS_A_TRANSACTION) await flush();
    blocks.push([event]);
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

/** Gives the events of the blocks that were not in yet. */
async function projectBlocks(
  store: Store,
  blocks: readonly (readonly ChainEvent[])[],
  sources: Sources,
): Promise<readonly ChainEvent[]> {
  return store.db.transaction(async (tx) => {
    const progress = await progressOf(tx);
    const events = blocks.flat().filter(({ block }) => block > (progress?.block ?? -1));
    const last = events.at(-1);
    if (!last) return [];
    await logEvents(tx, events);
    for (const event of events) await projectEvent({ tx, deployment: store.deployment, sources, event });
    await advance(tx, last);
    return events;
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
