import { type HouseBalances, replayMoney } from "#domains/accounts/audit/auditMoney.ts";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import { replayReadings } from "#domains/metering/audit/auditReadings.ts";
import { isMeteringEvent } from "#domains/metering/events.ts";
import { intervalKey, replayAreas } from "#domains/pool/audit/auditArea.ts";
import { type OrderSource, replayBooks } from "#domains/pool/audit/auditBook.ts";
import { replayClearings } from "#domains/pool/audit/auditClearing.ts";
import { replaySettlements } from "#domains/pool/audit/auditSettlement.ts";
import { isPoolEvent, type PoolEvent } from "#domains/pool/events.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { addressOf, type ChainEvent, type Deployment } from "#platform/chain/contractSpec.ts";
import type { ReadingSource } from "./auditArchive.ts";
import { type AuditCounts, createCounts } from "./auditCounts.ts";

/** A history replayed event by event, in the order of the chain. Every method throws DiscrepancyFound. */
export type AuditReplay = {
  readonly counts: AuditCounts;
  apply(event: ChainEvent): Promise<void>;
  /** Requires that every movement of money in the transactions so far has been explained. */
  closeTransaction(): void;
  /** Compares the replayed books with the chain's at the last block, when they are given. */
  finish(place: { block: number }, balancesOf: BalanceSource | null): Promise<void>;
  /** What could not be verified, in sentences. */
  notes(): string[];
};

/** The clearing house's books at the last block, of the accounts given. */
export type BalanceSource = (accounts: readonly number[]) => Promise<HouseBalances>;

/** Archives beside the chain, as far as they are at hand. */
export type AuditSources = {
  readonly readings: ReadingSource | null;
  readonly orders: OrderSource | null;
};

/** Starts the replay of a deployment at its first block. */
export function createReplay({
  deployment,
  readings: readingSource,
  orders: orderSource,
}: AuditSources & { deployment: Deployment }): AuditReplay {
  const counts = createCounts();
  const registry = replayRegistry(counts);
  const areas = replayAreas(registry);
  const money = replayMoney(deployment, registry);
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const readings = replayReadings({ deployment, registry, readings: readingSource, counts });
  const clearings = replayClearings({ separator, registry, areas, money, counts });
  const books = replayBooks({ separator, registry, orders: orderSource, counts });
  const settlements = replaySettlements({ money, readings, counts });
  let transaction: Hex | null = null;

  const clear = async (event: PoolEvent<"stepVerified" | "intervalCleared">) => {
    const cleared = clearings.verifyStep(event, settlements.isKnown(intervalKey(event)));
    if (cleared === null || event.kind !== "intervalCleared") return;
    await books.verify(event, { area: cleared.interval.area, submitted: cleared.submitted });
    settlements.open(event, cleared.interval);
  };
  const applyToMarket = async (event: PoolEvent) => {
    if (event.kind === "areaCreated") areas.create(event);
    else if (event.kind === "supplyAccepted") areas.acceptSupply(event);
    else if (event.kind === "stepVerified" || event.kind === "intervalCleared") await clear(event);
    else if (event.kind === "pageSettled") settlements.settlePage(event);
    else if (event.kind === "intervalSettled") settlements.close(event);
    else if (event.kind === "pageVoided")
      settlements.voidPage(event, clearings.unfinished(intervalKey(event)));
    else if (event.kind === "intervalVoided") {
      settlements.closeVoided(event);
      clearings.drop(intervalKey(event));
    }
  };

  return {
    counts,
    async apply(event) {
      if (event.transactionHash !== transaction) money.closeTransaction();
      transaction = event.transactionHash;
      registry.apply(event);
      money.apply(event);
      if (isMeteringEvent(event))
        if (event.kind === "pageClaimed") readings.claim(event);
        else await readings.publish(event, settlements.positionedIn(intervalKey(event)));
      else if (isPoolEvent(event)) await applyToMarket(event);
    },
    closeTransaction: money.closeTransaction,
    async finish(place, balancesOf) {
      money.closeTransaction();
      const unfinished = clearings.unfinishedClearings();
      counts.openIntervals = settlements.openIntervals() + unfinished.length;
      if (balancesOf === null) return;
      const steps = unfinished.flatMap((clearing) => clearing.steps);
      const orders = steps.flatMap(({ bids, offers }) => [...bids, ...offers]);
      const uncertain = new Set(orders.map((order) => order.participant));
      money.compare(place, await balancesOf(registry.accounts()), uncertain);
    },
    notes() {
      const notes: string[] = [];
      const unchecked = readings.uncheckedReadings();
      if (unchecked > 0)
        notes.push(
          `the devices' signatures of ${unchecked} readings were not checked: the archive of readings is not at hand`,
        );
      const uncheckedBooks = books.uncheckedBooks();
      if (uncheckedBooks > 0)
        notes.push(
          `the untraded orders of ${uncheckedBooks} clearings were not checked: the archive of orders is not at hand`,
        );
      if (money.hasForeignMarkets())
        notes.push("another market moved money; its rules are not part of this audit");
      const unfinished = clearings.unfinishedClearings().length;
      if (unfinished > 0)
        notes.push(`${unfinished} clearings are not finished; what they reserved was compared in sum only`);
      return notes;
    },
  };
}
