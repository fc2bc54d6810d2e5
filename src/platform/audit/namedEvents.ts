import type { AuditEvent } from "#platform/chain/blockEvents.ts";
import type * as next from "#platform/chain/contractSpec.ts";
import type { Deployment } from "#platform/chain/deployment.ts";

/** An event with the name of its contract, as long as the decoder does not say it. */
export function withContract(event: AuditEvent): next.ChainEvent {
  return { ...event, contract: contractOf(event.kind) };
}

function contractOf(kind: AuditEvent["kind"]): string {
  if (kind === "tokenTransferred") return "token";
  if (/^(participant|identity|entity|meter|deviceKey)/.test(kind)) return "registry";
  if (/^(deposited|withdrawn|margin|market|held|released)/.test(kind)) return "clearingHouse";
  return kind === "readingsPublished" || kind === "pageClaimed" ? "meterLedger" : "poolMarket";
}

/** A deployment with its addresses by name. */
export function addressBookOf({ chainId, deployedAtBlock, ...contracts }: Deployment): next.Deployment {
  return { chainId, deployedAtBlock, contracts };
}
