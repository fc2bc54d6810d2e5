import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { DomainError } from "#kernel/units/domainError.ts";

const hex = z.string().regex(/^(0x)?([0-9a-fA-F]{2})+$/);
/** Web3 Secret Storage, version 3: what geth, Foundry's `cast wallet` and most wallets write. */
const keystoreSchema = z.object({
  version: z.literal(3),
  crypto: z.object({
    cipher: z.literal("aes-128-ctr"),
    cipherparams: z.object({ iv: hex }),
    ciphertext: hex,
    mac: hex,
    kdf: z.enum(["scrypt", "pbkdf2"]),
    kdfparams: z.object({
      salt: hex,
      dklen: z.literal(32),
      n: z
        .number()
        .int()
        .max(2 ** 20)
        .optional(),
      r: z.number().int().max(64).optional(),
      p: z.number().int().max(16).optional(),
      c: z.number().int().max(10_000_000).optional(),
    }),
  }),
});
type Keystore = z.infer<typeof keystoreSchema>;

/** Memory that scrypt may take: the usual parameters need 256 MiB. */
const SCRYPT_MEMORY = 2 ** 30;

/**
 * Reads a private key: an encrypted key file (Web3 Secret Storage v3) with its passphrase, or 64 hexadecimal digits in
 * clear, of which `warn` is told (R2.19).
 *
 * @throws KeyFileError when the file is neither, or the passphrase is wrong
 */
export function readKeyFile({
  path,
  passphrase,
  warn,
}: {
  path: string;
  passphrase: string | null;
  warn: (sentence: string) => void;
}): Hex {
  const text = readText(path).trim();
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) {
    warn(`${path} holds its key in clear; an encrypted key file is safer`);
    return requireKey(path, text);
  }
  const parsed = keystoreSchema.safeParse(parseJson(path, text));
  if (!parsed.success)
    throw new KeyFileError(path, "it is no key file of version 3, nor 64 hexadecimal digits");
  if (passphrase === null)
    throw new KeyFileError(path, "it is encrypted: set COMMONWATT_PASSPHRASE to its passphrase");
  return requireKey(path, toHex(decrypt(path, parsed.data, passphrase)));
}

function decrypt(path: string, { crypto }: Keystore, passphrase: string): Uint8Array {
  const derived = deriveKey(path, crypto, passphrase);
  const ciphertext = bytesOf(crypto.ciphertext);
  const mac = keccak256(derived.subarray(16, 32), ciphertext);
  const expected = bytesOf(crypto.mac);
  if (expected.length !== mac.length || !timingSafeEqual(mac, expected))
    throw new KeyFileError(path, "the passphrase does not open it");
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), bytesOf(crypto.cipherparams.iv));
  return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

function deriveKey(path: string, { kdf, kdfparams }: Keystore["crypto"], passphrase: string): Uint8Array {
  const salt = bytesOf(kdfparams.salt);
  const { n, r, p, c } = kdfparams;
  if (kdf === "scrypt" && n && r && p)
    return new Uint8Array(scryptSync(passphrase, salt, 32, { N: n, r, p, maxmem: SCRYPT_MEMORY }));
  if (kdf === "pbkdf2" && c) return new Uint8Array(pbkdf2Sync(passphrase, salt, c, 32, "sha256"));
  throw new KeyFileError(path, `the parameters of its ${kdf} are missing`);
}

function requireKey(path: string, text: string): Hex {
  const key = (text.startsWith("0x") ? text.toLowerCase() : `0x${text.toLowerCase()}`) as Hex;
  try {
    addressOfKey(fromHex(key));
    return key;
  } catch {
    throw new KeyFileError(path, "what it holds is no private key");
  }
}

function bytesOf(text: string): Uint8Array {
  return fromHex(`0x${text.replace(/^0x/, "")}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KeyFileError(path, "it can't be read", { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KeyFileError(path, "it is no key file of version 3, nor 64 hexadecimal digits", { cause });
  }
}

export class KeyFileError extends DomainError {
  readonly code = "keyFileUnusable";

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`the key file ${path} can't be used: ${reason}`, options);
  }
}
