import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { browserCookie, CHROMIUM } from "../chromium.ts";

/** A busy machine shows a page late; nothing here measures time. */
const PATIENCE_MS = 60_000;

/** A suite that needs a browser; where there is none it counts as skipped and says why. */
export function describeInBrowser(name: string, tests: () => void): void {
  const isMissing = CHROMIUM === null;
  describe.skipIf(isMissing)(isMissing ? `${name} (skipped: no Chromium on this machine)` : name, tests);
}

/** A page that is being looked at, and what it asked for. */
export type Visit = {
  readonly page: Page;
  /** Addresses of all requests, those of workers too. */
  readonly requests: readonly string[];
};

export type VisitOptions = BrowserContextOptions & {
  readonly origin: string;
  /** Value of a `Cookie` header, such as that of a sign-in. */
  readonly cookie?: string;
  /** Origins beside the page's own that it may ask. */
  readonly others?: readonly string[];
  /** Whether the server goes away meanwhile: then the browser itself reports requests without an answer. */
  readonly server?: "stays" | "goes";
  /** Prepares the page before it is opened. */
  readonly before?: (page: Page) => Promise<void>;
};

/**
 * Opens a page in a profile of its own, and closes it after `look`. Whatever the page does, it must cause no error on the
 * console and ask nobody but its own server.
 */
export async function visit(
  browser: Browser,
  path: string,
  { origin, cookie, others = [], server = "stays", before, ...options }: VisitOptions,
  look: (visit: Visit) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const [errors, requests]: [string[], string[]] = [[], []];
  try {
    if (cookie) await context.addCookies([browserCookie(cookie, origin)]);
    const page = await context.newPage();
    page.on("pageerror", (error) => errors.push(`${error.name}: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      const isExpected = server === "goes" && /net::ERR_/.test(text);
      if (message.type() === "error" && !isExpected) errors.push(`${text} (${message.location().url})`);
    });
    page.on("request", (request) => requests.push(request.url()));
    await before?.(page);
    await page.goto(path);
    await look({ page, requests });
  } finally {
    await context.close();
  }
  const allowed = new Set([origin, ...others]);
  const foreign = requests.filter((url) => !url.startsWith("data:") && !allowed.has(new URL(url).origin));
  expect({ errors, foreign }).toEqual({ errors: [], foreign: [] });
}
