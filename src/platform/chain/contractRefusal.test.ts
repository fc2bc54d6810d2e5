import { encodeErrorResult } from "viem";
import { expect, it } from "vitest";
import { clearingHouseContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import { ContractRefusalError, refusalOf } from "./contractRefusal.ts";

it("names the error that a contract raised, with its values and their units", () => {
  const { abi } = poolMarketContract;
  const data = encodeErrorResult({
    abi: poolMarketContract.abi,
    errorName: "GateOpen",
    args: [77, 1_800n],
  });
  const refusal = refusalOf({ label: "clearUniform", abi }, data);
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
  expect(refusalOf({ label: "deposit", abi: poolMarketContract.abi }, house).message).toBe(
    "deposit was refused: ZeroAmount",
  );
  const token = encodeErrorResult({
    abi: testTokenContract.abi,
    errorName: "ERC20InsufficientBalance",
    args: [account, 1n, 2n],
  });
  expect(refusalOf({ label: "deposit", abi: clearingHouseContract.abi }, token).refusal).toBe(
    "ERC20InsufficientBalance",
  );
});

it.each([
  [undefined, "no reason given"],
  ["0x" as const, "no reason given"],
  ["0xdeadbeef" as const, "0xdeadbeef"],
])("passes on revert data %s that no contract of ours raises", (data, refusal) => {
  expect(refusalOf({ label: "settle", abi: poolMarketContract.abi }, data)).toMatchObject({
    refusal,
    values: {},
  });
});
