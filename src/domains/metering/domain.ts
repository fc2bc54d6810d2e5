import type { Domain } from "#domains/domain.ts";
import { METERING_COUNTS } from "./audit/meteringCounts.ts";

export const metering: Domain = { name: "metering", counts: METERING_COUNTS };
