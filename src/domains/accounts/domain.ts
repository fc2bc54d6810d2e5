import type { Domain } from "#domains/domain.ts";

export const accounts: Domain = { name: "accounts" };
