import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { depotKeys, foundDepot } from "#domains/charging/shanghai/depot.ts";
import {
  type ComputedCase,
  computeCase,
  type QuotaOutcome,
} from "#domains/charging/shanghai/quotaOutcome.ts";
import { type QuotaReport, reportQuotas } from "#domains/charging/shanghai/quotaReport.ts";
import { type PeriodRun, runPeriod } from "#domains/charging/shanghai/runPeriod.ts";
import { DELIVERY_AT, MARGINS_KW, STATIONS, shanghaiTerms } from "#domains/charging/shanghai/shanghaiCase.ts";
import { CONTRACTS } from "#domains/domains.ts";
import { PRICINGS, type Pricing } from "#kernel/auction/order.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { createProgress } from "./progress.ts";
import { renderQuotas } from "./quotaTables.ts";
import { registerTwoStage } from "./reproduceTwoStage.ts";

type Options = {
  readonly margin: string;
  readonly pricing: Pricing;
  readonly grouped?: true;
  readonly json?: true;
};

const CHAIN_ID = 52_009;
/** The chain begins a day before the period: time to found the depot. */
const FOUNDING_SECONDS = 86_400;
/** Energy is read twice a period. */
const INTERVAL_SECONDS = 900;
/** Gas costs nothing on the embedded chain. */
const GAS_PRICE = 0n;

/** `commonwatt reproduce`: runs a published case and prints its figures beside ours. */
export function registerReproduce(program: Command): void {
  const reproduce = program
    .command("reproduce")
    .description("run a published case and print its figures beside ours")
    .exitOverride();
  registerQuotaCase(reproduce);
  registerTwoStage(reproduce);
}

function registerQuotaCase(reproduce: Command): void {
  reproduce
    .command("ev-quota")
    .description("charging stations behind one transformer share its margin: eight stations in Shanghai")
    .addOption(
      new Option("--margin <kW>", "margin of the transformer: 323 is computed with in print, 343 is printed")
        .choices(MARGINS_KW.map(String))
        .default("323"),
    )
    .addOption(
      new Option("--pricing <rule>", "the midpoint of each matched pair, or one price for all")
        .choices(PRICINGS)
        .default("midpoint"),
    )
    .option("--grouped", "settle all stations together, in as few transactions as they fit")
    .option("--json", "print one JSON value instead of tables")
    .allowExcessArguments(false)
    .exitOverride()
    .action(reproduceQuotas);
}

async function reproduceQuotas({ margin, pricing, grouped, json }: Options): Promise<void> {
  const marginW = Number(margin) * 1_000;
  const computed = computeCase({ marginW, pricing, intervalSeconds: INTERVAL_SECONDS });
  const progress = createProgress(process.stderr);
  const settling = grouped ? "grouped" : "oneByOne";
  const report = await onEmbeddedChain((chain) =>
    runOnChain({ chain, computed, marginW, pricing, settling, say: progress.say }),
  );
  process.stdout.write(
    json ? `${JSON.stringify(report)}\n` : renderQuotas({ report, computed, marginW, pricing }),
  );
}

/** @throws OtherOutcomeError when the chain comes to something else than the rules */
async function runOnChain({
  chain,
  computed,
  marginW,
  pricing,
  settling,
  say,
}: {
  readonly chain: EmbeddedChain;
  readonly computed: ComputedCase;
  readonly marginW: number;
  readonly pricing: Pricing;
  readonly settling: PeriodRun["settling"];
  readonly say: (sentence: string) => void;
}): Promise<QuotaReport> {
  const { rpcUrl, request, chainId } = chain;
  const network = await connectNetwork({
    rpcUrl,
    request,
    expectedChainId: chainId,
    gasPrice: GAS_PRICE,
  });
  const keyring = createKeyring("commonwatt reproduce ev-quota");
  const admin = createSender(network, chain.fundingPrivateKey);
  say("deploying the contracts");
  const certifier = keyring.key(depotKeys.certifier).address;
  const holders = { registrar: admin.address, operator: admin.address, certifier };
  const deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders });
  say("founding the depot of eight stations");
  const times = { intervalSeconds: INTERVAL_SECONDS, terms: shanghaiTerms(pricing) };
  const depot = await foundDepot({ network, deployment, keyring, admin, ...times });
  say("running the delivery from 18:30");
  const setTime = chain.setNextBlockTime;
  const { importWh } = computed;
  const run = { depot, marginW, pricing, settling, intervalSeconds: INTERVAL_SECONDS, importWh, setTime };
  const { chain: outcome, gas } = await runPeriod(run);
  requireSame(outcome, computed);
  return reportQuotas({ chain: outcome, computed, marginW, gas });
}

async function onEmbeddedChain<T>(work: (chain: EmbeddedChain) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-reproduce-"));
  try {
    const genesisTimestamp = DELIVERY_AT - FOUNDING_SECONDS;
    const chain = await startEmbeddedChain({ directory, chainId: CHAIN_ID, genesisTimestamp });
    try {
      return await work(chain);
    } finally {
      await chain.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const FIGURES = ["quotasW", "finalQuotasW", "paymentMicro", "feeMicro", "penaltyMicro"] as const;

function requireSame(chain: QuotaOutcome, computed: QuotaOutcome): void {
  for (const figure of FIGURES)
    for (const name of STATIONS) {
      const [found, expected] = [chain[figure][name], computed[figure][name]];
      if (found !== expected) throw new OtherOutcomeError(`${figure} of station ${name}`, found, expected);
    }
}

/** The contracts and the rules do not agree: a defect of one of them. */
class OtherOutcomeError extends DomainError {
  readonly code = "otherOutcome";

  constructor(what: string, found: number | bigint, expected: number | bigint) {
    super(`${what} is ${found} on the chain and ${expected} by the rules`);
  }
}
