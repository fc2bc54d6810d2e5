import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "#community/config.ts";
import { parseCommunityFile } from "#community/own/communityFile.ts";
import { communityTemplate, type FirstAnswers, membersTemplate } from "#community/own/communityTemplate.ts";
import { makeKeys } from "#community/own/ownKeys.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { UsageError } from "./exit.ts";
import { ask, isTerminal, newPassphrase } from "./terminal.ts";

type Options = { readonly [Name in keyof FirstAnswers]?: string } & { readonly passphraseFile?: string };

/** What is asked, in this order, and what is taken where nobody answers. */
const QUESTIONS: readonly {
  readonly name: keyof FirstAnswers;
  readonly question: string;
  readonly instead: string;
}[] = [
  { name: "name", question: "Name of the community", instead: "Our Community" },
  { name: "currency", question: "Currency (ISO 4217)", instead: "EUR" },
  { name: "timeZone", question: "Time zone", instead: Intl.DateTimeFormat().resolvedOptions().timeZone },
  { name: "intervalMinutes", question: "Length of a delivery interval, minutes", instead: "15" },
  {
    name: "retailPerKwh",
    question: "What the supplier asks for a kWh, with all fees and taxes",
    instead: "0.32",
  },
  { name: "feedInPerKwh", question: "What the supplier pays for a kWh fed in", instead: "0.08" },
  { name: "gridFeePerKwh", question: "Grid fee of a kWh traded within the community", instead: "0.03" },
  { name: "rpcUrl", question: "Network: embedded, or http://… of a node", instead: "embedded" },
  { name: "contracts", question: "Contracts: new, or a deployment.json to join", instead: "new" },
  { name: "token", question: "Currency token: test, or the address of an ERC-20", instead: "test" },
];
const NUMBERS = new Set<keyof FirstAnswers>([
  "intervalMinutes",
  "retailPerKwh",
  "feedInPerKwh",
  "gridFeePerKwh",
]);

/** `commonwatt init`: the files of a new community, and its keys. */
export function registerInit(program: Command, config: Config): void {
  program
    .command("init")
    .description("begin a community: write community.yaml, members.csv and encrypted keys into a folder")
    .argument("<folder>", "where; made when it is missing")
    .option("--name <name>", "name of the community, for people")
    .option("--currency <code>", "ISO 4217 code")
    .option("--time-zone <zone>", "IANA name, as Europe/Berlin")
    .option("--interval-minutes <number>", "length of a delivery interval")
    .option("--retail-per-kwh <price>", "what the supplier asks for a kWh, in the currency")
    .option("--feed-in-per-kwh <price>", "what the supplier pays for a kWh")
    .option("--grid-fee-per-kwh <price>", "grid fee of a kWh traded within the community")
    .option("--rpc-url <url>", "embedded, or the address of a node")
    .option("--contracts <file>", "new, or a deployment.json to join")
    .option("--token <address>", "test, or the address of an ERC-20 with 6 decimals")
    .option("--passphrase-file <file>", "holds the passphrase of the keys (or COMMONWATT_PASSPHRASE)")
    .action((folder: string, options: Options) => init(resolve(folder), options, config));
}

async function init(folder: string, options: Options, config: Config): Promise<void> {
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
  const path = join(folder, "community.yaml");
  const isThere = existsSync(path);
  const text = isThere ? null : communityTemplate(await answersOf(options));
  // What was answered is checked as the file will be.
  if (text !== null) parseCommunityFile(text, "community.yaml");
  const environment = config.passphrase;
  const passphrase = await newPassphrase({ file: options.passphraseFile, environment });
  mkdirSync(folder, { recursive: true });
  if (text === null) say(`${path} is there already: it stays`);
  else {
    writeFileAside(path, Buffer.from(text));
    say(`wrote ${path}: read it, change what does not fit`);
  }
  const members = join(folder, "members.csv");
  if (!existsSync(members)) {
    writeFileAside(members, Buffer.from(membersTemplate()));
    say(`wrote ${members}: a line for each member`);
  }
  const made = makeKeys(join(folder, "keys"), passphrase);
  say(
    made.length > 0
      ? `made the keys ${made.join(", ")} in ${join(folder, "keys")}: keep a copy of the folder and of the passphrase, apart`
      : "all keys are there already: they stay",
  );
  say(`next: commonwatt found ${path}`);
}

async function answersOf(options: Options): Promise<FirstAnswers> {
  const answers: Record<string, string | number> = {};
  for (const { name, question, instead } of QUESTIONS) {
    const text = options[name] ?? (isTerminal() ? await ask(question, instead) : instead);
    answers[name] = NUMBERS.has(name) ? numberOf(name, text) : text;
  }
  return answers as FirstAnswers;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${name}: ${text} is no number`);
  return value;
}
