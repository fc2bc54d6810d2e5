import type { PoolEvent } from "#domains/pool/events.ts";
import { termsFaults } from "#domains/pool/rules/area.ts";
import { discrepancyAt, refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import type { AuditedArea, PoolState } from "./poolState.ts";

/** Areas are numbered without gaps, of accounts that are registered; their terms obey the rules of the market. */
export function createArea({ areas, registry }: PoolState, event: PoolEvent<"areaCreated">): void {
  const { areaId, operator, accounts, terms } = event;
  const refuse = (rule: string, finding: string): never => {
    throw discrepancyAt(event, { rule, finding, areaId });
  };
  if (areaId !== areas.size + 1) refuse("areaNumber", `area ${areaId} follows area ${areas.size}`);
  const [fault] = termsFaults(terms);
  if (fault) refuse("areaTerms", `the area's terms are refused by the market: ${fault}`);
  for (const account of [accounts.supplier, accounts.dso, accounts.fund])
    if (registry.ownerOf(account) === null) refuse("unknownAccount", `account ${account} is not registered`);
  areas.set(areaId, { areaId, operator, accounts, terms });
}

/** The supplier agrees that its margin guarantees the surpluses of the area. */
export function acceptSupply(
  { areas, supplied }: PoolState,
  { areaId, supplier }: PoolEvent<"supplyAccepted">,
): void {
  if (areas.get(areaId)?.accounts.supplier === supplier) supplied.add(areaId);
}

/** The area of an event; a discrepancy when it was never created. */
export function areaOf(
  { areas }: PoolState,
  event: PoolEvent<"stepVerified" | "intervalCleared">,
): AuditedArea {
  const { areaId } = event;
  return areas.get(areaId) ?? refuseInterval(event, "unknownArea", `area ${areaId} was not created`);
}
