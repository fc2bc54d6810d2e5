import { DomainError } from "#kernel/units/domainError.ts";

/**
 * What a file leaves open.
 *
 * @property asks the question, with what was seen
 * @property answer the flag, or the line of a mapping file, that settles it
 */
export type Question = { readonly asks: string; readonly answer: string };

/** A file that can't be used as it is: what was seen, and the questions that would settle it. Nothing else suffers from it. */
export class FileRefusedError extends DomainError {
  readonly code = "fileRefused";
  readonly reason: string;
  readonly questions: readonly Question[];

  constructor(reason: string, questions: readonly Question[] = []) {
    super(reason);
    this.reason = reason;
    this.questions = questions;
  }
}

/** A refusal that one question explains. */
export function refuseWith(question: Question): FileRefusedError {
  return new FileRefusedError(question.asks, [question]);
}
