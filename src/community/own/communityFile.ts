import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { termsFaults } from "#domains/pool/rules/area.ts";
import { PRICINGS } from "#kernel/auction/order.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError, sentenceOf } from "#kernel/units/domainError.ts";
import { IMMEDIATE, parseFinality } from "#platform/chain/finality.ts";
import { describeIssue } from "#world/simulation/scenarioFile.ts";

const MICRO_PER_UNIT = 1_000_000;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const MAX_TARIFFS = 1_000;
/** Largest amount of money in the file, of its currency: what a margin holds at most is 4.4 million (42 bits of micro). */
const MAX_MONEY = 4_000_000;

/** Where a key is: made here by `commonwatt init` and kept in `keys`, or with its owner, of whom only the address is known. */
export const HERE = "here";

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "an address: 0x and 40 hexadecimal digits")
  .transform((text) => text.toLowerCase() as Address);

/** An amount with at most six decimals, as micro. */
const amount = (least: number, most: number) =>
  z
    .number()
    .min(least)
    .max(most)
    .transform((value, context) => {
      const micro = Math.round(value * MICRO_PER_UNIT);
      if (Math.abs(micro - value * MICRO_PER_UNIT) < 1e-3) return micro;
      context.addIssue({ code: "custom", message: "at most six decimals" });
      return z.NEVER;
    });
const price = amount(-1_000, 1_000);

const tariff = z
  .strictObject({
    from: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, "a date such as 2026-01-01")
      .optional(),
    retailPerKwh: price,
    feedInPerKwh: price,
    gridFeePerKwh: price.optional(),
    leviesPerKwh: price.optional(),
  })
  .refine(({ feedInPerKwh, retailPerKwh }) => feedInPerKwh <= retailPerKwh, {
    message: "feedInPerKwh is above retailPerKwh",
  });

const nodeUrl = z.url({ protocol: /^https?$/ });

const finality = z.string().transform((text, context) => {
  try {
    return parseFinality(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: sentenceOf(error) });
    return z.NEVER;
  }
});

const network = z
  .strictObject({
    rpcUrl: z.union([z.literal("embedded"), nodeUrl], "embedded, or http://… of a node"),
    otherRpcUrls: z.array(nodeUrl).default([]),
    finality: finality.default(IMMEDIATE),
    port: z.int().min(0).max(65_535).default(0),
    contracts: z.string().min(1).default("new"),
    token: z.union([z.literal("test"), address], "test, or the address of an ERC-20 with 6 decimals"),
    gasPriceWei: z.int().min(0).optional(),
    etherPerKey: z.number().min(0).max(1_000).default(0.05),
  })
  .refine(({ rpcUrl, otherRpcUrls }) => rpcUrl !== "embedded" || otherRpcUrls.length === 0, {
    message: "an embedded chain has no other nodes",
    path: ["otherRpcUrls"],
  })
  .refine(({ rpcUrl, finality: rule }) => rpcUrl !== "embedded" || rule.kind === "immediate", {
    message: "each block of an embedded chain is final at once: immediate",
    path: ["finality"],
  });

const fileSchema = z.strictObject({
  name: z.string().min(1).max(64),
  currency: z.string().regex(/^[A-Z]{3}$/, "three capital letters (ISO 4217)"),
  timeZone: z.string().refine(isTimeZone, "no time zone of this name, such as Europe/Berlin"),
  intervalMinutes: z.int().min(1).max(1_440),
  waitingHours: z.int().min(1).max(336).default(24),
  network,
  tariff: z
    .array(tariff)
    .min(1)
    .max(MAX_TARIFFS)
    .refine(
      (list) => list[0]?.from === undefined,
      "the first tariff has no `from`: it holds from the beginning",
    )
    .refine(
      (list) => list.slice(1).every(({ from }) => from !== undefined),
      "each tariff after the first needs `from`",
    )
    .refine(isRising, "each tariff begins after the one before it"),
  market: z.strictObject({
    pricing: z.enum(PRICINGS),
    gateClosureSeconds: z.int().min(1).max(3_600),
    penaltyPermille: z.int().min(1_000).max(1_000_000),
    gridFeePerKwh: price,
  }),
  parties: z.strictObject({
    supplier: z.union([z.literal(HERE), address], "here, or an address"),
    dso: z.union([z.literal(HERE), address], "here, or an address"),
    fund: z.union([z.literal(HERE), address], "here, or an address"),
  }),
  margins: z.strictObject({ supplier: amount(0, MAX_MONEY), member: amount(0, MAX_MONEY) }),
  api: z.strictObject({ port: z.int().min(0).max(65_535), url: nodeUrl.optional() }),
  members: z.string().min(1).default("members.csv"),
  keys: z.string().min(1).default("keys"),
});

