import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { AgentRecord } from "#domains/pool/agentBook.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";

const price = z.int().nullable();
const fileSchema = z.array(
  z.strictObject({
    areaId: z.int(),
    member: z.int(),
    versions: z.array(
      z.strictObject({
        leastOfferMicroPerKwh: price,
        mostBidMicroPerKwh: price,
        isPaused: z.boolean(),
        setAt: z.int(),
      }),
    ),
  }),
);

/**
 * What members told their agents, in the file at `path`. A damaged one is refused: an agent that forgot what it was told would
 * sell below its member's price.
 *
 * @throws AgentFileError
 */
export function openAgentFile(path: string) {
  return {
    kept: existsSync(path) ? readRecords(path) : [],
    keep: (records: readonly AgentRecord[]) =>
      writeFileAside(path, Buffer.from(`${JSON.stringify(records)}\n`)),
  };
}

function readRecords(path: string): readonly AgentRecord[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new AgentFileError(path, { cause });
  }
}

export class AgentFileError extends DomainError {
  readonly code = "agentFileDamaged";

  constructor(path: string, options?: ErrorOptions) {
    super(
      `${path} can't be read, which has what members told their agents: restore it, or move it away to let agents decide by themselves`,
      options,
    );
  }
}
