import fc from "fast-check";
import { hashDomain, hashTypedData, keccak256 as viemKeccak } from "viem";
import { expect, it } from "vitest";
import { addresses, bytes32, places } from "#domains/pool/check/evidence.fixture.ts";
import { fromHex, toHex, wordOf } from "./hex.ts";
import { domainSeparator, keccak256, keccak256Text, typedDigest } from "./typedData.ts";

const DOMAIN_FIELDS = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
] as const;

it("a hash over parts is the hash over all their bytes", () => {
  const part = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      expect(toHex(keccak256(...parts))).toBe(viemKeccak(Buffer.concat(parts)));
    }),
  );
});

it("a domain separator is EIP-712's, with version 1", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), places, (name, { chainId, contract }) => {
      const domain = { name, version: "1", chainId, verifyingContract: contract };
      const expected = hashDomain({
        domain: { ...domain, chainId: BigInt(chainId) },
        types: { EIP712Domain: [...DOMAIN_FIELDS] },
      });
      expect(toHex(domainSeparator({ name, chainId, verifyingContract: contract }))).toBe(expected);
    }),
  );
});

it("a device certificate's digest is EIP-712's", () => {
  const typeHash = keccak256Text("DeviceCertificate(bytes32 meterId,address deviceKey)");
  const name = "Commonwatt ParticipantRegistry";
  fc.assert(
    fc.property(bytes32, addresses, places, (meterId, deviceKey, { chainId, contract }) => {
      const separator = domainSeparator({ name, chainId, verifyingContract: contract });
      const digest = typedDigest(separator, typeHash, [fromHex(meterId), wordOf(BigInt(deviceKey))]);
      expect(toHex(digest)).toBe(
        hashTypedData({
          domain: { name, version: "1", chainId, verifyingContract: contract },
          types: {
            DeviceCertificate: [
              { name: "meterId", type: "bytes32" },
              { name: "deviceKey", type: "address" },
            ],
          },
          primaryType: "DeviceCertificate",
          message: { meterId, deviceKey },
        }),
      );
    }),
  );
});
