import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { AreaAccounts, AreaTerms, SettlementPrices } from "#market/area.ts";
import { termsFaults } from "#market/area.ts";
import { type AuditRule, type DiscrepancySubject, discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";

/** A market area as its event declared it. */
export type AuditedArea = {
  readonly areaId: number;
  readonly operator: Address;
  readonly accounts: AreaAccounts;
  readonly terms: AreaTerms;
};

/** What an interval's verified clearing left to settle. `positions` has one list a step. */
export type AuditedInterval = {
  readonly area: AuditedArea;
  readonly positions: readonly (readonly AccountPosition[])[];
  readonly prices: SettlementPrices;
  readonly localPriceMicroPerKwh: number;
  readonly supplierReserveMicro: bigint;
};

/** Events that belong to one interval of an area. */
export type IntervalEvent = ChainEvent & { readonly areaId: number; readonly intervalId: number };

/** Areas by number, which rise without gaps; their terms obey the rules of the market. */
export function replayAreas(registry: RegistryReplay) {
  const areas = new Map<number, AuditedArea>();
  const supplied = new Set<number>();
  return {
    create(event: PoolEvent<"areaCreated">): void {
      const { areaId, operator, accounts, terms } = event;
      const refuse = (rule: AuditRule, finding: string): never => {
        throw discrepancyAt(event, { rule, finding, areaId });
      };
      if (areaId !== areas.size + 1) refuse("areaNumber", `area ${areaId} follows area ${areas.size}`);
      const [fault] = termsFaults(terms);
      if (fault) refuse("areaTerms", `the area's terms are refused by the market: ${fault}`);
      for (const account of [accounts.supplier, accounts.dso, accounts.fund])
        if (registry.ownerOf(account) === null)
          refuse("unknownAccount", `account ${account} is not registered`);
      areas.set(areaId, { areaId, operator, accounts, terms });
    },
    acceptSupply({ areaId, supplier }: PoolEvent<"supplyAccepted">): void {
      if (areas.get(areaId)?.accounts.supplier === supplier) supplied.add(areaId);
    },
    /** Whether the supplier agreed that its margin stands for the surpluses of the area. */
    isSupplied: (areaId: number): boolean => supplied.has(areaId),
    /** The area of an event; a discrepancy when it was never created. */
    of(event: IntervalEvent): AuditedArea {
      return (
        areas.get(event.areaId) ??
        refuseInterval(event, "unknownArea", `area ${event.areaId} was not created`)
      );
    },
  };
}

export type AreaReplay = ReturnType<typeof replayAreas>;

/** Ends the replay at an event of an interval. */
export function refuseInterval(
  event: IntervalEvent,
  rule: AuditRule,
  finding: string,
  subject: DiscrepancySubject = {},
): never {
  const { areaId, intervalId } = event;
  throw discrepancyAt(event, { rule, finding, areaId, intervalId, ...subject });
}

/** Where an interval is kept in maps. */
export function intervalKey({ areaId, intervalId }: { areaId: number; intervalId: number }): string {
  return `${areaId}/${intervalId}`;
}
