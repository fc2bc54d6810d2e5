import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Config } from "#community/config.ts";
import { registerClient } from "#domains/response/openadr/clientBook.ts";
import { CALLBACK_POLICIES, type CallbackPolicy } from "#domains/response/openadr/notify/callbackPolicy.ts";
import { type Role, SCOPES, SCOPES_OF_ROLE, type Scope } from "#domains/response/openadr/rules/operations.ts";
import { serveVtn } from "#domains/response/openadr/serveVtn.ts";
import { clientsFile } from "#domains/response/openadr/vtn.ts";
import { UsageError } from "./exit.ts";
import { port } from "./optionValues.ts";

type VtnOptions = {
  readonly directory?: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly callbacks?: CallbackPolicy;
};

type ClientOptions = {
  readonly directory?: string;
  readonly role: Role;
  readonly scope?: readonly string[];
  readonly secret?: string;
  readonly json?: true;
};

const DEFAULT_PORT = 3_000;
const FOLDER = "openadr";

const EXAMPLES = `
Examples:
  commonwatt vtn-client market --role business
  commonwatt vtn-client home-7 --role ven
  commonwatt vtn --port 3000
`;

/** Adds `commonwatt vtn`, an OpenADR 3.1 server that stands alone, and `commonwatt vtn-client`, which registers its clients. */
export function registerVtn(program: Command, config: Config): void {
  program
    .command("vtn")
    .description("an OpenADR 3.1 server (VTN): programs, events and reports of demand response")
    .option("--directory <folder>", `where its objects and clients lie (default ${FOLDER} in the workspace)`)
    .option("--host <address>", "where it listens", "127.0.0.1")
    .option("--port <number>", "port, 0 for a free one", port, DEFAULT_PORT)
    .option(
      "--public-url <address>",
      "how clients reach it, where a proxy with TLS stands before it",
      httpsUrl,
    )
    .addOption(
      new Option("--callbacks <which>", "which addresses subscribers may name (docs/openadr.md)").choices([
        ...CALLBACK_POLICIES,
      ]),
    )
    .addHelpText("after", EXAMPLES)
    .action((options: VtnOptions) => runVtn(options, config));
  program
    .command("vtn-client <id>")
    .description("register a client of the OpenADR server, or give it a new secret")
    .option("--directory <folder>", `the server's (default ${FOLDER} in the workspace)`)
    .addOption(
      new Option("--role <role>", "what the client is").choices(Object.keys(SCOPES_OF_ROLE)).default("ven"),
    )
    .option("--scope <names...>", "scopes in the place of the role's")
    .option("--secret <text>", "a secret in the place of a new one")
    .option("--json", "print the client as JSON")
    .action((id: string, options: ClientOptions) => addClient(id, options, config));
}

async function runVtn(
  { directory, host, port: at, publicUrl, callbacks }: VtnOptions,
  config: Config,
): Promise<void> {
  const folder = folderOf(directory, config);
  const vtn = await serveVtn(
    { host, port: at, publicUrl: publicUrl ?? null },
    { directory: folder, callbacks, now: Date.now, say },
  );
  say(`OpenADR 3.1 at ${vtn.url}, its objects in ${folder}`);
  if (vtn.hasNoClient)
    say("nobody may come yet: commonwatt vtn-client <id> --role business registers a client");
  await new Promise<void>((stop) => {
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
  await vtn.close();
}

function addClient(
  id: string,
  { directory, role, scope, secret: said, json }: ClientOptions,
  config: Config,
): void {
  if (id.length < 1 || id.length > MOST_ID_CHARACTERS)
    throw new UsageError(`a client's id has 1 to ${MOST_ID_CHARACTERS} characters`);
  const scopes =
    scope === undefined ? SCOPES_OF_ROLE[role] : scope.flatMap((each) => each.split(/[ ,]+/)).map(scopeOf);
  const file = clientsFile(folderOf(directory, config));
  const secret = registerClient(file, { id, scopes, secret: said });
  const sentences = [
    `client ${id} with ${scopes.join(", ")}`,
    `its secret, which is shown only now: ${secret}`,
  ];
  say(json ? JSON.stringify({ clientID: id, clientSecret: secret, scopes }) : sentences.join("\n"));
}

const MOST_ID_CHARACTERS = 128;

function folderOf(directory: string | undefined, config: Config): string {
  return resolve(directory ?? join(config.directory, FOLDER));
}

function scopeOf(name: string): Scope {
  const scope = SCOPES.find((each) => each === name);
  if (scope === undefined) throw new UsageError(`${name} is none of the scopes ${SCOPES.join(", ")}`);
  return scope;
}

function httpsUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== "https:")
    throw new InvalidArgumentError("an address that begins with https:// is meant");
  return text;
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}
