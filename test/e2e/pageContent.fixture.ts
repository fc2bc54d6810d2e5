import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { createFormats } from "../../dashboard/src/app/format/formats.ts";

const PATIENCE_MS = 60_000;

/** Figures as Riverside's pages write them. */
export const formats = createFormats({ timeZone: "Europe/Berlin", currency: "EUR" });

/** Waits until the page shows what is expected: names, the zone and figures come with answers of their own. */
export async function expectShown<Shown>(read: () => Promise<Shown>, expected: Shown): Promise<void> {
  await expect.poll(read, { timeout: PATIENCE_MS }).toEqual(expected);
}

/** A figure at the head of a page by its label: value and note. */
export function figureOf(page: Page, label: string | RegExp): Locator {
  return page.locator(".figure", { has: page.locator("dt", { hasText: label }) });
}

/** Exact values (micro, Wh) of all amounts within, in the order in which they stand. */
export function valuesIn(place: Locator): Promise<string[]> {
  return place.locator("data").evaluateAll((all) => all.map((data) => data.getAttribute("value") ?? ""));
}

/** A part of the page by its title. */
export function cardOf(page: Page, name: string | RegExp): Locator {
  return page.getByRole("region", { name });
}

/** The texts of a table's cells, row by row, without its head. */
export function rowsOf(table: Locator): Promise<string[][]> {
  return table
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
}

/** The exact values of the amounts in a table, row by row. */
export function amountsOf(table: Locator): Promise<string[][]> {
  return table
    .locator("tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("data")].map((data) => data.getAttribute("value") ?? "")),
    );
}

/** The table behind a picture, opened. */
export async function tableBehind(place: Locator): Promise<Locator> {
  await place.getByText("Show as table").click();
  return place.getByRole("table");
}
