import { encodeErrorResult } from "viem";
import { expect, it } from "vitest";
import { ContractRefusalError, refusalOf } from "./contractRefusal.ts";
import { clearingHouseContract, poolMarketContract, testTokenContract } from "./contracts.generated.ts";

it("names the error that a contract raised, with its values and their units", () => {
  const data = encodeErrorResult({
    abi: poolMarketContract.abi,
    errorName: "GateOpen",
    args: [77, 1_800n],
  });
  const refusal = refusalOf("clearUniform", data);
  expect(refusal).toBeInstanceOf(ContractRefusalError);
  expect(refusal).toMatchObject({
    code: "contractRefusal",
    refusal: "GateOpen",
    values: { intervalId: "77", closesAt: "1800" },
    message: "clearUniform was refused: GateOpen (intervalId 77, closesAt 1800)",
  });
});

it("knows the errors of the money and of the currency too", () => {
  const account = "0x00000000000000000000000000000000000000aa";
  const house = encodeErrorResult({ abi: clearingHouseContract.abi, errorName: "ZeroAmount" });
  expect(refusalOf("deposit", house).message).toBe("deposit was refused: ZeroAmount");
  const token = encodeErrorResult({
    abi: testTokenContract.abi,
    errorName: "ERC20InsufficientBalance",
    args: [account, 1n, 2n],
  });
  expect(refusalOf("deposit", token).refusal).toBe("ERC20InsufficientBalance");
});

it.each([
  [undefined, "no reason given"],
  ["0x" as const, "no reason given"],
  ["0xdeadbeef" as const, "0xdeadbeef"],
])("passes on revert data %s that no contract of ours raises", (data, refusal) => {
  expect(refusalOf("settle", data)).toMatchObject({ refusal, values: {} });
});
