import papaparse from "papaparse";
import { z } from "zod";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { HERE } from "./communityFile.ts";

/** Members of one area at the most: their numbers have 16 bits, and an area begins with its three parties. */
const MAX_MEMBERS = 65_000;

const place = z
  .string()
  .refine(
    (text) => text === HERE || /^0x[0-9a-fA-F]{40}$/.test(text),
    "here, or an address: 0x and 40 hexadecimal digits",
  )
  .transform((text) => text.toLowerCase() as Address | typeof HERE);

const rowSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters, digits, dots, dashes and underscores"),
  name: z.string().min(1).max(120),
  meteringPoint: z.string().min(1).max(120),
  connectionW: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, "whole W above 0")
    .transform(Number),
  owner: place,
  device: place,
});

/**
 * A member as `members.csv` names it.
 *
 * @property meteringPoint the national id of the metering point
 * @property connectionW what the connection carries, W
 * @property owner who owns the account: an address, or `here` for a key of this community's members
 * @property device the key of the meter: an address, or `here`
 */
export type MemberRow = z.output<typeof rowSchema>;

/** The heading of `members.csv`. */
export const MEMBER_COLUMNS = ["id", "name", "meteringPoint", "connectionW", "owner", "device"] as const;

/**
 * Reads the text of a `members.csv`: a heading, then one member a line. Lines that begin with # are comments.
 *
 * @throws MembersFileError that names line and column of each fault
 */
export function parseMembers(text: string, source: string): readonly MemberRow[] {
  const rows = linesOf(text);
  const [heading] = rows;
  if (heading === undefined || heading.cells.join() !== MEMBER_COLUMNS.join())
    throw new MembersFileError([
      `${source}:${heading?.line ?? 1}: the heading is not ${MEMBER_COLUMNS.join()}`,
    ]);
  const faults: string[] = [];
  const members = rows.slice(1).flatMap(({ line, cells }) => {
    const found = readRow(cells);
    if ("faults" in found) faults.push(...found.faults.map((fault) => `${source}:${line}: ${fault}`));
    return "faults" in found ? [] : [{ line, row: found.row }];
  });
  faults.push(...doubles(members).map(({ line, fault }) => `${source}:${line}: ${fault}`));
  if (members.length > MAX_MEMBERS) faults.push(`${source}: more than ${MAX_MEMBERS} members`);
  if (faults.length > 0) throw new MembersFileError(faults);
  return members.map(({ row }) => row);
}

type Line = { readonly line: number; readonly cells: readonly string[] };

function linesOf(text: string): readonly Line[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((content, i) => ({ line: i + 1, content }))
    .filter(({ content }) => content.trim() !== "" && !content.startsWith("#"))
    .map(({ line, content }) => {
      const [cells = []] = papaparse.parse<string[]>(content, { header: false, delimiter: "," }).data;
      return { line, cells: cells.map((cell) => cell.trim()) };
    });
}

function readRow(
  cells: readonly string[],
): { readonly row: MemberRow } | { readonly faults: readonly string[] } {
  if (cells.length !== MEMBER_COLUMNS.length)
    return { faults: [`${cells.length} columns, not ${MEMBER_COLUMNS.length}`] };
  const checked = rowSchema.safeParse(Object.fromEntries(MEMBER_COLUMNS.map((name, i) => [name, cells[i]])));
  if (checked.success) return { row: checked.data };
  return { faults: checked.error.issues.map(({ path, message }) => `\`${path.join(".")}\`: ${message}`) };
}

/** Each id, metering point and device belongs to one member; an owner may have several metering points. */
function doubles(members: readonly { readonly line: number; readonly row: MemberRow }[]) {
  const seen = new Map<string, number>();
  return members.flatMap(({ line, row }) =>
    (["id", "meteringPoint", "device"] as const).flatMap((column) => {
      const value = row[column];
      if (value === HERE) return [];
      const before = seen.get(`${column} ${value}`);
      seen.set(`${column} ${value}`, before ?? line);
      return before === undefined
        ? []
        : [{ line, fault: `\`${column}\`: ${value} is in line ${before} too` }];
    }),
  );
}

export class MembersFileError extends DomainError {
  readonly code = "membersFile";

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
  }
}
