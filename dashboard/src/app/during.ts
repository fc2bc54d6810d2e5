import type { During } from "./pageDomain.ts";

/** The address of a list, of a time where one is given. */
export function duringPath(path: string, during: During | undefined): string {
  return during === undefined ? path : `${path}?from=${during.from}&to=${during.to}`;
}
