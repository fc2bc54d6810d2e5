/** States what can't be otherwise. A failure is a defect of the program, never of its input. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new ImpossibleStateError(sentence);
}

/** Gives back a value that is known to be there; a defect of the program when it is not. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new ImpossibleStateError(`${what} is missing`);
  return value;
}

export class ImpossibleStateError extends Error {
  constructor(sentence: string) {
    super(`impossible state: ${sentence}`);
    this.name = "ImpossibleStateError";
  }
}
