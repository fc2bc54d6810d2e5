import { ausgrid } from "./ausgrid.ts";
import type { Format } from "./format.ts";
import { tesla } from "./tesla.ts";

/** Formats that are known, in the order in which they are tried; what none of them recognises is a plain table. */
export const FORMATS: readonly Format[] = [ausgrid, tesla];

/** The name of a table without a format of its own. */
export const PLAIN_TABLE = "table";
