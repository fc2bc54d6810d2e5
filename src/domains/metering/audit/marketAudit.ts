import type { MoneyReplay } from "#domains/accounts/audit/auditMoney.ts";
import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import type { AuditBase } from "#platform/audit/replay.ts";
import type { AreaReplay } from "./auditAreas.ts";
import type { ReadingsReplay } from "./auditReadings.ts";

/** What the replay of a market stands on: who takes part where, who has which money, and what the meters said. */
export type MarketAudit = AuditBase & {
  readonly registry: Omit<RegistryReplay, "apply">;
  readonly areas: Omit<AreaReplay, "apply">;
  readonly readings: Pick<
    ReadingsReplay,
    "openPage" | "requireProven" | "claimedWh" | "isPublished" | "close"
  >;
  readonly moneyOf: MoneyReplay["moneyOf"];
};
