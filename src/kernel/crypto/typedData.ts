import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type Address, wordOf } from "./hex.ts";
import { keccak256Bytes } from "./keccak.ts";

/** The contract that a signature is meant for: no signature is valid for another contract or chain (EIP-712). */
export type SigningDomain = {
  readonly name: string;
  readonly chainId: number;
  readonly verifyingContract: Address;
};

const DOMAIN_TYPE = keccak256Text(
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
);
const VERSION = keccak256Text("1");

export function keccak256(...parts: Uint8Array[]): Uint8Array {
  return keccak256Bytes(parts.length === 1 && parts[0] ? parts[0] : concatBytes(...parts));
}

export function keccak256Text(text: string): Uint8Array {
  return keccak256Bytes(utf8ToBytes(text));
}

/** EIP-712 domain separator, 32 bytes. */
export function domainSeparator({ name, chainId, verifyingContract }: SigningDomain): Uint8Array {
  return keccak256(
    DOMAIN_TYPE,
    keccak256Text(name),
    VERSION,
    wordOf(chainId),
    wordOf(BigInt(verifyingContract)),
  );
}

/** EIP-712 digest of a struct of static fields: what is signed. */
export function typedDigest(separator: Uint8Array, typeHash: Uint8Array, fields: Uint8Array[]): Uint8Array {
  return keccak256(Uint8Array.of(0x19, 0x01), separator, keccak256(typeHash, ...fields));
}
