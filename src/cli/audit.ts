import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Config } from "#community/config.ts";
import { type NetworkRecord, networkFolder } from "#community/workspace.ts";
import { auditNetwork } from "#domains/audit.ts";
import { findArchives } from "#domains/auditArchives.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import type { HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { renderAudit } from "./auditReport.ts";
import { chosenNetwork } from "./chosenNetwork.ts";
import { headersOption } from "./headersOption.ts";
import { createJsonProgress, createProgress } from "./progress.ts";
import { RUNNING_FILE } from "./running.ts";

/** Beside the bundled program. */
const WORKER = new URL("./auditWorker.js", import.meta.url);

type Options = {
  readonly rpc?: string;
  readonly network?: string;
  readonly headers?: HeaderProof;
  readonly json?: boolean;
  readonly progress: "text" | "json";
};

/** `commonwatt audit`: replays a network from its chain and verifies every figure; exit code 1 on any discrepancy. */
export function registerAudit(program: Command, config: Config): void {
  program
    .command("audit")
    .description("replay everything from the chain and verify it")
    .option("--network <name>", "a network of this workspace (default: the one used last)")
    .option("--rpc <url>", "ask this node instead of the network's own")
    .addOption(headersOption())
    .option("--json", "one JSON value on standard output")
    .addOption(
      new Option("--progress <form>", "progress on standard error, for people or as JSON lines")
        .choices(["text", "json"])
        .default("text"),
    )
    .action((options: Options) => audit(options, config));
}

async function audit(options: Options, config: Config): Promise<void> {
  const progress =
    options.progress === "json" ? createJsonProgress(process.stderr) : createProgress(process.stderr);
  const record = chosenNetwork(options.network, config);
  const folder = networkFolder(config.directory, record.name);
  const { network, close } = await reach({ record, folder, rpc: options.rpc, say: progress.say });
  try {
    progress.say(`auditing ${record.name}, chain ${network.chainId}`);
    const report = await auditNetwork({
      network,
      deployment: record.deployment,
      headers: options.headers ?? record.headers ?? null,
      archives: await findArchives(folder, network, record.deployment),
      threads: {
        script: WORKER,
        onNone: () => progress.say("no worker thread starts here; one thread audits"),
      },
      onProgress: ({ block, lastBlock }) => progress.count("blocks", block, lastBlock),
    });
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderAudit(report));
    if (report.verdict === "discrepancy") throw new AuditFailedError(report.discrepancy.sentence);
  } finally {
    await close();
  }
}

/** The node asked for, the chain that a running community holds, or the embedded chain started for the audit. */
async function reach({
  record,
  folder,
  rpc,
  say,
}: {
  record: NetworkRecord;
  folder: string;
  rpc: string | undefined;
  say: (sentence: string) => void;
}): Promise<{ network: Network; close: () => Promise<void> }> {
  const expectedChainId = record.deployment.chainId;
  const rpcUrl = rpc ?? record.rpcUrl ?? runningRpcUrl(folder);
  const asked = rpc ?? record.rpcUrl;
  if (rpcUrl) {
    const network = await connectNetwork({ rpcUrl, expectedChainId }).catch((error: unknown) => {
      if (asked) throw error;
      return null;
    });
    if (network) return { network, close: async () => {} };
  }
  const chain = await startEmbeddedChain({
    directory: join(folder, "chain"),
    chainId: expectedChainId,
    genesisTimestamp: 0,
    onNotice: say,
  });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, request: chain.request, expectedChainId });
  return { network, close: () => chain.stop() };
}

function runningRpcUrl(folder: string): string | null {
  const path = join(folder, RUNNING_FILE);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}

export class AuditFailedError extends DomainError {
  readonly code = "auditFailed";

  constructor(sentence: string) {
    super(`the audit found a discrepancy: ${sentence}`);
  }
}
