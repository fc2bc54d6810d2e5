import { type Address, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";

/** A private key and the address that it answers to. */
export type KeyPair = { readonly privateKey: Uint8Array; readonly hex: Hex; readonly address: Address };

/** Derives the keys of roles, homes and their meters from one secret; nothing of it is stored (R2.19). */
export type Keyring = { key(name: string): KeyPair };

/**
 * A keyring from a secret. The same secret gives the same keys: a demonstration's secret is its scenario's name and
 * seed, known to everybody, so its keys guard nothing but test currency.
 */
export function createKeyring(secret: string): Keyring {
  const root = keccak256Text(`commonwatt keyring\n${secret}`);
  const keys = new Map<string, KeyPair>();
  return {
    key(name) {
      const known = keys.get(name);
      if (known) return known;
      const privateKey = validKey(keccak256(root, keccak256Text(name)));
      const pair = { privateKey, hex: toHex(privateKey), address: addressOfKey(privateKey) };
      keys.set(name, pair);
      return pair;
    },
  };
}

/** A key is a number from 1 to the order of secp256k1 less one; a hash is outside with a chance of 2⁻¹²⁸. */
function validKey(hash: Uint8Array): Uint8Array {
  try {
    addressOfKey(hash);
    return hash;
  } catch {
    return validKey(keccak256(hash, wordOf(1)));
  }
}
