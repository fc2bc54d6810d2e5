import fc from "fast-check";
import { hashTypedData } from "viem";
import { expect, it } from "vitest";
import { keys, places, readings } from "#domains/pool/check/evidence.fixture.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import {
  ledgerSeparator,
  openReadingWord,
  QUALITY_NUMBER,
  readingDigest,
  readingSigner,
  readingWord,
  signReading,
} from "./meterReading.ts";

const FIELDS = [
  { name: "meterId", type: "bytes32" },
  { name: "areaId", type: "uint16" },
  { name: "intervalId", type: "uint32" },
  { name: "importWh", type: "uint32" },
  { name: "exportWh", type: "uint32" },
  { name: "quality", type: "uint8" },
  { name: "version", type: "uint8" },
];

it("a reading's digest is EIP-712's", () => {
  fc.assert(
    fc.property(readings, places, (reading, { chainId, contract }) => {
      const { member: _, quality, ...fields } = reading;
      const expected = hashTypedData({
        domain: { name: "Commonwatt MeterLedger", version: "1", chainId, verifyingContract: contract },
        types: { MeterReading: FIELDS },
        primaryType: "MeterReading",
        message: { ...fields, quality: QUALITY_NUMBER[quality] },
      });
      expect(toHex(readingDigest(reading, ledgerSeparator(chainId, contract)))).toBe(expected);
    }),
  );
});

it("a reading is its device's, and no longer once it is altered", () => {
  fc.assert(
    fc.property(readings, places, keys, (reading, { chainId, contract }, key) => {
      const separator = ledgerSeparator(chainId, contract);
      const signed = signReading(reading, separator, key);
      expect(readingSigner(signed, separator)).toBe(addressOfKey(key));
      const altered = [
        { ...signed, importWh: signed.importWh ^ 1 },
        { ...signed, exportWh: (signed.exportWh + 1) % 2 ** 32 },
        {
          ...signed,
          quality: signed.quality === "measured" ? ("estimated" as const) : ("measured" as const),
        },
        { ...signed, intervalId: (signed.intervalId + 1) % 2 ** 32 },
        { ...signed, version: (signed.version % 255) + 1 },
      ];
      for (const other of altered) {
        if (JSON.stringify(other) === JSON.stringify(signed)) continue;
        expect(readingSigner(other, separator)).not.toBe(addressOfKey(key));
      }
    }),
  );
});

it("a reading's word opens to its member, energies and quality, and fits 256 bits", () => {
  fc.assert(
    fc.property(readings, keys, fc.integer({ min: 0, max: 2 ** 16 - 1 }), (reading, key, member) => {
      const signed = signReading({ ...reading, member }, new Uint8Array(32), key);
      const word = readingWord(signed);
      const { importWh, exportWh, quality } = reading;
      expect(openReadingWord(word)).toEqual({ member, importWh, exportWh, quality });
      expect(word >> 256n).toBe(0n);
      expect((word >> 200n) & (2n ** 40n - 1n)).toBe(0n);
    }),
  );
});

it("two devices' words of one reading differ: the salt is the signature's (R1.3)", () => {
  fc.assert(
    fc.property(readings, keys, keys, (reading, key, other) => {
      fc.pre(toHex(key) !== toHex(other));
      const words = [key, other].map((k) => readingWord(signReading(reading, new Uint8Array(32), k)));
      expect(words[0]).not.toBe(words[1]);
      expect(words[0]! >> 128n).toBe(words[1]! >> 128n);
    }),
  );
});

it("a quality of a later version opens as missing", () => {
  expect(openReadingWord(9n << 128n).quality).toBe("missing");
});
