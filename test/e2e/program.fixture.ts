import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = resolve("dist/commonwatt.js");

/** How a command ended, and what it said. */
export type Finished = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** A command that is running. */
export type Running = {
  readonly process: ChildProcess;
  /** Resolves with the first line of standard output, said before or after, that fits; rejects when it ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  readonly finished: Promise<Finished>;
};

/** Starts `commonwatt …` in a directory of its own for networks. */
export function startCommonwatt(
  args: readonly string[],
  { directory, environment = {} }: { directory: string; environment?: Record<string, string> },
): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, COMMONWATT_DIRECTORY: directory, COMMONWATT_PORT: "0", ...environment },
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let [stdout, stderr] = ["", ""];
  let hasEnded = false;
  const tellAll = () => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(text);
    tellAll();
  });
  const finished = once(child, "close").then(([exitCode]): Finished => {
    hasEnded = true;
    tellAll();
    return { exitCode: exitCode as number | null, stdout, stderr };
  });
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((found, failed) => {
      const look = () => {
        const match = lines.map((text) => pattern.exec(text)).find((result) => result !== null);
        if (match) found(match);
        else if (hasEnded) failed(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`));
        else return;
        watchers.delete(look);
      };
      watchers.add(look);
      look();
    });
  return { process: child, line, finished };
}

/** Runs a command to its end. */
export function commonwatt(
  args: readonly string[],
  options: Parameters<typeof startCommonwatt>[1],
): Promise<Finished> {
  return startCommonwatt(args, options).finished;
}
