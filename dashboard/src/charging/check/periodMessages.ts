import type { PeriodChange } from "#domains/charging/check/changeByteOfPeriod.ts";
import type { OneByteChange } from "../../app/check/CheckParts.tsx";

/** What the page asks of the worker. */
export type PeriodCheckRequest = {
  readonly areaId: number;
  readonly period: number;
  /** A node to read all of it from, so that the server need not be trusted; null trusts the server's copy. */
  readonly rpcUrl: string | null;
  /** Whether that node is another party's than this server's, as far as its address tells. */
  readonly isIndependent: boolean;
  /** One byte to change in what the server sent, to see the check fail; null for none. */
  readonly change: OneByteChange<PeriodChange> | null;
};
