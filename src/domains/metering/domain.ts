import type { Domain } from "#domains/domain.ts";

export const metering: Domain = { name: "metering" };
