import { CommanderError } from "commander";
import { DrizzleQueryError } from "drizzle-orm";
import { DomainError } from "#kernel/units/domainError.ts";
import { storageFault } from "#platform/system/storageFault.ts";

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Runs a command to its end and sets the exit code of the process: 0 done, 1 failed, 2 wrong usage. A failure is one
 * line on standard error, without a stack. This is the only place that knows exit codes: commands throw, and the
 * program is run as `runCommand(() => program.parseAsync(argv))` on a program with `exitOverride()`.
 * When the reader of standard output goes away (`| head`), the process ends in silence.
 */
export async function runCommand(action: () => unknown): Promise<void> {
  if (!process.stdout.listeners("error").includes(endOnClosedPipe))
    process.stdout.on("error", endOnClosedPipe);
  try {
    await action();
  } catch (error) {
    const exitCode = exitCodeOf(error);
    const isReported = error instanceof CommanderError;
    if (!isReported) process.stderr.write(`commonwatt: ${sentenceOf(error)}\n`);
    if (exitCode !== DONE) process.exitCode = exitCode;
  }
}

/** commander prints its own sentence, and throws as well when it has shown its help or the version. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
  return error instanceof UsageError ? WRONG_USAGE : FAILED;
}

function sentenceOf(error: unknown): string {
  const fault = storageFault(error);
  if (fault !== null) return fault.message;
  if (error instanceof DomainError) return error.message;
  return `unexpected failure: ${reasonOf(error)}`;
}

/** A failed statement is told by its reason: what it would have written is nobody's business here. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof DrizzleQueryError && error.cause ? reasonOf(error.cause) : error.message;
}

function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(DONE);
}

/** The command was called in a way that cannot mean anything; exit code 2. */
export class UsageError extends DomainError {
  readonly code = "wrongUsage";
}
