import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import { ChainUnreachableError } from "#platform/chain/network.ts";
import { identifyProcess, type ProcessIdentity } from "#platform/system/processIdentity.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { anvilBinaryPath } from "./anvilBinary.ts";
import { type AnvilLog, createAnvilLog } from "./anvilLog.ts";
import { ChainRpcError } from "./anvilRpc.ts";
import { BLOCK_GAS_LIMIT } from "./chainStateReplay.ts";

const HOST = "127.0.0.1";
/** A node starts within a second; a machine that is busy elsewhere may need many times that. */
const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 5_000;
/** Waited for the notice of an end after a call without an answer; a node that hangs goes on. */
const NOTICE_MS = 2_000;
/** The upstream is this process, which may be busy for a while with a large clearing. */
const UPSTREAM_TIMEOUT_MS = 120_000;
/** States of past blocks that can still be read. Each is a copy of all accounts, so that few are kept. */
const PAST_STATES_KEPT = 16;
/**
 * Blocks whose transactions the node keeps. They are in the archive long before: it asks for a record when
 * {@link MAX_UNRECORDED_BLOCKS} are not.
 */
const BLOCKS_KEPT = 256;
/** Blocks that the node may be ahead of the archive. */
export const MAX_UNRECORDED_BLOCKS = 128;

export type AnvilSettings = {
  readonly directory: string;
  readonly chainId: number;
  /** Where the node asks for the block it goes on from, and for accounts. */
  readonly upstreamUrl: string;
  /** Number of that block. */
  readonly block: number;
};

/** The node as a child of this process. */
export type AnvilProcess = {
  readonly rpcUrl: string;
  /** Calls the listener once when the child ends, at once when it has ended. */
  onExit(listener: (reason: string) => void): void;
  /**
   * Why the child ended, when its end is what made a call fail; null when it goes on. A connection breaks some
   * milliseconds before the end is told.
   */
  endingBehind(error: unknown): Promise<string | null>;
  /** Ends the child and waits until it is gone. */
  end(): Promise<void>;
};

/** The file that tells the next start which child this one left behind, should this process be killed. */
export function anvilPidPath(directory: string): string {
  return join(directory, "anvil.pid");
}

/** What every child's command line contains, so that it can be told from any other program. */
export function anvilMarks({
  directory,
  chainId,
}: {
  directory: string;
  chainId: number;
}): readonly string[] {
  return ["anvil", `--chain-id ${chainId}`, `--cache-path ${cachePath(directory)}`];
}

/**
 * Starts the node on the loopback interface and waits until it listens.
 *
 * @throws AnvilMissingError, AnvilStartError
 */
export async function startAnvil(settings: AnvilSettings): Promise<AnvilProcess> {
  const log = createAnvilLog(join(settings.directory, "anvil.log"));
  // In a process group of its own, so that Ctrl-C in a terminal reaches only us and we end it in order.
  const child = spawn(anvilBinaryPath(), anvilArguments(settings), {
    cwd: settings.directory,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", log.write);
  child.stderr.on("data", log.write);
  const anvil = watchChild({ child, log, directory: settings.directory });
  try {
    const rpcUrl = await listeningUrl(child, log);
    return { rpcUrl, ...anvil };
  } catch (error) {
    await anvil.end();
    throw error;
  }
}

function anvilArguments({ directory, chainId, upstreamUrl, block }: AnvilSettings): string[] {
  return [
    ...["--host", HOST, "--port", "0", "--no-cors"],
    ...["--chain-id", String(chainId), "--hardfork", "cancun", "--gas-limit", String(BLOCK_GAS_LIMIT)],
    ...["--gas-price", "0", "--block-base-fee-per-gas", "0", "--order", "fifo"],
    ...["--accounts", "0", "--disable-default-create2-deployer"],
    ...["--fork-url", upstreamUrl, "--fork-block-number", String(block), "--fork-chain-id", String(chainId)],
    ...["--no-storage-caching", "--no-rate-limit", "--timeout", String(UPSTREAM_TIMEOUT_MS)],
    ...["--prune-history", String(PAST_STATES_KEPT), "--transaction-block-keeper", String(BLOCKS_KEPT)],
    ...["--cache-path", cachePath(directory), "--color", "never", "--no-request-size-limit"],
  ];
}

function cachePath(directory: string): string {
  return join(directory, "anvil-cache");
}

type WatchedChild = { child: ChildProcess; log: AnvilLog; directory: string };

function watchChild({ child, log, directory }: WatchedChild): Omit<AnvilProcess, "rpcUrl"> {
  const pidPath = anvilPidPath(directory);
  const exited = exitOf(child, log);
  if (child.pid !== undefined) writePidFile(pidPath, identifyProcess(child.pid));
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  void exited.then(() => {
    process.removeListener("exit", killAtExit);
    rmSync(pidPath, { force: true });
    log.close();
  });
  return {
    onExit: (listener) => void exited.then(listener),
    endingBehind: (error) => within(exited, isNoAnswer(error) ? NOTICE_MS : 0),
    end: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof ChainRpcError || error instanceof ChainUnreachableError;
}

function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function writePidFile(path: string, identity: ProcessIdentity): void {
  writeFileAside(path, Buffer.from(JSON.stringify(identity)));
}

/** Resolves with the reason when the child has ended or could not be started; its last words are in the log by then. */
function exitOf(child: ChildProcess, log: AnvilLog): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`the embedded chain's program can't be run: ${error.message}`));
    child.once("close", (code, signal) => {
      const how = signal === null ? `with code ${code}` : `by signal ${signal}`;
      const words = log.tail().trim().split("\n").at(-1) ?? "";
      resolve(`the embedded chain's program ended ${how}${words === "" ? "" : `: ${words}`}`);
    });
  });
}

function listeningUrl(child: ChildProcess, log: AnvilLog): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new AnvilStartError(`the embedded chain did not start within ${START_TIMEOUT_MS / 1_000} s`)),
      START_TIMEOUT_MS,
    );
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      child.stdout?.removeListener("data", look);
      outcome();
    };
    const look = () => {
      const address = /^Listening on (127\.0\.0\.1:\d+)$/m.exec(log.tail())?.[1];
      if (address !== undefined) settle(() => resolve(`http://${address}`));
    };
    child.stdout?.on("data", look);
    void exitOf(child, log).then((reason) => settle(() => reject(new AnvilStartError(reason))));
  });
}

export class AnvilStartError extends DomainError {
  readonly code = "anvilStartFailed";
}
