/**
 * A failed operation that the caller can name: a literal `code`, and one sentence with values and units.
 * Subclasses stand at the bottom of the file that throws them.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What an error says; what was thrown and is none, in its own words. */
export function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
