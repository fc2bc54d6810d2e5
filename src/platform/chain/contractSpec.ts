import type { Abi } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { Network } from "./network.ts";
import type { MinedLog } from "./readLogs.ts";
import type { Call } from "./sender.ts";

/** What a log of a contract says, in domain values. `contract` is the name of its contract in the deployment. */
export type Fact = { readonly contract: string; readonly kind: string };

/** A fact of one kind of a contract's: what it says, by kind, with the contract's name and the kind. */
export type FactOf<Contract extends string, Facts, Kind> = {
  [K in keyof Facts]: Readonly<Facts[K]> & { readonly contract: Contract; readonly kind: K };
}[Kind & keyof Facts];

/**
 * Where an event stands on the chain, and the transaction that caused it (R6.3).
 *
 * @property timestamp of the block, unix seconds
 * @property logIndex of the event within its block
 * @property gasUsed by the whole transaction
 * @property purpose function of Commonwatt's contracts that the transaction called; null when it called another one
 */
export type EventPlace = {
  readonly block: number;
  readonly blockHash: Hex;
  readonly timestamp: number;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  readonly sender: Address;
  readonly gasUsed: bigint;
  readonly purpose: string | null;
};

/** An event of one of the contracts in domain values, at its place on the chain. */
export type ChainEvent<F extends Fact = Fact> = F & EventPlace;

/** Addresses by name. */
export type AddressBook = Readonly<Record<string, Address>>;

/** Where Commonwatt's contracts stand on a chain. The address book is a convenience: no check believes it. */
export type Deployment = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly contracts: AddressBook;
};

/** What a transaction wrote on one contract, and the calldata with which it called that contract itself; else "0x". */
export type WrittenLogs = {
  readonly logs: readonly MinedLog[];
  readonly input: Hex;
  readonly contracts: AddressBook;
};

/**
 * What the events of a contract say. A browser reads a chain with this.
 *
 * @property name its key in a deployment
 * @property decode one fact a log; null for a log that says nothing of accounts, areas, markets or money
 * @property isForAudit its events are read by an audit alone: they are many, and most are not of our making
 */
export type ContractEvents<F extends Fact = Fact> = {
  readonly name: string;
  readonly abi: Abi;
  readonly decode?: (written: WrittenLogs) => readonly (F | null)[];
  readonly isForAudit?: true;
};

/** Code with the places of the libraries that it calls: byte offsets by the library's name. */
export type LinkedBytecode = {
  readonly bytecode: string;
  readonly links: Readonly<Record<string, readonly number[]>>;
};

/** In a constructor's arguments, the address of who deploys. */
export const DEPLOYER = "deployer";

/**
 * A contract: how it is deployed, what it is called with, what its events say. A library is one too.
 *
 * @property construct what its constructor takes, in order: contracts by their name, and DEPLOYER for who deploys them
 * @property grants calls of the deployer once all contracts stand: roles, admissions; `holders` are addresses by role
 * @property requireFit asked of an address that is given instead of deployed; throws when no such contract is there
 */
export type ContractSpec<F extends Fact = Fact> = ContractEvents<F> &
  LinkedBytecode & {
    readonly construct?: readonly string[];
    readonly grants?: (contracts: AddressBook, holders: AddressBook) => readonly Call[];
    readonly requireFit?: (network: Network, address: Address) => Promise<void>;
  };

/** The address of a contract that must be there. */
export function addressOf({ contracts }: Pick<Deployment, "contracts">, name: string): Address {
  return present(contracts[name], `the address of ${name} in the deployment`);
}