/** A `community.yaml` that has been checked: its prices in micro per kWh, its money in micro. */
export type CommunityFile = z.output<typeof fileSchema>;

/** A tariff of the file; `from` is a local date, left out of the first. */
export type TariffPeriod = CommunityFile["tariff"][number];

/**
 * Reads the text of a `community.yaml`.
 *
 * @param source name of the file, for messages
 * @throws CommunityFileError that names line and key of each fault
 */
export function parseCommunityFile(text: string, source: string): CommunityFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  if (document.errors.length > 0)
    throw new CommunityFileError(
      document.errors.map(({ pos, message }) => `${source}:${lineAt(pos[0])}: ${message}`),
    );
  const checked = fileSchema.safeParse(document.toJS());
  if (!checked.success)
    throw new CommunityFileError(
      checked.error.issues.map((issue) => {
        const offset = offsetOf(document, issue);
        return `${source}:${lineAt(offset)}: ${describeIssue(issue)}`;
      }),
    );
  const faults = termsFaults(termsOfFile(checked.data));
  const market = offsetAt(document, ["market"]) ?? 0;
  if (faults.length > 0)
    throw new CommunityFileError(faults.map((fault) => `${source}:${lineAt(market)}: \`market\`: ${fault}`));
  return checked.data;
}

/**
 * The terms of the community's pool. The band runs from the lowest feed-in to the highest retail price of its tariffs (R5.6);
 * energy from the supplier costs the highest retail price, and what buyers do not take earns the lowest feed-in price.
 */
export function termsOfFile({ tariff: tariffs, market, intervalMinutes }: CommunityFile): AreaTerms {
  const leastFeedIn = BigInt(Math.min(...tariffs.map(({ feedInPerKwh }) => feedInPerKwh)));
  const mostRetail = BigInt(Math.max(...tariffs.map(({ retailPerKwh }) => retailPerKwh)));
  return {
    intervalSeconds: intervalMinutes * SECONDS_PER_MINUTE,
    gateClosureSeconds: market.gateClosureSeconds,
    pricing: market.pricing,
    floorMicroPerKwh: leastFeedIn,
    ceilingMicroPerKwh: mostRetail,
    upstreamPriceMicroPerKwh: mostRetail > 0n ? mostRetail : 0n,
    penaltyPermille: BigInt(market.penaltyPermille),
    surplusPriceMicroPerKwh: leastFeedIn,
    gridFeeMicroPerKwh: BigInt(market.gridFeePerKwh),
  };
}

/** How long a reading is waited for, seconds. */
export function waitingSecondsOf({ waitingHours }: CommunityFile): number {
  return waitingHours * SECONDS_PER_HOUR;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isRising(list: readonly { readonly from?: string | undefined }[]): boolean {
  const dates = list.flatMap(({ from }) => (from === undefined ? [] : [from]));
  return dates.every((date, i) => i === 0 || (dates[i - 1] ?? "") < date);
}

/** Where in the text an issue is: its key, or the nearest one above that is there. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  if (issue.code === "unrecognized_keys") {
    const there = offsetOfKey(document, [...issue.path, issue.keys[0] ?? ""]);
    if (there !== null) return there;
  }
  for (let path = issue.path; path.length > 0; path = path.slice(0, -1)) {
    const there = offsetOfKey(document, path) ?? offsetAt(document, path);
    if (there !== null) return there;
  }
  return 0;
}

function offsetAt(document: Document, path: readonly PropertyKey[]): number | null {
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function offsetOfKey(document: Document, path: readonly PropertyKey[]): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  return pair && isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
}

export class CommunityFileError extends DomainError {
  readonly code = "communityFile";

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
  }
}
