import type { Domain } from "#domains/domain.ts";
import { TABLES } from "./tables.ts";

/** Bills: what the meter says at the tariff, and the charges of every domain. */
export const billing: Domain = { name: "billing", tables: TABLES };
