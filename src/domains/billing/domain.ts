import type { Domain } from "#domains/domain.ts";

export const billing: Domain = { name: "billing" };
