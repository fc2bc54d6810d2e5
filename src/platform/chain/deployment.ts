import { type Abi, encodeDeployData } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { type AddressBook, addressOf, type ContractSpec, DEPLOYER, type Deployment } from "./contractSpec.ts";
import type { Network } from "./network.ts";
import type { Call, Sender } from "./sender.ts";

type Deploying = {
  readonly network: Network;
  readonly admin: Sender;
  readonly specs: readonly ContractSpec[];
  readonly given?: AddressBook;
  readonly onDeployed?: (name: string, address: Address) => void;
};

/**
 * Deploys contracts, each after those that it is constructed with or linked to, then grants what each asks for.
 *
 * @param options.holders addresses by role: who may do what
 * @param options.given contracts that are there already, by name; each is asked whether it fits
 */
export async function deployContracts({
  holders,
  ...deploying
}: Deploying & { readonly holders: AddressBook }): Promise<Deployment> {
  const { network, admin, specs } = deploying;
  const deployedAtBlock = Number(await network.client.getBlockNumber());
  const contracts = await deployMissing(deploying);
  await admin.sendAll(grantCalls(specs, contracts, holders));
  return { chainId: network.chainId, deployedAtBlock, contracts };
}

/** Deploys those contracts that are not `given`, and gives the addresses of all; `onDeployed` is told of each at once. */
export async function deployMissing({
  network,
  admin,
  specs,
  given = {},
  onDeployed = () => undefined,
}: Deploying): Promise<AddressBook> {
  const contracts: Record<string, Address> = {};
  for (const spec of orderOfDeployment(specs)) {
    const address = given[spec.name];
    if (address) await spec.requireFit?.(network, address);
    const placed = address ?? (await deployOne(admin, spec, contracts));
    contracts[spec.name] = placed;
    if (!address) onDeployed(spec.name, placed);
  }
  return contracts;
}

/** What the deployer of contracts has to grant once all stand. */
export function grantCalls(
  specs: readonly ContractSpec[],
  contracts: AddressBook,
  holders: AddressBook,
): readonly Call[] {
  return specs.flatMap(({ grants }) => grants?.(contracts, holders) ?? []);
}

/** Contracts in the order given, but for those that another must stand before. */
export function orderOfDeployment(specs: readonly ContractSpec[]): readonly ContractSpec[] {
  const ordered: ContractSpec[] = [];
  const add = (spec: ContractSpec, above: readonly ContractSpec[]): void => {
    assert(!above.includes(spec), `${spec.name} is not constructed with itself`);
    for (const name of neededBy(spec)) {
      const needed = specs.find((other) => other.name === name);
      if (needed && !ordered.includes(needed)) add(needed, [...above, spec]);
    }
    if (!ordered.includes(spec)) ordered.push(spec);
  };
  for (const spec of specs) add(spec, []);
  return ordered;
}

function neededBy({ construct = [], links }: ContractSpec): readonly string[] {
  return [...construct, ...Object.keys(links).map(nameOfLibrary)];
}

async function deployOne(admin: Sender, spec: ContractSpec, contracts: AddressBook): Promise<Address> {
  const { name, construct = [] } = spec;
  const abi: Abi = spec.abi;
  const args = construct.map((of) => (of === DEPLOYER ? admin.address : addressOf({ contracts }, of)));
  const data = encodeDeployData({ abi, bytecode: linkLibraries(spec, contracts), args });
  const receipt = await admin.send({ label: `deployment of ${name}`, to: null, data, abi });
  return present(receipt.contractAddress, `the address of ${name}`).toLowerCase() as Address;
}

/** Puts the libraries' addresses where the compiler left their places, each 20 bytes at a byte offset. */
function linkLibraries({ bytecode, links }: ContractSpec, contracts: AddressBook): Hex {
  let code = bytecode.slice(2);
  for (const [library, starts] of Object.entries(links)) {
    const address = addressOf({ contracts }, nameOfLibrary(library)).slice(2);
    for (const start of starts) code = code.slice(0, start * 2) + address + code.slice(start * 2 + 40);
  }
  return `0x${code}`;
}

/** The name under which a library stands in a deployment: Solidity's, with a small first letter. */
function nameOfLibrary(library: string): string {
  return library.charAt(0).toLowerCase() + library.slice(1);
}
