import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { DomainError } from "#kernel/units/domainError.ts";
import {
  commandLineOf,
  isProcessAlive,
  isProcessIdentity,
  type ProcessIdentity,
} from "#platform/system/processIdentity.ts";
import { anvilMarks, anvilPidPath } from "./anvilProcess.ts";

const FIRST_WAIT_MS = 5;
const MAX_WAITS = 10;

/**
 * Ends the node that a killed predecessor of this process left behind. Only a process that has the recorded number and
 * start time and runs anvil for this directory and chain is ended; anything else is left alone.
 *
 * @throws LeftoverError when it does not end
 */
export async function endLeftoverAnvil(chain: { directory: string; chainId: number }): Promise<void> {
  const pidPath = anvilPidPath(chain.directory);
  const identity = readIdentity(pidPath);
  if (identity !== null && isOurs(identity, chain)) await kill(identity);
  rmSync(pidPath, { force: true });
}

function isOurs(identity: ProcessIdentity, chain: { directory: string; chainId: number }): boolean {
  if (!isProcessAlive(identity)) return false;
  const commandLine = commandLineOf(identity.pid);
  return commandLine !== null && anvilMarks(chain).every((mark) => commandLine.includes(mark));
}

async function kill(identity: ProcessIdentity): Promise<void> {
  process.kill(identity.pid, "SIGKILL");
  for (let attempt = 0, waitMs = FIRST_WAIT_MS; attempt < MAX_WAITS; attempt++, waitMs *= 2) {
    if (!isProcessAlive(identity)) return;
    await wait(waitMs);
  }
  throw new LeftoverError(identity.pid);
}

function readIdentity(path: string): ProcessIdentity | null {
  if (!existsSync(path)) return null;
  try {
    const identity: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isProcessIdentity(identity) ? identity : null;
  } catch {
    return null;
  }
}

export class LeftoverError extends DomainError {
  readonly code = "leftoverChain";

  constructor(pid: number) {
    super(`process ${pid}, the embedded chain of an earlier run, does not end: end it, then start again`);
  }
}
