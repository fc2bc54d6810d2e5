import { setTimeout } from "node:timers/promises";
import { DomainError } from "#kernel/units/domainError.ts";
import { faultIn } from "./rpcFault.ts";

/**
 * How long a node is waited for, milliseconds. The pause after a fault doubles with each fault in a row, from the first to
 * the longest; where the node asks for a longer one, it gets it.
 */
export type Patience = {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Faults for so long, and the call fails; never where it is infinite. */
  readonly givesUpAfterMs: number;
  /** A transaction without a receipt for so long counts as lost where nothing keeps it; never where it is infinite. */
  readonly receiptTimeoutMs: number;
  /** A transaction that waits for its block so long is offered more for. */
  readonly stuckAfterMs: number;
  /** So long without a receipt, and the node is asked whether it still has the transaction. */
  readonly vanishedAfterMs: number;
};

/** Of who keeps what it sends: it is held as long as it takes. */
export const LASTING: Patience = {
  firstPauseMs: 250,
  longestPauseMs: 15_000,
  givesUpAfterMs: Number.POSITIVE_INFINITY,
  receiptTimeoutMs: Number.POSITIVE_INFINITY,
  stuckAfterMs: 60_000,
  vanishedAfterMs: 2_000,
};

/** Of who keeps nothing: the caller is told within seconds that there is no node. */
export const BRIEF: Patience = {
  ...LASTING,
  longestPauseMs: 2_000,
  givesUpAfterMs: 10_000,
  receiptTimeoutMs: 120_000,
};

/** A node that asks for more than this is asked sooner. */
const LONGEST_ASKED_PAUSE_MS = 300_000;

/** The pause after so many faults in a row, the newest of which is given. */
export function pauseAfter(
  faults: number,
  error: unknown,
  { firstPauseMs, longestPauseMs }: Pick<Patience, "firstPauseMs" | "longestPauseMs">,
): number {
  const grown = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(faults - 1, 30));
  const asked = Math.min(LONGEST_ASKED_PAUSE_MS, faultIn(error)?.retryAfterMs ?? 0);
  return Math.max(grown, asked);
}

/** Who waits, and until when: `signal` ends the waiting. */
export type Waiting = { readonly patience: Patience; readonly signal: AbortSignal };

/**
 * Asks a node until it answers.
 *
 * @throws what the node answered with; RpcFaultError when patience is at an end, WaitingStoppedError when the signal is
 */
export async function insist<T>(ask: () => Promise<T>, { patience, signal }: Waiting): Promise<T> {
  const startedAt = performance.now();
  for (let faults = 1; ; faults += 1) {
    try {
      return await ask();
    } catch (error) {
      if (faultIn(error) === null || performance.now() - startedAt >= patience.givesUpAfterMs) throw error;
      await pause(pauseAfter(faults, error, patience), signal);
    }
  }
}

/** Returns once the chain answers, however long it takes. */
export async function awaitChain(
  { client }: { readonly client: { getBlockNumber(): Promise<bigint> } },
  signal: AbortSignal,
): Promise<void> {
  await insist(() => client.getBlockNumber(), { patience: LASTING, signal });
}

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch((cause: unknown) => {
    throw new WaitingStoppedError({ cause });
  });
}

/** The process is being stopped; what was kept goes on with the next start. */
export class WaitingStoppedError extends DomainError {
  readonly code = "waitingStopped";

  constructor(options?: ErrorOptions) {
    super("the process is being stopped; what is under way is looked up at the next start", options);
  }
}
