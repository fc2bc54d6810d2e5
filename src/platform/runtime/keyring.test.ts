import { privateKeyToAddress } from "viem/accounts";
import { expect, it } from "vitest";
import { createKeyring } from "./keyring.ts";

it("one secret gives one key a name, and another secret or name another key", () => {
  const keyring = createKeyring("demonstration riverside 13");
  const again = createKeyring("demonstration riverside 13");
  expect(keyring.key("operator")).toEqual(again.key("operator"));
  expect(keyring.key("operator")).toBe(keyring.key("operator"));
  const others = [
    keyring.key("home mill-lane-1"),
    keyring.key("device mill-lane-1"),
    createKeyring("demonstration riverside 14").key("operator"),
  ];
  const hexes = new Set([keyring.key("operator"), ...others].map(({ hex }) => hex));
  expect(hexes.size).toBe(4);
});

it("a name does not run into the secret", () => {
  expect(createKeyring("a").key("b c").hex).not.toBe(createKeyring("a b").key("c").hex);
});

it("a key's address is its own", () => {
  const { hex, privateKey, address } = createKeyring("x").key("supplier");
  expect(Buffer.from(privateKey).toString("hex")).toBe(hex.slice(2));
  expect(address).toBe(privateKeyToAddress(hex).toLowerCase());
});
