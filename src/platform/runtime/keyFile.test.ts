import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readKeyFile } from "./keyFile.ts";

const folder = mkdtempSync(join(tmpdir(), "commonwatt-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The test vectors of the Web3 Secret Storage definition. */
const KEY = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const pbkdf2 = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

function fileWith(text: string): string {
  const path = join(folder, "key");
  writeFileSync(path, text);
  return path;
}

test("an encrypted key file opens with its passphrase", () => {
  const path = fileWith(JSON.stringify(pbkdf2));
  expect(readKeyFile({ path, passphrase: "testpassword", warn: () => {} })).toBe(KEY);
});

test("a wrong passphrase, or none, is said", () => {
  const path = fileWith(JSON.stringify(pbkdf2));
  expect(() => readKeyFile({ path, passphrase: "other", warn: () => {} })).toThrow(
    /passphrase does not open/,
  );
  expect(() => readKeyFile({ path, passphrase: null, warn: () => {} })).toThrow(/COMMONWATT_PASSPHRASE/);
});

test("a key in clear is taken with a warning", () => {
  const warnings: string[] = [];
  const path = fileWith(`${KEY.slice(2)}\n`);
  expect(readKeyFile({ path, passphrase: null, warn: (text) => warnings.push(text) })).toBe(KEY);
  expect(warnings[0]).toMatch(/in clear/);
});

test.each(["", "{}", "0x12", `0x${"0".repeat(64)}`])("%j is no key file", (text) => {
  expect(() => readKeyFile({ path: fileWith(text), passphrase: null, warn: () => {} })).toThrow(
    /can't be used/,
  );
});
