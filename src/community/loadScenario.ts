import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Hints } from "#world/meterFiles/hints.ts";
import { MappingError, parseMapping } from "#world/meterFiles/mapping.ts";
import { openFile } from "#world/meterFiles/openFile.ts";
import { accountOf, FIRST_HOME } from "#world/simulation/accounts.ts";
import { describeImport } from "#world/simulation/recorded/importReport.ts";
import { buildRecordedScenario, type RecordedFile } from "#world/simulation/recorded/recordedScenario.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseCommunities, parseScenarioFile, type ScenarioRules } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario, type ScenarioOverrides } from "#world/simulation/syntheticScenario.ts";
import { parseDepot } from "#world/stations/depotFile.ts";
import type { AreaScenario } from "./areaScenario.ts";
import { kindOf } from "./kinds.ts";

/**
 * A scenario that has been read from disk.
 *
 * @property lines what was read of recorded data, for people; empty for a synthetic scenario
 */
export type LoadedScenario<S extends AreaScenario = Scenario> = {
  readonly scenario: S;
  readonly lines: readonly string[];
};

/**
 * What a folder describes: a community, or several that it names, on one chain.
 *
 * @property name of the folder
 */
export type LoadedCommunities = {
  readonly name: string;
  readonly scenarios: readonly AreaScenario[];
  readonly lines: readonly string[];
};

type Loading = {
  readonly folder: string;
  readonly dataFolder?: string | undefined;
  readonly overrides?: ScenarioOverrides;
  /** Rules instead of those of the file, in each community of it. */
  readonly rules?: ScenarioRules;
};

/**
 * Reads a scenario's folder and those of the communities that it names; accounts go on from one community to the next.
 *
 * @throws as {@link loadScenario}, and ScenarioNotReadableError when the communities have several currencies
 */
export async function loadCommunities({
  folder,
  dataFolder,
  overrides = {},
  rules = {},
}: Loading): Promise<LoadedCommunities> {
  const path = join(folder, "scenario.yaml");
  const name = basename(resolve(folder));
  const communities = parseCommunities(await readText(path), path);
  const loaded: LoadedScenario<AreaScenario>[] = [];
  for (const community of communities ?? ["."]) {
    const before = loaded.at(-1)?.scenario;
    const firstAccount = before === undefined ? {} : { firstAccount: accountAfter(before) };
    const place = { folder: join(folder, community), dataFolder, rules };
    loaded.push(await loadArea({ ...place, overrides: { ...overrides, ...firstAccount } }));
  }
  const scenarios = loaded.map(({ scenario }) => scenario);
  const [currency, other] = new Set(scenarios.map((scenario) => scenario.currency));
  if (other !== undefined)
    throw new ScenarioNotReadableError(
      path,
      `one chain settles in one currency, not in ${currency} and ${other}`,
    );
  return { name, scenarios, lines: loaded.flatMap(({ lines }) => lines) };
}

function accountAfter(scenario: AreaScenario): number {
  const holders = kindOf(scenario)
    .membersOf(scenario)
    .filter(({ member, holder }) => member === holder);
  return accountOf(scenario, FIRST_HOME + holders.length);
}

/** Reads the folder of a community of any kind: the sections of its file say which it is. */
async function loadArea(loading: Loading): Promise<LoadedScenario<AreaScenario>> {
  const { folder, overrides = {} } = loading;
  const source = join(folder, "scenario.yaml");
  const name = basename(resolve(folder));
  const scenario = parseDepot(await readText(source), { name, source, overrides });
  return scenario === null ? loadScenario(loading) : { scenario, lines: [] };
}

/**
 * Reads the folder of a community with a pool.
 *
 * @param dataFolder recordings, for a scenario with a `recorded` section; by default the scenario's own folder
 * @throws ScenarioNotReadableError when a folder or file is missing; ScenarioFileError and NoRecordedHomeError when
 *   what it says can't be
 */
export async function loadScenario({
  folder,
  dataFolder,
  overrides = {},
  rules = {},
}: Loading): Promise<LoadedScenario> {
  const path = join(folder, "scenario.yaml");
  const file = parseScenarioFile(await readText(path), path, rules);
  const name = basename(resolve(folder));
  if (file.synthetic !== undefined)
    return {
      scenario: buildSyntheticScenario(name, { ...file, synthetic: file.synthetic }, overrides),
      lines: [],
    };
  if (file.recorded === undefined) throw new ScenarioNotReadableError(path, "it describes no community");
  const files = await readRecordings(dataFolder ?? folder);
  const { scenario, report } = buildRecordedScenario(
    name,
    { ...file, recorded: file.recorded },
    files,
    overrides,
  );
  return { scenario, lines: describeImport(report) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ScenarioNotReadableError(path, "a scenario is a folder with a scenario.yaml", { cause });
  }
}

/** Files of recordings; what else lies in the folder is none of ours. */
const READABLE = /\.(csv|tsv|xlsx|xls|xml|json|dsmr)$/i;

async function readMapping(path: string): Promise<Hints> {
  return parseMapping(await readFile(path, "utf8"), path);
}

/**
 * The files of a folder of recordings, opened, each with its mapping.
 *
 * @throws ScenarioNotReadableError when the folder can't be read
 */
export async function readRecordings(folder: string): Promise<readonly RecordedFile[]> {
  try {
    const all = await readdir(folder);
    const names = all.filter((name) => READABLE.test(name)).sort();
    return await Promise.all(
      names.map(async (file) => {
        const opened = await openFile({ file, bytes: await readFile(join(folder, file)) });
        const mapping = all.find((name) => name === `${file}.mapping.yaml`);
        return mapping === undefined
          ? opened
          : { ...opened, hints: await readMapping(join(folder, mapping)) };
      }),
    );
  } catch (cause) {
    if (cause instanceof MappingError) throw cause;
    throw new ScenarioNotReadableError(folder, "the recordings are a folder of files", { cause });
  }
}

export class ScenarioNotReadableError extends DomainError {
  readonly code = "scenarioNotReadable";

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} can't be read: ${reason}`, options);
  }
}
