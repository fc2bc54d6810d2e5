import { encodeFunctionData, parseAbi, toEventSelector } from "viem";
import { expect, it } from "vitest";
import { abiOfCall, abiOfLog } from "./abiOf.ts";

const ABI = parseAbi([
  "function add(uint256 amount)",
  "function take(uint256 amount)",
  "event Added(uint256 amount)",
  "event Taken(uint256 amount)",
]);

it("gives the function that is called, and the event that was written", () => {
  const input = encodeFunctionData({ abi: ABI, functionName: "take", args: [7n] });
  expect(abiOfCall(ABI, input)).toEqual([ABI[1]]);
  expect(abiOfLog(ABI, [toEventSelector("Taken(uint256)")])).toEqual([ABI[3]]);
});

it("gives the whole interface for what is not in it, so that the decoder refuses it as ever", () => {
  expect(abiOfCall(ABI, "0x12345678")).toBe(ABI);
  expect(abiOfCall(ABI, "0x")).toBe(ABI);
  expect(abiOfLog(ABI, [])).toBe(ABI);
});
