import type { BillingContext } from "#domains/billing/routes/billingContext.ts";
import type { AgentBook } from "#domains/pool/agentBook.ts";
import type { OrderDesk } from "#domains/pool/orderDesk.ts";

/** What the resources of the local market work with. */
export type PoolContext = BillingContext & {
  readonly orderDesk: Pick<OrderDesk, "submit" | "openOrders">;
  readonly agents: Pick<AgentBook, "isThere" | "newest" | "set">;
};
