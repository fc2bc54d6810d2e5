import { expect, test } from "vitest";
import {
  clearingHouseContract,
  meterLedgerContract,
  participantRegistryContract,
  poolMarketContract,
} from "#platform/chain/contracts.generated.ts";
import { purposeWords } from "./purposes.ts";

/** What only another contract calls: no transaction has it as its purpose. */
const INNER = new Set(["hold", "release"]);

test("every function that a transaction can call has plain words", () => {
  const names = [participantRegistryContract, clearingHouseContract, meterLedgerContract, poolMarketContract]
    .flatMap(({ abi }) => [...abi])
    .filter((part) => part.type === "function")
    .filter(({ stateMutability }) => stateMutability === "nonpayable")
    .map(({ name }) => name)
    .filter((name) => !INNER.has(name));

  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => purposeWords(name) === name)).toEqual([]);
});

test("a function of no contract keeps its name, also one that every object has", () => {
  expect(purposeWords("toString")).toBe("toString");
  expect(purposeWords(null)).toBe("call of another contract");
});
