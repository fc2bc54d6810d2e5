import { type CheckOutcome, type CheckSubject, failed, passed } from "./checkOutcome.ts";

/**
 * One thing that evidence says, so that two tellings can be held against each other.
 *
 * @property key the same in both tellings
 * @property name of the item, with the member that it is said to belong to
 * @property text what is said
 */
export type EvidenceFact = {
  readonly key: string;
  readonly name: string;
  readonly text: string;
  readonly subject: CheckSubject;
};

/** A difference is spelled out when both tellings are about this short. */
const SHORT_TEXT = 80;

/** Holds what a server says against the chain, fact by fact, and names the first difference. */
export function compareFacts(said: readonly EvidenceFact[], onChain: readonly EvidenceFact[]): CheckOutcome {
  const known = new Map(onChain.map((fact) => [fact.key, fact]));
  const count = said.length;
  const keys = new Set(said.map(({ key }) => key));
  for (const fact of said) {
    const finding = findDifference(fact, known.get(fact.key));
    if (finding !== null) return failed(count, { finding, subject: fact.subject });
  }
  const untold = [...known.values()].find(({ key }) => !keys.has(key));
  if (!untold) return passed(count);
  const finding = `${untold.name} is on the chain, and the server does not tell of it`;
  return failed(count, { finding, subject: untold.subject });
}

function findDifference(said: EvidenceFact, known: EvidenceFact | undefined): string | null {
  if (!known) return `${said.name} is not on the chain`;
  if (said.text === known.text) return null;
  const isShort = said.text.length <= SHORT_TEXT && known.text.length <= SHORT_TEXT;
  const words = `: the server says ${said.text}, the chain ${known.text}`;
  return `${said.name} is not what the chain says${isShort ? words : ""}`;
}
