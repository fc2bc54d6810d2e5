import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { knowsMemberships } from "#domains/accounts/participants.ts";
import { CONTRACTS } from "#domains/domains.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type AddressBook, addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { deployMissing, grantCalls } from "#platform/chain/deployment.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { keyNames } from "../keyNames.ts";
import { deploymentSchema, writeNetwork } from "../workspace.ts";
import { admitCommunity, isAdministrator, missingRoles } from "./admission.ts";
import { type Founding, type Look, NOTHING_MISSING, type Phase, senderOf } from "./foundingContext.ts";
import { OWN_NETWORK } from "./ownCommunity.ts";
import { ADMINISTRATOR } from "./ownKeys.ts";

/** The contracts: deployed, or those of somebody else, who gave us their `deployment.json`. */
export const contractsPhase: Phase = async (founding) => {
  if (founding.deployment !== null) return NOTHING_MISSING;
  const { contracts } = founding.own.file.network;
  return contracts === "new" ? deploying(founding) : joining(founding, contracts);
};

function deploying(founding: Founding): Look {
  const given = deployedUntilNow(founding);
  const missing = CONTRACTS.filter(({ name }) => given[name] === undefined && name !== "token");
  const { token } = founding.own.file.network;
  const currency = token === "test" ? "with a currency without value" : `paid with the token ${token}`;
  const begun = missing.length < CONTRACTS.length - 1 ? ", the rest of them" : "";
  return {
    steps: [
      {
        sentence: `deploy ${missing.length} contracts${begun}, ${currency}, and give out their roles`,
        run: () => deploy(founding),
      },
    ],
    notes: [],
  };
}

async function deploy(founding: Founding): Promise<void> {
  const { network, own, keys } = founding;
  const admin = senderOf(founding, ADMINISTRATOR);
  const begun = readDeploying(founding);
  const deployedAtBlock = begun?.deployedAtBlock ?? Number(await network.client.getBlockNumber());
  const { token } = own.file.network;
  let known: AddressBook = { ...deployedUntilNow(founding), ...(token === "test" ? {} : { token }) };
  const contracts = await deployMissing({
    network,
    admin,
    specs: CONTRACTS,
    given: known,
    onDeployed: (name, address) => {
      known = { ...known, [name]: address };
      writeDeploying(founding, { chainId: network.chainId, deployedAtBlock, contracts: known });
    },
  });
  const holders = {
    registrar: keys.addressOf(keyNames.registrar),
    operator: keys.addressOf(keyNames.operator),
    certifier: keys.addressOf(keyNames.certifier),
  };
  const isTold = await knowsMemberships(network, addressOf({ contracts }, "registry"));
  const grants = grantCalls(CONTRACTS, contracts, holders);
  await admin.sendAll(grants.filter(({ label }) => !(isTold && label === "setMemberships")));
  adopt(founding, { chainId: network.chainId, deployedAtBlock, contracts });
}

async function joining(founding: Founding, file: string): Promise<Look> {
  const path = resolve(founding.own.place, file);
  const deployment = readDeployment(path);
  const { chainId, client } = founding.network;
  if (deployment.chainId !== chainId)
    throw new ContractsUnfitError(
      path,
      `they are on chain ${deployment.chainId}, the node is of chain ${chainId}`,
    );
  const code = await client.getCode({ address: addressOf(deployment, "poolMarket") });
  if (code === undefined) throw new ContractsUnfitError(path, "no contract stands there");
  return {
    steps: [
      {
        sentence: `join the contracts of ${file}: pool market ${addressOf(deployment, "poolMarket")}`,
        run: async () => adopt(founding, deployment),
      },
    ],
    notes: [],
  };
}

/** The network's record is written once all stand: without it a founding goes on with what is missing. */
function adopt(founding: Founding, deployment: Deployment): void {
  const { own } = founding;
  const { rpcUrl } = own.file.network;
  founding.deployment = deployment;
  writeNetwork(own.workspace, {
    name: OWN_NETWORK,
    rpcUrl: rpcUrl === "embedded" ? null : rpcUrl,
    scenario: null,
    deployment,
  });
  rmSync(deployingPath(founding), { force: true });
  const text = `${JSON.stringify(deployment, null, 2)}\n`;
  if (own.file.network.contracts === "new")
    writeFileAside(join(own.place, "deployment.json"), Buffer.from(text));
}

/** Who may do what: given out by the contracts' administrator, who is another's where we joined. */
export const rolesPhase: Phase = async (founding) => {
  const { keys } = founding;
  if (founding.deployment === null) return NOTHING_MISSING;
  const missing = await missingRoles(founding, {
    registrar: keys.addressOf(keyNames.registrar),
    operator: keys.addressOf(keyNames.operator),
    certifier: keys.addressOf(keyNames.certifier),
  });
  if (missing.length === 0) return NOTHING_MISSING;
  if (!(await isAdministrator(founding)))
    throw new RoleMissingError(missing.map(({ name, holder }) => `--${name} ${holder}`).join(" "));
  return {
    steps: missing.map((each) => ({
      sentence: `let ${each.holder} be ${each.name}`,
      run: () => admitCommunity(founding, [each]),
    })),
    notes: [],
  };
};

const deployingPath = ({ folder }: Founding) => join(folder, "deploying.json");

function writeDeploying(founding: Founding, deployment: Deployment): void {
  writeFileAside(deployingPath(founding), Buffer.from(`${JSON.stringify(deployment, null, 2)}\n`));
}

function readDeploying(founding: Founding): Deployment | null {
  const path = deployingPath(founding);
  return existsSync(path) ? readDeployment(path) : null;
}

/** What a founding that stopped has deployed on this chain. */
function deployedUntilNow(founding: Founding): AddressBook {
  const begun = readDeploying(founding);
  return begun?.chainId === founding.network.chainId ? begun.contracts : {};
}

/** @throws ContractsUnfitError when it is no deployment */
function readDeployment(path: string): Deployment {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ContractsUnfitError(path, "it can't be read as JSON", { cause });
  }
  const checked = deploymentSchema.safeParse(value);
  if (checked.success) return checked.data;
  throw new ContractsUnfitError(path, z.prettifyError(checked.error));
}

export class ContractsUnfitError extends DomainError {
  readonly code = "contractsUnfit";

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`the contracts of ${path} can't be joined: ${reason}`, options);
  }
}

export class RoleMissingError extends DomainError {
  readonly code = "roleMissing";

  constructor(options: string) {
    super(
      `the administrator of the contracts has to admit this community first: there, run commonwatt admit community.yaml ${options}`,
    );
  }
}
