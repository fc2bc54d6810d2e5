import type { Command } from "commander";
import type { Config } from "#community/config.ts";
import { networkFolder, writeNetwork } from "#community/workspace.ts";
import { CONTRACTS } from "#domains/domains.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { findHeaderProof, type HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { readKeyFile } from "#platform/runtime/keyFile.ts";
import { UsageError } from "./exit.ts";
import { headersOption } from "./headersOption.ts";
import { address } from "./optionValues.ts";

type Options = {
  readonly rpc: string;
  readonly keyFile: string;
  readonly token?: Address;
  readonly name?: string;
  readonly gasPrice?: bigint;
  readonly registrar?: Address;
  readonly operator?: Address;
  readonly certifier?: Address;
  readonly headers?: HeaderProof;
  readonly json?: boolean;
};

/** `commonwatt deploy`: the contracts onto any EVM network at Cancun; writes the network's deployments file. */
export function registerDeploy(program: Command, config: Config): void {
  program
    .command("deploy")
    .description("deploy the contracts to a network")
    .requiredOption("--rpc <url>", "JSON-RPC address of a node of the network")
    .requiredOption("--key-file <file>", "key of the administrator; its passphrase in COMMONWATT_PASSPHRASE")
    .option(
      "--token <address>",
      "settlement currency, an ERC-20 with 6 decimals; without it a test token",
      address,
    )
    .option("--name <name>", "name of the network here (default: chain-<id>)", networkName)
    .option("--gas-price <wei>", "wei a unit of gas (default: what the node suggests)", wei)
    .option("--registrar <address>", "who registers participants (default: the administrator)", address)
    .option("--operator <address>", "who operates areas", address)
    .option("--certifier <address>", "who certifies metering devices", address)
    .addOption(headersOption())
    .option("--json", "one JSON value on standard output")
    .action((options: Options) => deploy(options, config));
}

async function deploy(options: Options, config: Config): Promise<void> {
  const say = (sentence: string) => process.stderr.write(`${sentence}\n`);
  const key = readKeyFile({ path: options.keyFile, passphrase: config.passphrase, warn: say });
  const network = await connectNetwork({ rpcUrl: options.rpc, gasPrice: options.gasPrice ?? null });
  const admin = createSender(network, key);
  say(`deploying to chain ${network.chainId} as ${admin.address}`);
  const holders = {
    registrar: options.registrar ?? admin.address,
    operator: options.operator ?? admin.address,
    certifier: options.certifier ?? admin.address,
  };
  const { token } = options;
  const deployment = await deployContracts({
    network,
    admin,
    specs: CONTRACTS,
    holders,
    ...(token && { given: { token } }),
  });
  const name = options.name ?? `chain-${network.chainId}`;
  const headers =
    options.headers ??
    (await findHeaderProof(network.client, {
      fromBlock: deployment.deployedAtBlock,
      toBlock: Number(await network.client.getBlockNumber()),
    }));
  writeNetwork(config.directory, {
    name,
    rpcUrl: options.rpc,
    headers,
    scenario: null,
    deployment,
  });
  if (options.json) process.stdout.write(`${JSON.stringify(deployment, null, 2)}\n`);
  else {
    process.stdout.write(`chainId  ${deployment.chainId}\ndeployedAtBlock  ${deployment.deployedAtBlock}\n`);
    for (const [contract, place] of Object.entries(deployment.contracts))
      process.stdout.write(`${contract}  ${place}\n`);
    say(`written to ${networkFolder(config.directory, name)}`);
  }
}

function wei(text: string): bigint {
  if (!/^\d{1,30}$/.test(text)) throw new UsageError(`--gas-price ${text} is not a whole number of wei`);
  return BigInt(text);
}

function networkName(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(text))
    throw new UsageError(`--name ${text} is not made of small letters, digits and hyphens`);
  return text;
}
