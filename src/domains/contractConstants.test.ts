import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  MARGIN_NOTICE_SECONDS,
  MAX_MARGIN_MICRO,
  NOTICE_LAPSES_AFTER_SECONDS,
} from "#domains/accounts/rules/houseConstants.ts";
import { RECOVERY_NOTICE_SECONDS, SIGNER_NOTICE_SECONDS } from "#domains/accounts/rules/registryConstants.ts";
import { QUOTA_LAST_RESORT_SECONDS } from "#domains/charging/rules/charges.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { PAGE_MEMBERS } from "#domains/metering/rules/readingTree.ts";
import { MAX_SEQUENCE } from "#domains/pool/rules/order.ts";
import { LAST_RESORT_SECONDS } from "#domains/pool/rules/settlementTiming.ts";
import { SUPPLY_NOTICE_SECONDS } from "#domains/pool/rules/termsVersion.ts";
import { TERMS_NOTICE_SECONDS } from "#kernel/units/notice.ts";

const SOURCES = join(import.meta.dirname, "../../contracts/src");
const SECONDS_OF: Readonly<Record<string, bigint>> = { hours: 3_600n, days: 86_400n };

/** The value of a constant as a contract's source defines it: a number, a time, or a power of two less one. */
function constantOf(file: string, name: string): bigint {
  const source = readFileSync(join(SOURCES, file), "utf8");
  const text = new RegExp(`constant ${name} = ([^;]+);`).exec(source)?.[1] ?? "";
  const [, power] = /^\(1 << (\d+)\) - 1$/.exec(text) ?? [];
  if (power !== undefined) return 2n ** BigInt(power) - 1n;
  const [, number, unit] = /^([\d_]+)(?: (hours|days))?$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${file} does not define ${name} as a number: ${text}`);
  return BigInt(number.replaceAll("_", "")) * (unit === undefined ? 1n : (SECONDS_OF[unit] ?? 0n));
}

it.each([
  ["accounts/ClearingHouse.sol", "MARGIN_NOTICE_SECONDS", BigInt(MARGIN_NOTICE_SECONDS)],
  ["accounts/BindingLib.sol", "NOTICE_LAPSES_AFTER_SECONDS", BigInt(NOTICE_LAPSES_AFTER_SECONDS)],
  ["libraries/PostingLib.sol", "MAX_AMOUNT_MICRO", MAX_MARGIN_MICRO],
  ["metering/MeterLedger.sol", "ENERGY", BigInt(ENERGY_PURPOSE)],
  ["libraries/ReadingTree.sol", "PAGE", BigInt(PAGE_MEMBERS)],
  ["pool/PageLib.sol", "ENERGY", BigInt(ENERGY_PURPOSE)],
  ["accounts/ParticipantRegistry.sol", "SIGNER_NOTICE", BigInt(SIGNER_NOTICE_SECONDS)],
  ["accounts/ParticipantRegistry.sol", "RECOVERY_NOTICE", BigInt(RECOVERY_NOTICE_SECONDS)],
  ["libraries/OrderLib.sol", "MAX_ORDERS", BigInt(MAX_SEQUENCE + 1)],
  ["pool/PoolSettlementLib.sol", "LAST_RESORT_SECONDS", BigInt(LAST_RESORT_SECONDS)],
  ["charging/QuotaSettlementLib.sol", "LAST_RESORT_SECONDS", BigInt(QUOTA_LAST_RESORT_SECONDS)],
  ["libraries/TermsSchedule.sol", "TERMS_NOTICE", BigInt(TERMS_NOTICE_SECONDS)],
  ["pool/PoolTermsLib.sol", "SUPPLY_NOTICE", BigInt(SUPPLY_NOTICE_SECONDS)],
])("%s and TypeScript agree on %s", (file, name, value) => {
  expect(constantOf(file, name)).toBe(value);
});
