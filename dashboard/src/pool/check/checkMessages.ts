import type { ChangeChoice } from "#domains/pool/check/changeOneByte.ts";
import type { CheckReport } from "#domains/pool/check/intervalCheck.ts";

/** What the page asks of the worker. */
export type CheckRequest = {
  readonly areaId: number;
  readonly intervalId: number;
  /** A node to read the chain's part from, so that the server need not be trusted; null trusts the server's copy. */
  readonly rpcUrl: string | null;
  /** Whether that node is another party's than this server's, as far as its address tells. */
  readonly isIndependent: boolean;
  /** One byte to change in what the server sent, to see the check fail; null for none. */
  readonly change: { readonly choice: ChangeChoice; readonly seed: number } | null;
};

/** What the worker says while it works; `done` or `failed` is its last word. */
export type CheckMessage =
  | {
      readonly kind: "fetched";
      readonly bytes: number;
      readonly chainId: number;
      /** The contract whose events are believed: with another one, another market would be checked. */
      readonly poolMarket: string;
    }
  | { readonly kind: "changed"; readonly sentence: string }
  | { readonly kind: "report"; readonly report: CheckReport }
  | { readonly kind: "done"; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly sentence: string };
