import type { QuotaDesk } from "#domains/charging/quotaDesk.ts";
import type { SessionContext } from "./sessionContext.ts";

/** What the resources of charging quotas work with. */
export type ChargingContext = SessionContext & {
  /** Where bids and offers are taken, by area; of those that have quotas. */
  readonly quotaDesks: ReadonlyMap<number, Pick<QuotaDesk, "submit">>;
};
