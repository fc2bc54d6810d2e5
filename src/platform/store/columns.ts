import { deflateRawSync, inflateRawSync } from "node:zlib";
import { bigint, customType, numeric } from "drizzle-orm/pg-core";

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
/** A set of members of a page, a bit each: 256 bits. */
export const memberSet = () => numeric({ mode: "bigint", precision: 78, scale: 0 });
/** Hashes, addresses and signatures: hexadecimal digits here, half as many bytes in the database. */
export const hexBytes = customType<{ data: string; driverData: string }>({
  dataType: () => "bytea",
  toDriver: (hex) => byteaOf(hex.slice(HEX_MARK.length)),
  fromDriver: (bytea) => `${HEX_MARK}${digitsOf(bytea)}`,
});
/** Long text that is only ever read whole, compressed. */
export const packedText = customType<{ data: string; driverData: string }>({
  dataType: () => "bytea",
  toDriver: (content) => byteaOf(deflateRawSync(content).toString("hex")),
  fromDriver: (bytea) => inflateRawSync(Buffer.from(digitsOf(bytea), "hex")).toString("utf8"),
});

const HEX_MARK = "0x";
/** How the database writes bytes. */
const BYTEA_MARK = "\\x";

function byteaOf(digits: string): string {
  return `${BYTEA_MARK}${digits}`;
}

function digitsOf(bytea: string): string {
  return bytea.slice(BYTEA_MARK.length);
}
