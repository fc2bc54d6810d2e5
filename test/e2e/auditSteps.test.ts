import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditHistory, auditNetwork } from "#domains/audit.ts";
import { type AuditedCommunity, giveBack, runAuditedCommunity } from "./auditedCommunity.fixture.ts";
import { type Change, change, drop, sourcesOf } from "./tampering.fixture.ts";

describe("midpoints, clearings in several steps", () => {
  let community: AuditedCommunity;

  beforeAll(async () => {
    community = await runAuditedCommunity("brooklyn", {
      intervals: 5,
      stepping: { orders: 3, unfinished: [2], unsettled: [3] },
    });
  });
  afterAll(() => community.stop());

  const audit = () => {
    const { network, founded } = community.node;
    return auditNetwork({ network, deployment: founded.deployment, ...sourcesOf(community) });
  };

  it("is clean, with an interval open and a clearing unfinished", async () => {
    const events = await community.events();
    const steps = events.filter(({ kind }) => kind === "stepVerified").length;
    expect(steps).toBeGreaterThan(5);
    expect(await audit()).toMatchObject({
      verdict: "clean",
      checked: { "pool.clearings": 4, "pool.settlements": 3, "pool.openIntervals": 2, "pool.returned": 0 },
      notes: [],
    });
  });

  it.each<[string, Change, string]>([
    ["a step is left out", drop("stepVerified"), "unexplainedMovement"],
    [
      "another outcome in a later step",
      change(
        "intervalCleared",
        (e) => ({
          submission: { ...e.submission, outcome: { ...e.submission!.outcome, lastMember: 999 } },
        }),
        (e) => e.clearedWh > 0n,
      ),
      "outcomeChanged",
    ],
    ["a step of another attempt", change("stepVerified", () => ({ attempt: 1 })), "attempt"],
    [
      "other positions than the steps before came to",
      change(
        "intervalCleared",
        ({ submission }) => {
          const before = submission!.before.map((words) => words.map((word) => word + 1n));
          return { submission: { ...submission, before } };
        },
        ({ submission }) => (submission?.before.flat().length ?? 0) > 0,
      ),
      "positions",
    ],
  ])("names it: %s", async (_what, edit, rule) => {
    const { deployment } = community.node.founded;
    const report = await auditHistory({ events: edit(await community.events()), deployment });
    expect(report).toMatchObject({ verdict: "discrepancy", discrepancy: { rule } });
  });

  it("is clean when both were given back", async () => {
    const { deployment } = community.node.founded;
    await giveBack(community, [2, 3]);
    expect(await audit()).toMatchObject({
      verdict: "clean",
      checked: {
        ...{ "pool.clearings": 4, "pool.settlements": 3, "pool.openIntervals": 0 },
        ...{ "pool.abandoned": 1, "pool.returned": 2 },
      },
      notes: [],
    });
    const events = await community.events();
    const late = (e: { timestamp: number }) => ({ timestamp: e.timestamp - 15 * 86_400 });
    const isSecond = (e: { intervalId: number }) => e.intervalId === community.scenario.firstIntervalId + 3;
    const changed = change("pageReturned", late, isSecond)(events);
    expect(await auditHistory({ events: changed, deployment })).toMatchObject({
      discrepancy: { rule: "tooEarlyToReturn" },
    });
  });

  it("hashes blocks of many transactions of all kinds", async () => {
    const { client } = community.node.network;
    const account = privateKeyToAccount(community.node.chain.fundingPrivateKey);
    const nonce = await client.getTransactionCount(account);
    const common = { chainId: client.chain!.id, gas: 30_000n, to: account.address };
    const accessList = [{ address: account.address, storageKeys: [`0x${"1".repeat(64)}` as const] }];
    await client.request({ method: "evm_setAutomine" as never, params: [false] as never });
    for (let i = 0; i < 140; i += 1) {
      const base = { ...common, nonce: nonce + i, value: BigInt(i % 5) };
      const serializedTransaction = await [
        () => account.signTransaction({ ...base, type: "legacy", gasPrice: 0n }),
        () =>
          account.signTransaction({ ...base, type: "eip1559", maxFeePerGas: 9n, maxPriorityFeePerGas: 0n }),
        () => account.signTransaction({ ...base, type: "eip2930", gasPrice: 0n, accessList }),
      ][i % 3]!();
      await client.sendRawTransaction({ serializedTransaction });
    }
    await community.node.chain.mine();
    await client.request({ method: "evm_setAutomine" as never, params: [true] as never });
    expect((await client.getBlock()).transactions).toHaveLength(140);
    expect(await audit()).toMatchObject({ verdict: "clean", toBlock: Number(await client.getBlockNumber()) });
  });

  it("is clean when the chain was started again from its disk", async () => {
    const before = await audit();
    const { network, founded } = await community.reopen();
    const { deployment } = founded;
    expect(await auditNetwork({ network, deployment, ...sourcesOf(community) })).toEqual(before);
  });
});
