import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import type { PoolNode } from "../communityNode.ts";
import { keyNames } from "../keyNames.ts";
import { homeMeterId } from "./members.ts";

/**
 * Hands the keys of a demonstration's meters to anyone who runs them outside of this process: a file for each, under the network's folder. Keys of a
 * demonstration are known to everybody.
 *
 * @throws NoSuchHomeError
 */
export function handOutMeters(
  { folder, scenario, keyring }: Pick<PoolNode, "folder" | "scenario" | "keyring">,
  {
    outsideMeters,
    say,
  }: { readonly outsideMeters: readonly string[]; readonly say: (sentence: string) => void },
): void {
  for (const id of outsideMeters) {
    if (!scenario.homes.some((home) => home.id === id)) throw new NoSuchHomeError(id, scenario.title);
    const meters = join(folder, "meters");
    mkdirSync(meters, { recursive: true });
    const path = join(meters, `${id}.key`);
    writeFileAside(path, Buffer.from(`${keyring.key(keyNames.device(id)).hex}\n`));
    say(`the meter of ${id} is outside: commonwatt meter --meter ${homeMeterId(scenario, id)} --key ${path}`);
  }
}

class NoSuchHomeError extends DomainError {
  readonly code = "noSuchHome";

  constructor(id: string, community: string) {
    super(`${community} has no home ${id}`);
  }
}
