import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const PS_TIMEOUT_MS = 5_000;

/**
 * A process that can be told from a later one with the same number. `startMark` is opaque: boot and start tick on
 * Linux, start time elsewhere; null where the system does not say.
 */
export type ProcessIdentity = { readonly pid: number; readonly startMark: string | null };

/** The identity of a living process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startMark: startMarkOf(pid) };
}

/** Whether that very process still lives. Without a start mark on either side the number alone decides. */
export function isProcessAlive({ pid, startMark }: ProcessIdentity): boolean {
  if (!isPidAlive(pid)) return false;
  if (startMark === null) return true;
  const livingMark = startMarkOf(pid);
  return livingMark === null || livingMark === startMark;
}

/** The command line of a process, arguments separated by spaces; null when the system does not say. */
export function commandLineOf(pid: number): string | null {
  if (process.platform === "linux") {
    const line = readOrNull(`/proc/${pid}/cmdline`);
    return line === null || line === "" ? null : line.split("\0").join(" ").trimEnd();
  }
  if (process.platform === "win32") {
    return powershell(`(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`);
  }
  return runOrNull("ps", ["-ww", "-o", "command=", "-p", String(pid)]);
}

/** Whether a value read from a file is an identity. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== "object" || value === null || !("pid" in value) || !("startMark" in value))
    return false;
  const { pid, startMark } = value;
  return (
    Number.isSafeInteger(pid) && Number(pid) > 0 && (startMark === null || typeof startMark === "string")
  );
}

function isPidAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

function startMarkOf(pid: number): string | null {
  if (process.platform === "linux") return linuxStartMark(pid);
  if (process.platform === "win32") return powershell(`(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`);
  return runOrNull("ps", ["-o", "lstart=", "-p", String(pid)]);
}

/** Ticks since boot repeat after a restart of the machine, so the boot's own id stands before them (proc(5)). */
function linuxStartMark(pid: number): string | null {
  const startTick = linuxStatFields(pid)?.[19];
  const bootId = readOrNull("/proc/sys/kernel/random/boot_id");
  return startTick === undefined || bootId === null ? null : `${bootId.trim()}:${startTick}`;
}

/** A zombie is dead: it only waits for its parent to ask how it ended. */
function isZombie(pid: number): boolean {
  return process.platform === "linux" && linuxStatFields(pid)?.[0] === "Z";
}

/** The fields of /proc/<pid>/stat from the third (state) on: the second, the name in brackets, may hold anything. */
function linuxStatFields(pid: number): string[] | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function powershell(command: string): string | null {
  return runOrNull("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", command]);
}

function runOrNull(program: string, args: string[]): string | null {
  try {
    const output = execFileSync(program, args, {
      encoding: "utf8",
      timeout: PS_TIMEOUT_MS,
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
    }).trim();
    return output === "" ? null : output;
  } catch {
    return null;
  }
}
