import type { PeriodFault } from "#domains/charging/rules/periodFaults.ts";

/** Which item a finding is about: a station, by its number in the area. */
export type CheckSubject = { readonly member?: number };

/** What came of one step of a check, over `checked` items. */
export type CheckOutcome = { readonly checked: number } & (
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly finding: string; readonly subject: CheckSubject }
  | { readonly status: "notPossible"; readonly reason: string }
);

/** A step at work: pauses with how far it is. */
export type CheckStep = Generator<{ readonly checked: number; readonly of: number }, CheckOutcome, undefined>;

export function passed(checked: number): CheckOutcome {
  return { status: "passed", checked };
}

export function failed(checked: number, { finding, member }: PeriodFault): CheckOutcome {
  return { status: "failed", checked, finding, subject: member === undefined ? {} : { member } };
}

export function notPossible(reason: string, checked = 0): CheckOutcome {
  return { status: "notPossible", checked, reason };
}

/** Items between two pauses: signatures take a millisecond or two each. */
const SLICE_ITEMS = 16;

/** Looks at each item until one is wrong; pauses now and then. */
export function* checkEach<Item>(
  items: readonly Item[],
  findFault: (item: Item) => PeriodFault | null,
): CheckStep {
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % SLICE_ITEMS === 0) yield { checked: i, of: items.length };
    const fault = findFault(item);
    if (fault !== null) return failed(i + 1, fault);
  }
  return passed(items.length);
}
