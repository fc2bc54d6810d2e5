import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { DomainError } from "#kernel/units/domainError.ts";
import { RANGES_A_THREAD } from "#platform/chain/evidencedHistory.ts";
import type { RangeRead } from "#platform/chain/followBlocks.ts";
import type { AuditedBlock, BlockSource } from "./auditedBlock.ts";
import { type RangeAnswer, READY } from "./serveRanges.ts";

/** More threads than the replay, which goes on in one, can follow. */
const MAX_WORKERS = 8;

type Ranged = RangeRead<AuditedBlock>;
type Waiting = { readonly resolve: (read: Ranged) => void; readonly reject: (error: Error) => void };
type Member = { readonly worker: Worker; readonly waiting: Map<number, Waiting>; death: Error | null };

/**
 * Worker threads that read blocks and compute ahead: one for each core, since the replay waits for them most of its
 * time. `script` is a program that calls serveRanges, `workerData` what it is given. Null where they can't start.
 */
export async function startAuditWorkers({
  script,
  workerData,
  execArgv = [],
  count = Math.min(MAX_WORKERS, availableParallelism()),
}: {
  script: URL;
  workerData: unknown;
  execArgv?: readonly string[];
  count?: number;
}): Promise<BlockSource | null> {
  const workers: Worker[] = [];
  try {
    for (let i = 0; i < count; i += 1)
      workers.push(new Worker(script, { workerData, execArgv: [...execArgv] }));
    await Promise.all(workers.map(readiness));
  } catch {
    await stopAll(workers);
    return null;
  }
  const members = workers.map(join);
  return {
    readRange: (range) => {
      const [idlest] = [...members].sort((a, b) => a.waiting.size - b.waiting.size);
      return idlest === undefined ? Promise.reject(new AuditWorkerDiedError(null)) : ask(idlest, range);
    },
    ranges: count * RANGES_A_THREAD,
    stop: () => stopAll(workers),
  };
}

async function stopAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}

/** Rejects when the worker ends before it is ready. */
async function readiness(worker: Worker): Promise<void> {
  const ended = once(worker, "exit").then(() => {
    throw new AuditWorkerDiedError(null);
  });
  const [message] = await Promise.race([once(worker, "message"), ended]);
  if (message !== READY) throw new AuditWorkerDiedError(null);
}

function join(worker: Worker): Member {
  const member: Member = { worker, waiting: new Map(), death: null };
  const die = (cause: unknown) => {
    member.death ??= new AuditWorkerDiedError(cause);
    for (const { reject } of member.waiting.values()) reject(member.death);
    member.waiting.clear();
  };
  worker.on("error", die);
  worker.on("messageerror", die);
  worker.on("exit", (code) => die(new Error(`it ended with code ${code}`)));
  worker.on("message", ({ from, blocks, failure }: RangeAnswer) => {
    const waiting = member.waiting.get(from);
    member.waiting.delete(from);
    waiting?.resolve({ blocks, failure: failure === null ? null : new AuditAheadError(failure) });
  });
  return member;
}

function ask({ worker, waiting, death }: Member, range: { from: number; to: number }): Promise<Ranged> {
  if (death !== null) return Promise.reject(death);
  return new Promise((resolve, reject) => {
    waiting.set(range.from, { resolve, reject });
    worker.postMessage(range);
  });
}

/** What kept a worker from reading a block, in its own words. */
export class AuditAheadError extends DomainError {
  readonly code = "auditAhead";
}

/** A thread of the audit is gone, and with it what it was asked for: the audit came to no verdict. */
export class AuditWorkerDiedError extends DomainError {
  readonly code = "auditWorkerDied";

  constructor(cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(`a worker of the audit ended before the audit was done${why}; run the audit again`, { cause });
  }
}
