import type { Command } from "commander";
import type { Config } from "#community/config.ts";
import { admitCommunity, planAdmission } from "#community/own/admission.ts";
import { openFounding } from "#community/own/openFounding.ts";
import { readOwnCommunity } from "#community/own/ownCommunity.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { UsageError } from "./exit.ts";
import { address } from "./optionValues.ts";
import { confirm, isTerminal, passphraseOf } from "./terminal.ts";

type Options = {
  readonly registrar: Address;
  readonly operator: Address;
  readonly certifier: Address;
  readonly passphraseFile?: string;
  readonly yes?: true;
};

/** `commonwatt admit`: lets another community work with the contracts of this one. */
export function registerAdmit(program: Command, config: Config): void {
  program
    .command("admit")
    .description("let another community join the contracts of this one: its keys get their roles")
    .argument("<file>", "community.yaml of the community that deployed the contracts")
    .requiredOption("--registrar <address>", "who registers the other community's members", address)
    .requiredOption("--operator <address>", "who operates its area", address)
    .requiredOption("--certifier <address>", "who certifies its meters", address)
    .option("--passphrase-file <file>", "holds the passphrase of the keys (or COMMONWATT_PASSPHRASE)")
    .option("--yes", "do it without asking")
    .action((file: string, options: Options) => runAdmit(file, options, config));
}

async function runAdmit(file: string, options: Options, config: Config): Promise<void> {
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
  const own = readOwnCommunity(file, config);
  const passphrase = await passphraseOf({ file: options.passphraseFile, environment: config.passphrase });
  const { founding, close } = await openFounding(own, passphrase, say);
  try {
    const missing = await planAdmission(founding, options);
    for (const { role, holder } of missing) say(`  to do: give ${role} to ${holder}`);
    if (missing.length > 0 && !options.yes) {
      if (!isTerminal()) throw new UsageError("nobody can be asked here: give --yes to do this");
      if (!(await confirm("Do this?"))) return;
    }
    await admitCommunity(founding, missing);
    say(missing.length > 0 ? "admitted" : "it was admitted before");
  } finally {
    await close();
  }
}
