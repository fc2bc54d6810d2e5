import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditHistory, auditNetwork } from "#domains/audit.ts";
import type { ChargingEvent } from "#domains/charging/events.ts";
import { depotKeys, foundDepot } from "#domains/charging/shanghai/depot.ts";
import { computeCase } from "#domains/charging/shanghai/quotaOutcome.ts";
import { runPeriod } from "#domains/charging/shanghai/runPeriod.ts";
import { DELIVERY_AT, shanghaiTerms } from "#domains/charging/shanghai/shanghaiCase.ts";
import { CONTRACTS, type DomainEvent } from "#domains/domains.ts";
import type { ChainEvent, Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readHistory } from "#platform/chain/history.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";

/* A period of quotas is audited from the chain: what the contracts did is computed anew, and what they would not do is named. */

const INTERVAL_SECONDS = 900;
const MARGIN_W = 323_000;

const directory = mkdtempSync(join(tmpdir(), "commonwatt-quotas-"));
let chain: EmbeddedChain;
let network: Network;
let deployment: Deployment;
const events: ChainEvent[] = [];

beforeAll(async () => {
  chain = await startEmbeddedChain({ directory, chainId: 52_010, genesisTimestamp: DELIVERY_AT - 86_400 });
  network = await connectNetwork({ rpcUrl: chain.rpcUrl, request: chain.request, gasPrice: 0n });
  const keyring = createKeyring("audited quotas");
  const admin = createSender(network, chain.fundingPrivateKey);
  const certifier = keyring.key(depotKeys.certifier).address;
  const holders = { registrar: admin.address, operator: admin.address, certifier };
  deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders });
  const base = { network, deployment, keyring, admin, intervalSeconds: INTERVAL_SECONDS };
  const depot = await foundDepot({ ...base, terms: shanghaiTerms("midpoint") });
  const setTime = chain.setNextBlockTime;
  const what = { marginW: MARGIN_W, pricing: "midpoint", intervalSeconds: INTERVAL_SECONDS } as const;
  await runPeriod({ ...what, depot, setTime, settling: "grouped", importWh: computeCase(what).importWh });
  const toBlock = Number(await network.client.getBlockNumber());
  // An audit reads the currency's transfers as well.
  const specs = CONTRACTS.map(({ isForAudit: _, ...spec }) => spec);
  const range = { client: network.client, deployment, specs, fromBlock: 0, toBlock };
  for await (const event of readHistory(range)) events.push(event);
});

afterAll(async () => {
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe("the audit of a period of quotas", () => {
  it("computes all of it anew, from the chain alone", async () => {
    const report = await auditNetwork({ network, deployment });
    expect(report).toMatchObject({ verdict: "clean" });
    expect(report.checked).toMatchObject({
      "charging.demands": 8,
      "charging.allocations": 1,
      "charging.orders": 8,
      "charging.auctions": 1,
      "charging.payments": 8,
      "charging.openPeriods": 0,
    });
  });

  it("has nothing against the true history", async () => {
    expect(await auditHistory({ events: events as DomainEvent[], deployment })).toMatchObject({
      verdict: "clean",
    });
  });

  it.each<[string, ChargingEvent["kind"], (event: never) => object | null, string]>([
    ["a margin of more than is left", "periodInitialized", () => ({ marginW: MARGIN_W + 1 }), "quotaMargin"],
    ["a margin said by another", "periodInitialized", () => ({ sender: zero }), "quotaDso"],
    ["a margin said too late", "periodInitialized", () => ({ timestamp: DELIVERY_AT }), "quotaWindow"],
    ["a demand above the connection", "demandSubmitted", () => ({ demandW: 100_001 }), "quotaDemand"],
    ["a deposit below what is needed", "demandSubmitted", () => ({ depositMicro: 1n }), "quotaDeposit"],
    ["another division of the margin", "quotasAllocated", () => ({ cutMember: 1 }), "quotaAllocation"],
    ["a trade that nobody made", "quotaTraded", () => ({ quotaW: 1 }), "quotaTrades"],
    ["a trade that is not told", "quotaTraded", () => null, "quotaTrades"],
    ["another price", "quotasCleared", () => ({ localPriceMicroPerKw: 1 }), "quotaAuction"],
    ["a hidden auction", "quotasCleared", () => ({ submission: null }), "hiddenSubmission"],
    ["an order left out", "quotasCleared", withoutAnOrder, "quotaAuction"],
    ["an order that nobody signed", "quotasCleared", withAnotherOrder, "orderSignature"],
    ["a fee of other energy", "energyPaid", () => ({ feeMicro: 1n }), "quotaPayment"],
    ["a reading that was not published", "energyPaid", withAnotherReading, "quotaReading"],
    ["a payment that is not told beside others", "energyPaid", () => null, "quotaMoney"],
    ["more of a deposit than is left", "depositWithdrawn", () => ({ amountMicro: 1n }), "quotaWithdrawal"],
  ])("names %s", async (_what, kind, change, rule) => {
    const report = await auditHistory({ events: changed(kind, change), deployment });
    expect(report).toMatchObject({ verdict: "discrepancy", discrepancy: { rule } });
  });
});

const zero = `0x${"0".repeat(40)}`;

/** The history with the first event of a kind changed, or left out. */
function changed(kind: string, change: (event: never) => object | null): DomainEvent[] {
  const first = events.findIndex((event) => event.kind === kind);
  return events.flatMap((event, i) => {
    if (i !== first) return [event as DomainEvent];
    const fact = change(event as never);
    return fact ? [{ ...event, ...fact } as DomainEvent] : [];
  });
}

function withoutAnOrder({ submission }: ChargingEvent<"quotasCleared">) {
  return { submission: { ...submission!, bids: submission!.bids.slice(1) } };
}

function withAnotherOrder({ submission }: ChargingEvent<"quotasCleared">) {
  const [best, ...others] = submission!.bids;
  return { submission: { ...submission!, bids: [{ ...best!, quantity: 1 }, ...others] } };
}

function withAnotherReading({ submission }: ChargingEvent<"energyPaid">) {
  const [first, ...others] = submission!;
  const reading = { ...first!.reading, reading: first!.reading.reading ^ 1n };
  return { submission: [{ ...first!, reading }, ...others] };
}
