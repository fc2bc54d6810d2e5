import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";

/** Where pictures are wanted: a folder. */
const PICTURES = process.env.COMMONWATT_PICTURES;

/** Counts what a person does: a click or an input. */
export function countedSteps() {
  const taken: string[] = [];
  return {
    taken,
    async take(what: string, done: Promise<unknown>) {
      await done;
      taken.push(what);
    },
  };
}

/** Takes a picture of the whole page, where pictures are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.waitForLoadState("networkidle");
  // The head stays at the top of what is seen, which would lie in the middle of the picture.
  await page.evaluate("scrollTo(0, 0)");
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}
