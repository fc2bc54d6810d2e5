import type { Domain } from "#domains/domain.ts";

export const pool: Domain = { name: "pool" };
