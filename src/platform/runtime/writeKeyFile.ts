import { randomBytes, scryptSync } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { encrypt } from "ox/Keystore";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";

/** scrypt's work: 128 MiB and some tenths of a second, which anyone who guesses passphrases has to spend on each guess. */
const SCRYPT = { n: 131_072, r: 8, p: 1 } as const;
const SCRYPT_MEMORY = 2 ** 28;
/** Readable and writable by who runs the program, and by nobody else. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * Writes a private key as an encrypted key file (Web3 Secret Storage v3, scrypt), readable by its owner alone (R2.19). The
 * address stands in clear, so that it can be told without the passphrase.
 */
export function writeKeyFile({
  path,
  privateKey,
  passphrase,
}: {
  readonly path: string;
  readonly privateKey: Hex;
  readonly passphrase: string;
}): void {
  const salt = randomBytes(32);
  const { n: N, r, p } = SCRYPT;
  const key = scryptSync(passphrase, salt, 32, { N, r, p, maxmem: SCRYPT_MEMORY });
  const kdfparams = { ...SCRYPT, dklen: 32, salt: salt.toString("hex") };
  const keystore = encrypt(privateKey, `0x${key.toString("hex")}`, {
    kdf: "scrypt",
    kdfparams,
    iv: new Uint8Array(randomBytes(16)),
  });
  const address = addressOfKey(fromHex(privateKey)).slice(2);
  mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  writeFileAside(path, Buffer.from(`${JSON.stringify({ address, ...keystore }, null, 2)}\n`), PRIVATE_FILE);
}
