import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./exit.ts";

/** Whether a person sits in front of it, who can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks a question on the terminal; an empty answer is `instead`. */
export async function ask(question: string, instead: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await lines.question(`${question} [${instead}] `)).trim();
    return answer === "" ? instead : answer;
  } finally {
    lines.close();
  }
}

/** Whether the answer is yes; a plain Enter is no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} yes or`, "no"));
}

/** Asks for what nobody must read over a shoulder. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

/** Shorter ones are guessed, whatever the key files cost to try. */
const LEAST_CHARACTERS = 8;

/** Where the passphrase of key files is: a file, the environment, or a person at the terminal; never an argument (R2.19). */
export type PassphraseSource = { readonly file: string | undefined; readonly environment: string | null };

/**
 * The passphrase of key files that exist.
 *
 * @throws UsageError where nobody says it
 */
export async function passphraseOf(source: PassphraseSource): Promise<string> {
  return given(source) ?? (await asked("Passphrase of the keys: "));
}

/**
 * A passphrase for key files that are to be made; asked for twice.
 *
 * @throws UsageError where nobody says it, and when it is short
 */
export async function newPassphrase(source: PassphraseSource): Promise<string> {
  const known = given(source);
  const passphrase = known ?? (await asked("A passphrase for the new keys: "));
  if (passphrase.length < LEAST_CHARACTERS)
    throw new UsageError(
      `the passphrase has ${passphrase.length} characters; take ${LEAST_CHARACTERS} or more`,
    );
  if (known === null && (await asked("The same again: ")) !== passphrase)
    throw new UsageError("the two passphrases differ");
  return passphrase;
}

function given({ file, environment }: PassphraseSource): string | null {
  if (file === undefined) return environment;
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch {
    throw new UsageError(`the passphrase file ${file} can't be read`);
  }
}

async function asked(question: string): Promise<string> {
  if (!isTerminal())
    throw new UsageError("give the passphrase of the keys by --passphrase-file or COMMONWATT_PASSPHRASE");
  return askSecret(question);
}
