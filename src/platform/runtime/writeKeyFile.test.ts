import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Hex } from "#kernel/crypto/hex.ts";
import { readKeyFile } from "./keyFile.ts";
import { writeKeyFile } from "./writeKeyFile.ts";

const folder = mkdtempSync(join(tmpdir(), "commonwatt-write-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY: Hex = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const path = join(folder, "keys", "operator.json");

test("what is written opens with its passphrase alone, and its owner alone may read it (R2.19)", () => {
  writeKeyFile({ path, privateKey: KEY, passphrase: "correct horse" });
  expect(readKeyFile({ path, passphrase: "correct horse", warn: () => {} })).toBe(KEY);
  expect(() => readKeyFile({ path, passphrase: "wrong horse", warn: () => {} })).toThrow(
    "the passphrase does not open it",
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, "utf8");
  expect(text).not.toContain(KEY.slice(2));
  expect(JSON.parse(text)).toMatchObject({
    version: 3,
    address: "008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
    crypto: { cipher: "aes-128-ctr", kdf: "scrypt", kdfparams: { n: 131_072, r: 8, p: 1 } },
  });
});
