import type { z } from "zod";
import {
  type RegistryEvent,
  type RegistryState,
  registryAt,
  standingWithFormer,
} from "#domains/accounts/registryState.ts";
import { listRegistryEvents } from "#domains/pool/queries/evidence.ts";
import type { evidenceWire } from "#domains/pool/wireEvidence.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { EventView } from "#platform/store/queries/events.ts";

type Signers = z.infer<typeof evidenceWire>["steps"][number]["signers"];

/** The registry as it was when an interval was cleared and its readings were published. */
export type EvidencedRegistry = {
  /** How accounts stood when a transaction of the clearing came. */
  signersAt(transactionHash: string, accounts: readonly number[]): Signers;
  /** The key of a metering point's device at the publication; null when it had none, or nothing is published. */
  deviceKeyOf(meterId: Hex): Address | null;
};

const CLEARING_KINDS: readonly string[] = ["stepVerified", "intervalCleared"];

/** Replays the registry up to an interval; `events` are those of the blocks of its transactions. */
export async function readRegistry(
  db: Queryable,
  { areaId, intervalId }: { areaId: number; intervalId: number },
  events: readonly EventView[],
): Promise<EvidencedRegistry> {
  const own = events.filter((event) => event.areaId === areaId && event.intervalId === intervalId);
  const last = own.reduce((block, event) => Math.max(block, event.block), -1);
  const history = (await listRegistryEvents(db, last)).map(registryEvent);
  const steps = new Map<string, RegistryState>();
  for (const event of own)
    if (CLEARING_KINDS.includes(event.kind)) steps.set(event.transactionHash, registryAt(history, event));
  const published = own.findLast(({ kind }) => kind === "readingsPublished");
  const atPublication = published ? registryAt(history, published) : null;
  return {
    signersAt(transactionHash, accounts) {
      const state = steps.get(transactionHash);
      if (!state) return [];
      return accounts.map((account) => {
        const { formerSigners, ...standing } = standingWithFormer(state, areaId, account);
        return { account, ...standing, formerSigners: [...formerSigners] };
      });
    },
    deviceKeyOf: (meterId) => atPublication?.meterOf(meterId)?.deviceKey ?? null,
  };
}

function registryEvent({ kind, facts, block, logIndex }: EventView): RegistryEvent {
  return { ...(JSON.parse(facts) as object), kind, block, logIndex } as RegistryEvent;
}
