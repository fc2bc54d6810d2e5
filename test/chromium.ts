import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The Chromium of this machine: CHROMIUM, else on the PATH, else at a usual place; null without one. */
export const CHROMIUM = findChromium();

export function startBrowser(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error("no Chromium on this machine: install one, or name it in CHROMIUM");
  return chromium.launch({ executablePath: CHROMIUM });
}

/** What a browser keeps of a `Cookie` header. */
export function browserCookie(text: string, url: string) {
  const at = text.indexOf("=");
  return { name: text.slice(0, at), value: text.slice(at + 1), url };
}

function findChromium(): string | null {
  const named = process.env.CHROMIUM;
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...PLACES].find(canRun) ?? null;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
