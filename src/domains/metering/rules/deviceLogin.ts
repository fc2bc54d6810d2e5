import { type Address, fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";

/** How a device says who it is: its metering point, the time, unix seconds, and its signature over both. */
export type DeviceLogin = { readonly meterId: Hex; readonly at: number; readonly signature: Hex };

/** Where a login counts: it opens nothing elsewhere. */
export type LoginPlace = { readonly chainId: number; readonly meterLedger: Address };

/** A login counts as long after and before its time: clocks of devices are not exact. */
export const LOGIN_SECONDS = 3_600;

const PASSWORD = /^(\d{9,12})\.(0x[0-9a-f]{128})$/;

/** The password of a device whose name is its metering point: a signature, so that nothing secret is stored anywhere (R2.19). */
export function passwordOf(
  { meterId, at }: Omit<DeviceLogin, "signature">,
  place: LoginPlace,
  deviceKey: Uint8Array,
): string {
  return `${at}.${toHex(signDigest(loginDigest({ meterId, at }, place), deviceKey))}`;
}

/** The login of a name and a password; null when they are none. */
export function readLogin(name: string, password: string): DeviceLogin | null {
  const [, at, signature] = PASSWORD.exec(password) ?? [];
  if (at === undefined || signature === undefined || !/^0x[0-9a-f]{64}$/.test(name)) return null;
  return { meterId: name as Hex, at: Number(at), signature: signature as Hex };
}

/** Who signed a login at about this time, unix seconds; null when nobody did, or it is too old or too new. */
export function loginSigner(login: DeviceLogin, place: LoginPlace, now: number): Address | null {
  if (Math.abs(now - login.at) > LOGIN_SECONDS) return null;
  return recoverSigner(loginDigest(login, place), fromHex(login.signature));
}

function loginDigest(
  { meterId, at }: Omit<DeviceLogin, "signature">,
  { chainId, meterLedger }: LoginPlace,
): Uint8Array {
  return keccak256Text(`Commonwatt device login\n${chainId}\n${meterLedger}\n${meterId}\n${at}`);
}
