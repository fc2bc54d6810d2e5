import { z } from "zod";

/*
 * What goes over HTTP. Money (micro), prices (micro per kWh) and energy (Wh) are whole numbers as decimal strings, since
 * JSON numbers lose digits; times are unix seconds; hashes, addresses and signatures are lower-case hexadecimal.
 */

export const MAX_AREA = 2 ** 16 - 1;
export const MAX_INTERVAL = 2 ** 32 - 1;
/** Numbers of members within an area have 16 bits. */
export const MAX_MEMBER = 2 ** 16 - 1;
export const MAX_ACCOUNT = 2 ** 24 - 1;
export const MAX_SECONDS = MAX_INTERVAL * 86_400;
/** Rows of a page; what the database's queries give at most. */
export const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;
const MAX_OFFSET = 10_000_000;

/**
 * A whole number in a path or a query, from `min` (default 0) to `max`: digits only, so that "1e3", " 1" and "" are
 * refused. The OpenAPI document says these bounds, and what is taken when it is left out.
 */
export const digits = (max: number, { min = 0, instead }: { min?: number; instead?: number } = {}) =>
  z
    .unknown()
    .transform((text, context) => {
      const value = typeof text === "string" && DIGITS.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: "custom", message: `a whole number from ${min} to ${max} in digits` });
      return z.NEVER;
    })
    .meta({
      type: "integer",
      minimum: min,
      maximum: max,
      ...(instead === undefined ? {} : { description: `${instead} when it is left out` }),
    });

const DIGITS = /^(0|[1-9]\d{0,15})$/;

export const decimal = z
  .string()
  .regex(/^-?\d+$/)
  .describe("a whole number in decimal digits");
/** A whole number, or its decimal digits in a string; a pattern says the bounds of both. */
export const wholeNumber = (min: number, max: number) =>
  z.union([
    z.int().min(min).max(max),
    z
      .string()
      .regex(new RegExp(`^(?:${min < 0 ? `-${digitsUpTo(-min)}|` : ""}${digitsUpTo(max)})$`))
      .transform(Number),
  ]);

/** A pattern of the whole numbers from 0 to `max`: shorter ones, and those that are smaller from some digit on. */
function digitsUpTo(max: number): string {
  const text = String(max);
  const smaller = [...text].flatMap((digit, i) => {
    const least = i === 0 ? 1 : 0;
    if (Number(digit) <= least) return [];
    return [`${text.slice(0, i)}[${least}-${Number(digit) - 1}]\\d{${text.length - i - 1}}`];
  });
  const shorter = text.length === 1 ? [] : [`[1-9]\\d{0,${text.length - 2}}`];
  return `(?:0|${[...shorter, ...smaller, text].join("|")})`;
}

/** A signature as wallets write it. */
export const signatureText = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{130})$/, "64 bytes (EIP-2098) or 65 bytes (r, s, v)");
export const unixSeconds = z.int().nonnegative().describe("unix seconds");
export const hex = z.string().regex(/^0x[0-9a-f]*$/);
export const areaParams = z.strictObject({ areaId: digits(MAX_AREA) });
export const intervalParams = z.strictObject({
  areaId: digits(MAX_AREA),
  intervalId: digits(MAX_INTERVAL),
});
export const accountParams = z.strictObject({ account: digits(MAX_ACCOUNT) });
export const paging = {
  limit: digits(MAX_LIMIT, { min: 1, instead: DEFAULT_LIMIT }).optional().default(DEFAULT_LIMIT),
  offset: digits(MAX_OFFSET, { instead: 0 }).optional().default(0),
};
export const subject = {
  areaId: digits(MAX_AREA).optional(),
  intervalId: digits(MAX_INTERVAL).optional(),
  account: digits(MAX_ACCOUNT).optional(),
};
/** A time `[from, to)` by the market's clock; without an end where one is left out. */
export const during = { from: digits(MAX_SECONDS).optional(), to: digits(MAX_SECONDS).optional() };
export const pageQuery = z.strictObject(paging);
export const listQuery = z.strictObject({ ...subject, ...paging });
export const areaQuery = z.strictObject({ areaId: subject.areaId });
export const healthWire = z.object({ status: z.literal("up") });
export const readyWire = z.object({
  status: z.enum(["ready", "notReady"]),
  checks: z.array(
    z.object({
      name: z.string().meta({ example: "database" }),
      isReady: z.boolean(),
      detail: z.string().meta({ example: "answers" }),
      since: unixSeconds
        .optional()
        .describe("since when it is missing, by the world's clock, where it is known; unix seconds"),
    }),
  ),
});

/** An error by RFC 9457. `reason` is a word for programs; `requestId` finds the line in the log. */
export const problemWire = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  reason: z.string().optional(),
  requestId: z.string().optional(),
  orderId: z.string().optional(),
  errors: z.array(z.object({ place: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemWire>;
