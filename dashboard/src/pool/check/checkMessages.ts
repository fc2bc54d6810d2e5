import type { ChangeChoice } from "#domains/pool/check/changeOneByte.ts";
import type { OneByteChange } from "../../app/check/CheckParts.tsx";

/** What the page asks of the worker. */
export type CheckRequest = {
  readonly areaId: number;
  readonly intervalId: number;
  /** A node to read the chain's part from, so that the server need not be trusted; null trusts the server's copy. */
  readonly rpcUrl: string | null;
  /** Whether that node is another party's than this server's, as far as its address tells. */
  readonly isIndependent: boolean;
  /** One byte to change in what the server sent, to see the check fail; null for none. */
  readonly change: OneByteChange<ChangeChoice> | null;
};

/** What was fetched to be checked. */
export type FetchedEvidence = {
  readonly bytes: number;
  readonly chainId: number;
  /** The contract whose events are believed: with another one, another market would be checked. */
  readonly poolMarket: string;
};
