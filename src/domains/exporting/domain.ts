import type { DOMAINS } from "#domains/domains.ts";
import type { ApiDomain } from "#platform/api/apiContext.ts";
import { addExports } from "./routes.ts";

/** Tables of all fields for analysis: after them all, since it knows them all. */
const exporting = { routes: [addExports] } satisfies ApiDomain<never>;

/** What an interface is made of: all fields, and the export of their tables. */
export const withExports = <D extends (typeof DOMAINS)[number]>(domains: readonly D[]) => [
  ...domains,
  { name: "exporting", ...exporting },
];
