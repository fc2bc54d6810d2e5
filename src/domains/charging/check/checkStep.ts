import type { PeriodFault } from "#domains/charging/rules/periodFaults.ts";
import {
  type CheckFault,
  type CheckOutcome,
  type CheckStep,
  checkEach as checkEachItem,
  failed as failedBy,
} from "#domains/metering/check/checkOutcome.ts";

/** A step fails by a fault of a period. */
export function failed(checked: number, fault: PeriodFault): CheckOutcome {
  return failedBy(checked, told(fault));
}

/** Looks at each item until one has a fault of a period. */
export function checkEach<Item>(
  items: readonly Item[],
  findFault: (item: Item) => PeriodFault | null,
): CheckStep {
  return checkEachItem(items, (item) => {
    const fault = findFault(item);
    return fault && told(fault);
  });
}

function told({ finding, member }: PeriodFault): CheckFault {
  return { finding, subject: member === undefined ? {} : { member } };
}
