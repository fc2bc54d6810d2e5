import type { Command } from "commander";
import type { Config } from "#community/config.ts";
import { found, planFounding } from "#community/own/foundOwn.ts";
import { openFounding } from "#community/own/openFounding.ts";
import { readOwnCommunity } from "#community/own/ownCommunity.ts";
import { UsageError } from "./exit.ts";
import { confirm, isTerminal, passphraseOf } from "./terminal.ts";

type Options = { readonly passphraseFile?: string; readonly yes?: true; readonly dryRun?: true };

/** `commonwatt found`: brings a chain to what a community's files say. */
export function registerFound(program: Command, config: Config): void {
  program
    .command("found")
    .description("deploy or join, register, enrol and fund what community.yaml says, and the chain lacks")
    .argument("<file>", "a community.yaml; commonwatt init writes one")
    .option("--passphrase-file <file>", "holds the passphrase of the keys (or COMMONWATT_PASSPHRASE)")
    .option("--dry-run", "say what is missing, and do nothing")
    .option("--yes", "do what is missing without asking")
    .action((file: string, options: Options) => runFound(file, options, config));
}

async function runFound(file: string, options: Options, config: Config): Promise<void> {
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
  const own = readOwnCommunity(file, config);
  const passphrase = await passphraseOf({ file: options.passphraseFile, environment: config.passphrase });
  const { founding, close } = await openFounding(own, passphrase, say);
  try {
    const { sentences, notes } = await planFounding(founding);
    say(`${own.file.name}, on chain ${founding.network.chainId} at ${founding.network.rpcUrl}`);
    for (const note of notes) say(`  can't be changed here: ${note}`);
    for (const sentence of sentences) say(`  to do: ${sentence}`);
    if (sentences.length > 0 && (options.dryRun || !(await isWanted(options)))) {
      say("nothing was sent");
      return;
    }
    const record = await found(founding, (sentence) => say(`  doing: ${sentence}`));
    say(`founded: area ${record.areaId} with ${record.members.length} members`);
    say(`next: commonwatt run ${file}`);
  } finally {
    await close();
  }
}

/** Nothing is spent before somebody has seen what for. */
async function isWanted({ yes }: Options): Promise<boolean> {
  if (yes) return true;
  if (!isTerminal()) throw new UsageError("nobody can be asked here: give --yes to do this, or --dry-run");
  return confirm("Do this?");
}
