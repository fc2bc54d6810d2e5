import type { z } from "zod";
import type { auditWire } from "#platform/api/wireAudit.ts";

/** Whether an audit runs and how far it is, and what came of the last one. */
export type AuditState = Omit<z.infer<typeof auditWire>, "blocksSince">;

/** Runs audits of the network, one at a time. */
export type Audits = {
  state(): AuditState;
  /** Starts an audit; leaves the one that runs. */
  run(): void;
  /** Calls the listener when the state has changed; gives back the function that ends it. */
  subscribe(listener: () => void): () => void;
};
