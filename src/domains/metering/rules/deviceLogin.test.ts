import { expect, it } from "vitest";
import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { LOGIN_SECONDS, loginSigner, passwordOf, readLogin } from "./deviceLogin.ts";

const key = wordOf(77);
const meterId = toHex(wordOf(4));
const place = { chainId: 31_337, meterLedger: `0x${"ab".repeat(20)}` as Address };
const AT = 1_747_000_000;
const password = passwordOf({ meterId, at: AT }, place, key);

it("a device's password is its signature over its metering point and the time (R2.19)", () => {
  const login = readLogin(meterId, password)!;
  expect(login).toMatchObject({ meterId, at: AT });
  expect(loginSigner(login, place, AT + LOGIN_SECONDS)).toBe(addressOfKey(key));
});

it("a login counts for an hour, for its metering point and for its community alone", () => {
  const login = readLogin(meterId, password)!;
  expect(loginSigner(login, place, AT + LOGIN_SECONDS + 1)).toBeNull();
  expect(loginSigner(login, place, AT - LOGIN_SECONDS - 1)).toBeNull();
  const device = addressOfKey(key);
  expect(loginSigner({ ...login, meterId: toHex(wordOf(5)) }, place, AT)).not.toBe(device);
  expect(loginSigner({ ...login, at: AT + 1 }, place, AT)).not.toBe(device);
  expect(loginSigner(login, { ...place, chainId: 1 }, AT)).not.toBe(device);
});

it("what is no login is none", () => {
  for (const bad of ["", "secret", `${AT}.0x12`, `x${password}`, `${password}0`])
    expect(readLogin(meterId, bad), bad).toBeNull();
  expect(readLogin("mill-lane-1", password)).toBeNull();
});
