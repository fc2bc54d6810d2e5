import { present } from "#kernel/units/assert.ts";
import type { CalendarMonth } from "#kernel/units/localMonth.ts";

/** The month of a query, 2025-05; null where it has none. */
export function readMonth(text: string | undefined): CalendarMonth | null {
  if (text === undefined) return null;
  const [year, month] = text.split("-").map(Number);
  return { year: present(year, "a year"), month: present(month, "a month") };
}
