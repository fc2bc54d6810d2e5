import { DomainError } from "#kernel/units/domainError.ts";

/** The one reason for which a running chain can't go on; the first counts. */
export type ChainFault = {
  report(reason: string): void;
  reason(): string | null;
  /** Throws {@link ChainGoneError} once a reason is known. */
  refuse(): void;
  /** Calls the listener with the reason, at once when it is known. */
  listen(listener: (reason: string) => void): void;
};

export function createChainFault(): ChainFault {
  let known: string | null = null;
  const listeners: ((reason: string) => void)[] = [];
  return {
    report: (reason) => {
      if (known !== null) return;
      known = reason;
      for (const listener of listeners) listener(reason);
    },
    reason: () => known,
    refuse: () => {
      if (known !== null) throw new ChainGoneError(known);
    },
    listen: (listener) => {
      listeners.push(listener);
      if (known !== null) listener(known);
    },
  };
}

/** The embedded chain ended by itself, by a signal from elsewhere, or since its disk refused a block. */
export class ChainEndedError extends DomainError {
  readonly code = "chainEnded";

  constructor(reason: string) {
    super(`the embedded chain ended: ${reason}; what was settled is kept`);
  }
}

/** The embedded chain was stopped or has failed: start it again. */
export class ChainGoneError extends DomainError {
  readonly code = "chainGone";
}
