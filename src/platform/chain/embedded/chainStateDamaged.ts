import { DomainError } from "#kernel/units/domainError.ts";

/**
 * A file of the embedded chain's state is damaged, missing or unreadable. The chain is never replaced by an empty one:
 * the person decides. `file` is its path.
 */
export class ChainStateDamagedError extends DomainError {
  readonly code = "chainStateDamaged";
  readonly file: string;

  constructor({ file, problem, cause }: { file: string; problem: string; cause?: unknown }) {
    super(
      `the embedded chain can't be continued: ${file} ${problem}; ` +
        "if it is the newest snapshot, `commonwatt up --recover` goes back to an older one; otherwise " +
        "restore its directory from a backup, or move the directory away to start a new chain",
      { cause },
    );
    this.file = file;
  }
}
