import { encodeFunctionData, type Hex, parseAbi } from "viem";
import { expect, it } from "vitest";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import { type Submission, submissionsOf, takeReturn, takeSettlement } from "./submissions.ts";

const BATCH = parseAbi(["function multicall(bytes[] data)"]);
const abi = [...poolMarketContract.abi, ...BATCH];

const returnPage = (intervalId: number, page: number, word: bigint): Hex =>
  encodeFunctionData({
    abi: poolMarketContract.abi,
    functionName: "returnPage",
    args: [1, intervalId, 0, page, [word]],
  });
const settle = (intervalId: number, page: number, word: bigint): Hex =>
  encodeFunctionData({
    abi: poolMarketContract.abi,
    functionName: "settle",
    args: [1, intervalId, page, [word], NO_READINGS],
  });
const NO_READINGS = { lists: [0n, 0n], opened: [0n, 0n], leaves: "0x", pages: [] } as const;
const batch = (...data: Hex[]): Hex =>
  encodeFunctionData({ abi: BATCH, functionName: "multicall", args: [data] });

it("finds the calls within a call, in order, and none in what is no call", () => {
  const data = batch(returnPage(7, 0, 1n), batch(returnPage(7, 1, 2n)), returnPage(8, 0, 3n));
  expect(readCalls(abi, data).map(({ args }) => [args[1], args[3]])).toEqual([
    [7, 0],
    [7, 1],
    [8, 0],
  ]);
  expect(readCalls(abi, "0x12345678")).toEqual([]);
  expect(readCalls(abi, "0x")).toEqual([]);
});

it("ends where calls are nested without end", () => {
  const endless = [1, 2, 3, 4].reduce((data) => batch(data), returnPage(7, 0, 1n));
  expect(readCalls(abi, endless)).toEqual([]);
});

it("gives each event what its own call of the transaction brought, once", () => {
  const list: Submission[] = [returnPage(7, 0, 1n), settle(7, 0, 2n), returnPage(8, 0, 3n)].flatMap(
    submissionsOf,
  );
  expect(takeReturn(list, { areaId: 1, intervalId: 8, page: 0 })?.positions).toEqual([3n]);
  expect(takeReturn(list, { areaId: 1, intervalId: 7, page: 0 })?.positions).toEqual([1n]);
  expect(takeSettlement(list, { areaId: 1, intervalId: 7, page: 0 })).toEqual({
    positions: [2n],
    readings: NO_READINGS,
  });
  expect(takeReturn(list, { areaId: 1, intervalId: 7, page: 0 })).toBeNull();
});
