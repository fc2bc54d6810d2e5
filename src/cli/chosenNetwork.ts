import type { Config } from "#community/config.ts";
import { latestNetwork, type NetworkRecord, readNetwork } from "#community/workspace.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/**
 * The network of a name, or the one that was used last.
 *
 * @throws NoNetworkError
 */
export function chosenNetwork(asked: string | undefined, { directory }: Config): NetworkRecord {
  const name = asked ?? latestNetwork(directory);
  const record = name === null ? null : readNetwork(directory, name);
  if (!record) throw new NoNetworkError(name, directory);
  return record;
}

export class NoNetworkError extends DomainError {
  readonly code = "noNetwork";

  constructor(name: string | null, workspace: string) {
    super(
      name === null
        ? `there is no network in ${workspace} yet; commonwatt up or simulate makes one`
        : `there is no network ${name} in ${workspace}`,
    );
  }
}
