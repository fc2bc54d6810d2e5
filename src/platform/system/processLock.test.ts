import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { present } from "#kernel/units/assert.ts";
import { commandLineOf, identifyProcess, isProcessAlive } from "./processIdentity.ts";
import { acquireProcessLock, ProcessLockedError } from "./processLock.ts";

let directory: string;
let path: string;
let other: ChildProcess;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "process-lock-"));
  path = join(directory, "nested", "the.lock");
  other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "a mark of the test"], {
    stdio: "ignore",
  });
  await once(other, "spawn");
});

afterEach(async () => {
  await endOther();
  rmSync(directory, { recursive: true, force: true });
});

function pidOf(child: ChildProcess): number {
  return present(child.pid, "the pid of a spawned process");
}

async function endOther(): Promise<void> {
  if (other.exitCode !== null || other.signalCode !== null) return;
  other.kill("SIGKILL");
  await once(other, "exit");
}

function refusalOf(lockPath: string): ProcessLockedError {
  try {
    acquireProcessLock(lockPath).release();
  } catch (error) {
    if (error instanceof ProcessLockedError) return error;
    throw error;
  }
  throw new Error("the lock was given");
}

function writeLockOf(owner: { pid: number; startMark: string | null }): void {
  acquireProcessLock(path).release();
  writeFileSync(path, JSON.stringify(owner));
}

describe("acquireProcessLock", () => {
  it("refuses a second time, naming this process, until it is released", () => {
    const lock = acquireProcessLock(path);
    expect(refusalOf(path)).toMatchObject({ code: "processLocked", ownerPid: process.pid, path });
    lock.release();
    expect(existsSync(path)).toBe(false);
    acquireProcessLock(path).release();
  });

  it("refuses while another process lives, naming its pid, and takes over when it is dead", async () => {
    const owner = identifyProcess(pidOf(other));
    writeLockOf(owner);
    const refusal = refusalOf(path);
    expect(refusal.ownerPid).toBe(pidOf(other));
    expect(refusal.message).toContain(String(pidOf(other)));
    await endOther();
    const lock = acquireProcessLock(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it.runIf(process.platform === "linux")(
    "takes over from a dead owner whose number another process got",
    () => {
      writeLockOf({ pid: pidOf(other), startMark: "an-earlier-boot:17" });
      const lock = acquireProcessLock(path);
      expect(refusalOf(path).ownerPid).toBe(process.pid);
      lock.release();
    },
  );

  it("trusts the number alone when no start mark is known", () => {
    writeLockOf({ pid: pidOf(other), startMark: null });
    expect(refusalOf(path).ownerPid).toBe(pidOf(other));
  });

  it.each(["", "no json", '{"pid":"7"}', "null"])("takes over a lock that names nobody: %j", (content) => {
    acquireProcessLock(path).release();
    writeFileSync(path, content);
    const lock = acquireProcessLock(path);
    lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it("leaves a lock alone that another process has taken meanwhile", () => {
    const lock = acquireProcessLock(path);
    const foreign = JSON.stringify(identifyProcess(pidOf(other)));
    writeFileSync(path, foreign);
    lock.release();
    lock.release();
    expect(readFileSync(path, "utf8")).toBe(foreign);
  });

  it("leaves no file beside the lock", () => {
    writeLockOf({ pid: pidOf(other), startMark: null });
    refusalOf(path);
    expect(readdirSync(join(directory, "nested"))).toEqual(["the.lock"]);
  });
});

describe("the identity of a process", () => {
  it("is alive until the process ends", async () => {
    const identity = identifyProcess(pidOf(other));
    expect(isProcessAlive(identity)).toBe(true);
    await endOther();
    expect(isProcessAlive(identity)).toBe(false);
  });

  it("tells processes apart that have the same number", () => {
    const { pid, startMark } = identifyProcess(pidOf(other));
    expect(startMark).not.toBeNull();
    expect(isProcessAlive({ pid, startMark: `${startMark} earlier` })).toBe(false);
  });

  it("shows the command line, and none of a process that is gone", async () => {
    expect(commandLineOf(pidOf(other))).toContain("a mark of the test");
    await endOther();
    expect(commandLineOf(pidOf(other))).toBeNull();
  });
});
