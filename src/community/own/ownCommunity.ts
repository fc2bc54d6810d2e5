import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import type { Config } from "../config.ts";
import { networkFolder } from "../workspace.ts";
import { type CommunityFile, parseCommunityFile } from "./communityFile.ts";
import { type MemberRow, parseMembers } from "./membersFile.ts";

/** A community of one's own as its files say it, and where it is kept. */
export type OwnCommunity = {
  /** The path of `community.yaml`. */
  readonly path: string;
  /** Its folder: paths in the file are from there. */
  readonly place: string;
  readonly file: CommunityFile;
  readonly members: readonly MemberRow[];
  readonly keysFolder: string;
  /** The workspace, and the folder of its network in it. */
  readonly workspace: string;
  readonly folder: string;
};

/** The network of an own community in its workspace: a workspace holds one. */
export const OWN_NETWORK = "community";

/**
 * Reads the files of a community. It is kept in `.commonwatt` beside its file, or where COMMONWATT_DIRECTORY says.
 *
 * @throws CommunityFileError, MembersFileError with file, line and key; FileMissingError
 */
export function readOwnCommunity(path: string, config: Config): OwnCommunity {
  const place = dirname(resolve(path));
  const file = parseCommunityFile(textOf(path), path);
  const membersPath = resolve(place, file.members);
  const workspace = config.isDirectoryGiven ? config.directory : join(place, ".commonwatt");
  return {
    path,
    place,
    file,
    members: parseMembers(textOf(membersPath), file.members),
    keysFolder: resolve(place, file.keys),
    workspace,
    folder: networkFolder(workspace, OWN_NETWORK),
  };
}

/**
 * What of a founded community the chain does not say.
 *
 * @property operator address of its operator: whose community a folder is
 * @property foundedAt unix seconds, a multiple of the interval's length: its first interval begins there
 * @property tariffs as they were when it was founded last: what has begun does not change
 * @property parties their accounts
 * @property members each with its number in the area and its account
 */
export type OwnRecord = z.output<typeof recordSchema>;

const recordSchema = z.object({
  operator: z.string(),
  areaId: z.int(),
  foundedAt: z.int(),
  tariffs: z.array(
    z.object({
      from: z.string().optional(),
      retailPerKwh: z.int(),
      feedInPerKwh: z.int(),
      gridFeePerKwh: z.int().optional(),
      leviesPerKwh: z.int().optional(),
    }),
  ),
  parties: z.object({ supplier: z.int(), dso: z.int(), fund: z.int() }),
  members: z.array(
    z.object({ id: z.string(), name: z.string(), member: z.int(), account: z.int(), meterId: z.string() }),
  ),
});

const RECORD = "community.json";

/** The record in a network's folder; null where no community was founded. */
export function readOwnRecord(folder: string): OwnRecord | null {
  const path = join(folder, RECORD);
  if (!existsSync(path)) return null;
  return recordSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

export function writeOwnRecord(folder: string, record: OwnRecord): void {
  writeFileAside(join(folder, RECORD), Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new FileMissingError(path, cause);
  }
}

export class FileMissingError extends DomainError {
  readonly code = "fileMissing";

  constructor(path: string, cause: unknown) {
    super(`${path} can't be read; commonwatt init <folder> writes the files of a community`, { cause });
  }
}
