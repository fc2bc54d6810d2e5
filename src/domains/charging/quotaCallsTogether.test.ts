import fc from "fast-check";
import { expect, it } from "vitest";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { packCalls } from "#platform/chain/packCalls.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import { payEnergyCall, quotaCallsTogether, withdrawDepositCall } from "./quotaMarket.ts";

const ADDRESS = `0x${"11".repeat(20)}` as const;
const deployment = { chainId: 1, contracts: { quotaMarket: ADDRESS } } as unknown as Deployment;
const { abi } = quotaMarketContract;
/** Nodes take 128 kB of a transaction. */
const MOST_BYTES = 128_000;
const WORD = `0x${"22".repeat(32)}` as const;
/** A reading's proof in a page of 256. */
const PROOF = {
  ...{ reading: 1n, list: 0n, isSecond: false, otherList: 0n, otherTop: WORD },
  ...{ leaves: [WORD], nodes: Array.from({ length: 8 }, () => WORD), pages: [WORD, WORD] },
};
/** What a station settles: a payment with so many readings, and its withdrawal. */
const callsOf = (member: number, proofs: number) => {
  const station = { areaId: 1, period: 2, member };
  const evidence = Array.from({ length: proofs }, () => PROOF);
  return [payEnergyCall(deployment, station, evidence), withdrawDepositCall(deployment, station)];
};

it("calls the same for every station, once, in far fewer transactions that each fit", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(60_000), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 6 }),
      (members, proofs) => {
        const calls = members.flatMap((member) => callsOf(member, proofs));
        const transactions = packCalls(calls).map((some) => quotaCallsTogether(deployment, some));
        const called = transactions.flatMap(({ data }) => readCalls(abi, data));
        expect(called).toEqual(calls.flatMap(({ data }) => readCalls(abi, data)));
        for (const { data } of transactions) expect(data.length / 2).toBeLessThan(MOST_BYTES);
        expect(transactions.length).toBeLessThanOrEqual(Math.ceil(calls.length / 8));
      },
    ),
    { numRuns: 20 },
  );
});
