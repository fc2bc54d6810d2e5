import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { fromHex, toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { jsonOrNull } from "#kernel/units/json.ts";
import { readKeyFile } from "#platform/runtime/keyFile.ts";
import { createKeyring, type KeyPair, type Keyring } from "#platform/runtime/keyring.ts";
import { writeKeyFile } from "#platform/runtime/writeKeyFile.ts";
import { keyNames } from "../keyNames.ts";

/** Who deploys the contracts and gives out roles; on a chain that others founded, nobody. */
export const ADMINISTRATOR = "administrator";
/** A secret from which the keys of members and meters follow that are kept here: one file however many they are. */
export const MEMBERS = "members";

/** The key files of a community, a file each. */
export const KEY_FILES = [
  ADMINISTRATOR,
  keyNames.operator,
  keyNames.meterGateway,
  keyNames.registrar,
  keyNames.certifier,
  keyNames.supplier,
  keyNames.gridOperator,
  keyNames.fund,
  MEMBERS,
] as const;

const isFile = (name: string) => KEY_FILES.some((file) => file === name);
const pathOf = (folder: string, name: string) => join(folder, `${name}.json`);

/** Makes the keys that a folder lacks, and encrypts them; gives their names. A key that is there is never replaced. */
export function makeKeys(folder: string, passphrase: string): readonly string[] {
  const missing = KEY_FILES.filter((name) => !existsSync(pathOf(folder, name)));
  for (const name of missing)
    writeKeyFile({ path: pathOf(folder, name), privateKey: randomKey(), passphrase });
  return missing;
}

/** Keys of which an address can be told without opening its file. */
export type OwnKeys = Keyring & { addressOf(name: string): Address };

/**
 * The keys in a folder. A file is opened when its key is asked for first, so that a process needs those alone that it
 * signs with. Keys of members and meters follow from the secret in `members.json`.
 *
 * @throws KeyFileError when a file is missing or the passphrase does not open it; KeyAddressError when it holds another key
 *   than it says in clear
 */
export function openKeys(folder: string, passphrase: string | null): OwnKeys {
  const opened = new Map<string, KeyPair>();
  const read = (name: string): KeyPair => {
    const known = opened.get(name);
    if (known) return known;
    const hex = readKeyFile({ path: pathOf(folder, name), passphrase, warn: () => undefined });
    const privateKey = fromHex(hex);
    const pair = { privateKey, hex, address: addressOfKey(privateKey) };
    const said = addressInClear(folder, name);
    if (said !== null && said !== pair.address) throw new KeyAddressError(pathOf(folder, name), said);
    opened.set(name, pair);
    return pair;
  };
  let members: Keyring | null = null;
  const key = (name: string): KeyPair => {
    if (isFile(name)) return read(name);
    members ??= createKeyring(read(MEMBERS).hex);
    return members.key(name);
  };
  const inClear = (name: string) => (isFile(name) ? addressInClear(folder, name) : null);
  return { key, addressOf: (name) => inClear(name) ?? key(name).address };
}

const addressed = z.object({ address: z.string().regex(/^[0-9a-f]{40}$/) });

/** The address of a key file as the file says it in clear; null where there is no such file, or it says none. */
export function addressInClear(folder: string, name: string): Address | null {
  const path = pathOf(folder, name);
  if (!existsSync(path)) return null;
  const { success, data } = addressed.safeParse(jsonOrNull(readFileSync(path, "utf8")));
  return success ? `0x${data.address}` : null;
}

/** A hash of the system's randomness is a key with a chance of all but 2⁻¹²⁸. */
function randomKey(): Hex {
  for (;;) {
    const key = new Uint8Array(randomBytes(32));
    try {
      addressOfKey(key);
      return toHex(key);
    } catch {}
  }
}

export class KeyAddressError extends DomainError {
  readonly code = "keyAddress";

  constructor(path: string, said: string) {
    super(`the key file ${path} says the address ${said}, and holds the key of another`);
  }
}
