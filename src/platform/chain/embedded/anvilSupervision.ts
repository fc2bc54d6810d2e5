import { DomainError } from "#kernel/units/domainError.ts";
import type { Queue } from "#kernel/units/queue.ts";
import type { ProcessLock } from "#platform/system/processLock.ts";
import { ChainEndedError, ChainGoneError, createChainFault } from "./anvilFault.ts";
import { readBlock } from "./anvilRpc.ts";
import type { ChainGateway } from "./chainGateway.ts";
import type { ChainNode } from "./chainNode.ts";
import type { ChainRecorder } from "./chainStateRecorder.ts";
import { createRecording } from "./chainStateRecording.ts";
import type { RpcServer } from "./rpcServer.ts";

/** What the owner of a running embedded chain can do with it. */
export type ChainControl = {
  /**
   * Sets the time of the next block, unix seconds. Blocks after it carry the same time until it is set again.
   *
   * @throws ChainClockError when it is no whole second, or lies before the newest block or a time set earlier
   */
  setNextBlockTime(unixSeconds: number): Promise<void>;
  /** Makes a block of the waiting transactions, or an empty one. Unasked, transactions are mined as they come. */
  mine(): Promise<void>;
  /**
   * Returns when every block up to the newest survives a power cut. Without it blocks are recorded twice a second.
   *
   * @throws BlockWriteError, RewrittenChainError, ChainRpcError, ChainGoneError
   */
  checkpoint(): Promise<void>;
  /**
   * Records, writes a snapshot and ends the node. A second call gives the first one's outcome. Who stops a chain in a
   * `finally` says so what broke its work, instead of the calls that failed in consequence.
   *
   * @throws ChainEndedError when the chain had ended by itself before it was asked to
   */
  stop(): Promise<void>;
  /** Calls the listener once when the chain can't go on: the node ended by itself, or the disk refused a block. */
  onExit(listener: (reason: string) => void): void;
};

export type SupervisedChain = {
  readonly node: ChainNode;
  readonly gateway: ChainGateway;
  readonly server: RpcServer;
  readonly recorder: ChainRecorder;
  readonly lock: ProcessLock;
  /** Time of the newest block, unix seconds. */
  readonly clock: number;
  /** Runs what it is given one after the other: snapshots, records and the clock must not overlap. */
  readonly inTurn: Queue;
  readonly onNotice: (sentence: string) => void;
};

/** Takes over a started node with its recorder, server and lock, until `stop` gives all of them back. */
export function superviseChain({
  node,
  gateway,
  server,
  recorder,
  lock,
  clock,
  inTurn,
  onNotice,
}: SupervisedChain): ChainControl {
  const fault = createChainFault();
  const recording = createRecording({ recorder, fault, inTurn, onNotice });
  let stopping: Promise<void> | null = null;

  const whileRunning = (work: () => Promise<void>): Promise<void> =>
    inTurn(async () => {
      if (stopping !== null) throw new ChainGoneError("the embedded chain is stopped");
      fault.refuse();
      await work();
    });
  let isAsked = false;
  const shutDown = async () => {
    try {
      await recording.finish();
      // The recorder may have had nothing to ask the node.
      if (fault.reason() === null) await readBlock(node.rpc, "latest");
    } catch (error) {
      await node.endingBehind(error);
      if (fault.reason() === null) throw error;
    } finally {
      isAsked = true;
      await server.close();
      await node.end();
      await recorder.close();
      lock.release();
    }
    const reason = fault.reason();
    if (reason !== null) throw new ChainEndedError(reason);
  };
  const setTime = createClock(node, clock);
  const mine = async () => {
    await node.rpc.call({ method: "evm_mine" });
    if (gateway.noteBlock()) await recording.record();
  };
  node.onExit((reason) => {
    if (!isAsked) fault.report(reason);
  });
  return {
    setNextBlockTime: (unixSeconds) => whileRunning(() => setTime(unixSeconds)),
    mine: () => whileRunning(mine),
    checkpoint: () => whileRunning(recording.record),
    stop: () => {
      stopping ??= shutDown();
      return stopping;
    },
    onExit: fault.listen,
  };
}

function createClock(node: ChainNode, startsAt: number): (unixSeconds: number) => Promise<void> {
  let latest = startsAt;
  return async (unixSeconds) => {
    const { timestamp } = await readBlock(node.rpc, "latest");
    latest = Math.max(latest, timestamp);
    if (!Number.isSafeInteger(unixSeconds) || unixSeconds < latest)
      throw new ChainClockError(unixSeconds, latest);
    await node.setNextBlockTime(unixSeconds);
    latest = unixSeconds;
  };
}

/** A chain's time never goes back. */
export class ChainClockError extends DomainError {
  readonly code = "chainClockBackwards";

  constructor(wanted: number, latest: number) {
    super(
      `the chain's next block can't carry the time ${wanted} s: it must be a whole second from ${latest} s on`,
    );
  }
}
