import { type Abi, decodeFunctionData, isAddressEqual, isHex, type TypedDataDefinition } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "#domains/accounts/contracts.generated.ts";
import { chargingSessionsContract } from "#domains/charging/contracts.generated.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { createQueue } from "#kernel/units/queue.ts";
import type { DemonstrationRole, DemonstrationWallet } from "#platform/api/identity/demonstrationWallet.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, createSender } from "#platform/chain/sender.ts";
import type { KeyPair, Keyring } from "#platform/runtime/keyring.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import type { Setting } from "#world/simulation/setting.ts";
import type { CommunityMember } from "./communityMember.ts";
import { keyNames } from "./keyNames.ts";

export type DemonstrationKey = Omit<DemonstrationRole, "address"> & { readonly key: KeyPair };

/** The keys that a reader of a demonstration may use, with the names by which it knows their accounts. */
export function demonstrationKeys({
  scenario,
  members,
  keyring,
  accountNames,
}: {
  readonly scenario: Pick<Setting, "firstAccount">;
  readonly members: readonly Pick<CommunityMember, "member" | "holder" | "name" | "role" | "key">[];
  readonly keyring: Keyring;
  readonly accountNames: ReadonlyMap<number, string>;
}): DemonstrationKey[] {
  const party = (role: "supplier" | "gridOperator" | "fund", member: number): DemonstrationKey => {
    const account = accountOf(scenario, member);
    return { role, account, name: accountNames.get(account) ?? role, key: keyring.key(keyNames[role]) };
  };
  const holders = members.filter(({ member, holder }) => member === holder);
  return [
    ...holders.map(({ member, name, role, key }) => ({
      ...{ role, name, account: accountOf(scenario, member), key: keyring.key(key) },
    })),
    { role: "operator", account: null, name: "Operator", key: keyring.key(keyNames.operator) },
    party("supplier", PARTIES.supplier),
    party("gridOperator", PARTIES.dso),
    party("fund", PARTIES.fund),
  ];
}

/** Those whose senders run in this process. */
const SENDING_ROLES: ReadonlySet<DemonstrationRole["role"]> = new Set(["operator", "chargingOperator"]);

/** The keys of several communities: names that two of them have say of which community they are. */
export function namedApart(
  communities: readonly { readonly of: string; readonly keys: readonly DemonstrationKey[] }[],
): DemonstrationKey[] {
  const all = communities.flatMap(({ keys }) => keys);
  const count = (name: string) => all.filter((each) => each.name === name).length;
  return communities.flatMap(({ of, keys }) =>
    keys.map((each) => (count(each.name) > 1 ? { ...each, name: `${each.name} of ${of}` } : each)),
  );
}

/**
 * A wallet of keys that everybody knows: they guard test currency only. An account whose sender runs in this process, as
 * the operator's, sends nothing from here, since its nonces are counted there.
 */
export function createDemonstrationWallet({
  network,
  deployment,
  keys,
}: {
  network: Network;
  deployment: Deployment;
  keys: readonly DemonstrationKey[];
}): DemonstrationWallet {
  const keyOf = new Map(keys.map((each) => [each.key.address, each]));
  const queueOf = new Map(keys.map(({ key: { address } }) => [address, createQueue()]));
  /** One after the other, each with a sender that asks for the nonce anew: others may send with the same known key. */
  const send = async (key: KeyPair, call: Call): Promise<Hex> => {
    const inTurn = present(queueOf.get(key.address), "the queue of a key of the demonstration");
    const { transactionHash } = await inTurn(() => createSender(network, key.hex).send(call));
    return transactionHash;
  };
  return {
    roles: keys.map(({ key, ...role }) => ({ ...role, address: key.address })),
    async request({ address, method, params }) {
      const found = keyOf.get(address.toLowerCase() as Address);
      if (!found) throw new WalletRefusedError(`${address} is no key of the demonstration`);
      if (method === "personal_sign") return signText(found.key, params);
      if (method === "eth_signTypedData_v4") return signTyped(found.key, params);
      if (SENDING_ROLES.has(found.role))
        throw new WalletRefusedError("the operator sends its transactions itself, in this process");
      return send(found.key, readCall(deployment, found.key, params));
    },
  };
}

function signText(key: KeyPair, params: readonly unknown[]): Promise<Hex> {
  const [data, signer] = read(z.tuple([z.string(), address]).rest(z.unknown()), params);
  requireSigner(key, signer);
  const message = isHex(data) ? { raw: data } : data;
  return privateKeyToAccount(key.hex).signMessage({ message });
}

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const typedFields = z.array(z.object({ name: z.string(), type: z.string() }));
const typedData = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), typedFields),
  primaryType: z.string(),
  message: z.record(z.string(), z.unknown()),
});

async function signTyped(key: KeyPair, params: readonly unknown[]): Promise<Hex> {
  const [signer, json] = read(z.tuple([address, z.string()]), params);
  requireSigner(key, signer);
  const { types, ...data } = read(typedData, parseJson(json));
  const { EIP712Domain: _, ...own } = types;
  try {
    const definition = { ...data, types: own } as unknown as TypedDataDefinition;
    return await privateKeyToAccount(key.hex).signTypedData(definition);
  } catch (cause) {
    throw new WalletRefusedError("the typed data is not in the form of EIP-712", { cause });
  }
}

const transaction = z.object({
  from: address,
  to: address,
  data: z.string().regex(/^0x([0-9a-fA-F]{2}){4,2000}$/),
  value: z
    .string()
    .regex(/^0x0*$/)
    .optional(),
});

/**
 * A call of the token, the clearing house, the registry of participants or the charging sessions; what it costs, and its nonce, the wallet decides
 * itself.
 */
function readCall(deployment: Deployment, key: KeyPair, params: readonly unknown[]): Call {
  const [{ from, to, data }] = read(z.tuple([transaction]), params);
  requireSigner(key, from);
  const contracts: readonly [Address, Abi][] = [
    [addressOf(deployment, "token"), testTokenContract.abi as Abi],
    [addressOf(deployment, "clearingHouse"), clearingHouseContract.abi as Abi],
    [addressOf(deployment, "registry"), participantRegistryContract.abi as Abi],
    [addressOf(deployment, "chargingSessions"), chargingSessionsContract.abi as Abi],
  ];
  const contract = contracts.find(([place]) => isAddressEqual(place, to as Hex));
  if (!contract)
    throw new WalletRefusedError(
      `${to} is neither the token, the clearing house, the registry nor the charging sessions`,
    );
  const [place, abi] = contract;
  try {
    const { functionName } = decodeFunctionData({ abi, data: data as Hex });
    return { label: functionName, to: place, data: data as Hex };
  } catch (cause) {
    throw new WalletRefusedError(`${to} has no function for this data`, { cause });
  }
}

function requireSigner({ address: own }: KeyPair, signer: string): void {
  if (signer.toLowerCase() !== own) throw new WalletRefusedError(`the request is for ${own}, not ${signer}`);
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new WalletRefusedError(`the request can't be read: ${issue?.path.join(".")} ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WalletRefusedError("the typed data is no JSON", { cause });
  }
}

export class WalletRefusedError extends DomainError {
  readonly code = "walletRefused";
}
