import { bigint, numeric } from "drizzle-orm/pg-core";

/** Money in micro: whole, signed, 64 bits. */
export const micro = () => bigint({ mode: "bigint" });
/** Energy sums in Wh. */
export const sumWh = () => bigint({ mode: "bigint" });
/** Energy of one order, trade or reading, Wh: below 2³². */
export const wh = () => bigint({ mode: "number" });
/** Unix seconds. */
export const seconds = () => bigint({ mode: "number" });
/** Thousandths of a micro: 128 bits. */
export const exact = () => numeric({ mode: "bigint", precision: 39, scale: 0 });
