import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import {
  identifyProcess,
  isProcessAlive,
  isProcessIdentity,
  type ProcessIdentity,
} from "./processIdentity.ts";

/** How often a lock that dead owners leave behind is taken over before giving up: others are then as fast as we are. */
const MAX_ATTEMPTS = 10;

let asideCounter = 0;

export type ProcessLock = {
  /** Gives the lock back; a second call does nothing. */
  release(): void;
};

/**
 * Takes the lock file at `path` for this process, for a directory that only one process may use at a time. A lock whose
 * owner no longer lives is taken over. Throws {@link ProcessLockedError} with the number of the living owner, which may
 * be this process itself.
 */
export function acquireProcessLock(path: string): ProcessLock {
  mkdirSync(dirname(path), { recursive: true });
  const content = JSON.stringify(identifyProcess(process.pid));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (tryCreate(path, content)) return lockHeld(path, content);
    removeUnlessAlive(path);
  }
  throw new ProcessLockedError({ path, ownerPid: null });
}

function lockHeld(path: string, content: string): ProcessLock {
  let isHeld = true;
  return {
    release: () => {
      if (isHeld && readOrNull(path) === content) rmSync(path, { force: true });
      isHeld = false;
    },
  };
}

/** Written aside and linked, so that nobody ever reads half a lock. */
function tryCreate(path: string, content: string): boolean {
  const aside = asidePath(path);
  writeFileSync(aside, content);
  try {
    return tryLink(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isErrorWithCode(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Two processes may find the same dead owner. What is moved away is therefore looked at again: when it is the fresh
 * lock of the other one, it is put back.
 */
function removeUnlessAlive(path: string): void {
  refuseIfAlive(path, readOrNull(path));
  const aside = asidePath(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrorWithCode(error, "ENOENT")) return;
    throw error;
  }
  try {
    refuseIfAlive(path, readOrNull(aside));
  } catch (error) {
    tryLink(aside, path);
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function refuseIfAlive(path: string, content: string | null): void {
  const owner = content === null ? null : parseOwner(content);
  if (owner !== null && isProcessAlive(owner)) throw new ProcessLockedError({ path, ownerPid: owner.pid });
}

/** A lock that is no identity was written by no living version of this program: it counts as abandoned. */
function parseOwner(content: string): ProcessIdentity | null {
  try {
    const owner: unknown = JSON.parse(content);
    return isProcessIdentity(owner) ? owner : null;
  } catch {
    return null;
  }
}

function asidePath(path: string): string {
  asideCounter += 1;
  return `${path}.${process.pid}-${asideCounter}.tmp`;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrorWithCode(error, "ENOENT")) return null;
    throw error;
  }
}

function isErrorWithCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Another process, or this one, uses the directory. `ownerPid` is null when owners came and went too fast to name. */
export class ProcessLockedError extends DomainError {
  readonly code = "processLocked";
  readonly path: string;
  readonly ownerPid: number | null;

  constructor({ path, ownerPid }: { path: string; ownerPid: number | null }) {
    const owner =
      ownerPid === process.pid ? `this process (pid ${ownerPid})` : `process ${ownerPid ?? "unknown"}`;
    super(
      `${path} is held by ${owner}: one process at a time may use this directory; stop the other one first`,
    );
    this.path = path;
    this.ownerPid = ownerPid;
  }
}
