import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";

/**
 * A network on this machine: what `network.json` in its folder says. `rpcUrl` is null for an embedded chain, whose
 * state lies in the same folder.
 */
export type NetworkRecord = {
  readonly name: string;
  readonly rpcUrl: string | null;
  /** What the headers prove; null or left out: what the node shows at each audit. */
  readonly headers?: HeaderProof | null | undefined;
  /** The demonstration's scenario, and the communities of it by their areas; null where none of ours was founded. */
  readonly scenario: {
    readonly folder: string;
    readonly communities: readonly CommunityRecord[];
  } | null;
  readonly deployment: Deployment;
};

/** A community that was founded on the network from a scenario. */
export type CommunityRecord = {
  readonly name: string;
  readonly areaId: number;
  readonly seed: number;
  readonly startsAt: number;
};

const community = z.object({
  name: z.string(),
  areaId: z.int(),
  seed: z.number(),
  startsAt: z.number(),
});
const address = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{40}$/)]);
/** Contracts on a chain, as files of ours say it. */
export const deploymentSchema = z.object({
  chainId: z.number().int(),
  deployedAtBlock: z.number().int(),
  contracts: z.record(z.string(), address),
});
const recordSchema = z.object({
  name: z.string(),
  rpcUrl: z.string().nullable(),
  headers: z.enum(["ethereum", "trusted"]).nullable().optional(),
  scenario: z.object({ folder: z.string(), communities: z.array(community).min(1) }).nullable(),
  deployment: deploymentSchema,
});

const RECORD = "network.json";
const LATEST = "latest";

/** The folder of a network: `networks/<name>` in the workspace. */
export function networkFolder(workspace: string, name: string): string {
  return join(workspace, "networks", name);
}

/** Writes the record, and remembers the network as the latest. */
export function writeNetwork(workspace: string, record: NetworkRecord): void {
  const folder = networkFolder(workspace, record.name);
  mkdirSync(folder, { recursive: true });
  writeFileAside(join(folder, RECORD), Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
  rememberLatest(workspace, record.name);
}

export function rememberLatest(workspace: string, name: string): void {
  writeFileAside(join(workspace, "networks", LATEST), Buffer.from(`${name}\n`));
}

/** The record of a network, or null when there is none of this name. */
export function readNetwork(workspace: string, name: string): NetworkRecord | null {
  return readRecordIn(networkFolder(workspace, name));
}

/** The record in a network's folder, wherever that lies; null when there is none. */
export function readRecordIn(folder: string): NetworkRecord | null {
  const path = join(folder, RECORD);
  if (!existsSync(path)) return null;
  const parsed = recordSchema.safeParse(parseJson(path));
  if (!parsed.success) throw new NetworkRecordError(path, z.prettifyError(parsed.error));
  return parsed.data;
}

/** Name of the network that was used last, or null. */
export function latestNetwork(workspace: string): string | null {
  const path = join(workspace, "networks", LATEST);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}

/** Removes a network's folder with all it holds. */
export function removeNetwork(workspace: string, name: string): void {
  rmSync(networkFolder(workspace, name), { recursive: true, force: true });
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new NetworkRecordError(path, "it is no JSON", { cause });
  }
}

export class NetworkRecordError extends DomainError {
  readonly code = "networkRecordDamaged";

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} can't be used: ${reason}; restore it, or move its folder away to start anew`, options);
  }
}
