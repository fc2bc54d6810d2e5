import type { Side } from "#kernel/auction/order.ts";

/** Which item a finding is about; orders and steps count from 1. */
export type CheckSubject = {
  readonly side?: Side;
  readonly position?: number;
  readonly member?: number;
  readonly page?: number;
  readonly step?: number;
};

/** What came of one step of a check, over `checked` items. */
export type CheckOutcome = { readonly checked: number } & (
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly finding: string; readonly subject: CheckSubject }
  | { readonly status: "notPossible"; readonly reason: string }
);

/** A step at work: pauses every few milliseconds with how far it is. */
export type CheckStep = Generator<{ readonly checked: number; readonly of: number }, CheckOutcome, undefined>;

/** How far a step is, or what came of it; `title` is a plain sentence of what it verifies. */
export type StepReport<Key extends string = string> = {
  readonly key: Key;
  readonly title: string;
  readonly checked: number;
} & (CheckOutcome | { readonly status: "running"; readonly of: number });

/** What is wrong with one item. */
export type CheckFault = { readonly finding: string; readonly subject: CheckSubject };

/** Items between two pauses: signatures take a millisecond or two each. */
const SLICE_ITEMS = 16;

export function passed(checked: number): CheckOutcome {
  return { status: "passed", checked };
}

export function failed(checked: number, { finding, subject }: CheckFault): CheckOutcome {
  return { status: "failed", checked, finding, subject };
}

export function notPossible(reason: string, checked = 0): CheckOutcome {
  return { status: "notPossible", checked, reason };
}

/** Looks at each item until one is wrong; pauses now and then. */
export function* checkEach<Item>(
  items: readonly Item[],
  findFault: (item: Item) => CheckFault | null,
): CheckStep {
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % SLICE_ITEMS === 0) yield { checked: i, of: items.length };
    const fault = findFault(item);
    if (fault !== null) return failed(i + 1, fault);
  }
  return passed(items.length);
}

/** A step that cannot be made. */
export function* impossible(reason: string): CheckStep {
  yield { checked: 0, of: 0 };
  return notPossible(reason);
}

/** Makes steps in their order: reports of each now and then that it is running, and then what came of it. */
export function* reportSteps<Key extends string>(
  steps: readonly (readonly [Key, CheckStep])[],
  titles: Readonly<Record<Key, string>>,
): Generator<StepReport<Key>, void, undefined> {
  for (const [key, step] of steps) {
    const title = titles[key];
    let next = step.next();
    for (; !next.done; next = step.next()) yield { key, title, status: "running", ...next.value };
    yield { key, title, ...next.value };
  }
}
