import { getAbiItem, keccak256, parseEventLogs, toHex as textToHex, toBytes, toEventSelector } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { collectLogs } from "#platform/chain/readLogs.ts";
import { type Call, contractCall, type Sender } from "#platform/chain/sender.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "./contracts.generated.ts";
import { type MemberPlace, seatOf } from "./rules/seat.ts";

const registryAbi = participantRegistryContract.abi;
const houseAbi = clearingHouseContract.abi;

/** Registers participants and gives their account numbers, in the order given. */
export async function registerParticipants(
  registrar: Sender,
  deployment: Deployment,
  participants: readonly { owner: Address; kycHash: Hex }[],
): Promise<number[]> {
  const receipts = await registrar.sendAll(
    participants.map(({ owner, kycHash }) =>
      contractCall({
        address: addressOf(deployment, "registry"),
        abi: registryAbi,
        functionName: "register",
        args: [owner, kycHash],
      }),
    ),
  );
  const logs = receipts.flatMap((receipt) => receipt.logs);
  return parseEventLogs({ abi: registryAbi, eventName: "ParticipantRegistered", logs }).map(
    (event) => event.args.account,
  );
}

/** The salted hash that stands for a verified identity on the chain (R1.3, R2.29). */
export function kycHash(identity: string, salt: string): Hex {
  return keccak256(textToHex(`${salt}\n${identity}`));
}

/** Gives a role to an address; an administrator's to send. */
export function grantRoleCall(deployment: Deployment, role: string, holder: Address): Call {
  return contractCall({
    address: addressOf(deployment, "registry"),
    abi: registryAbi,
    functionName: "grantRole",
    args: [keccak256(toBytes(role)), holder],
  });
}

/**
 * The owner's transactions that bring `amountMicro` of the settlement currency into the margin of one of its members in a
 * market, which is named as in the deployment.
 */
export function fundingCalls(
  deployment: Deployment,
  { market, amountMicro, ...place }: MemberPlace & { readonly market: string; readonly amountMicro: bigint },
): Call[] {
  const [token, clearingHouse] = [addressOf(deployment, "token"), addressOf(deployment, "clearingHouse")];
  return [
    contractCall({
      address: token,
      abi: testTokenContract.abi,
      functionName: "approve",
      args: [clearingHouse, amountMicro],
    }),
    contractCall({ address: clearingHouse, abi: houseAbi, functionName: "deposit", args: [amountMicro] }),
    contractCall({
      address: clearingHouse,
      abi: houseAbi,
      functionName: "addMargin",
      args: [addressOf(deployment, market), seatOf(place), amountMicro],
    }),
  ];
}

/** Whether an address has a role of the registry, by its name as `OPERATOR_ROLE`; `ADMINISTRATOR` is who gives them out. */
export function readHasRole(
  { client }: Network,
  deployment: Deployment,
  { role, holder }: { readonly role: string; readonly holder: Address },
): Promise<boolean> {
  return client.readContract({
    address: addressOf(deployment, "registry"),
    abi: registryAbi,
    functionName: "hasRole",
    args: [role === ADMINISTRATOR ? ADMINISTRATOR_ROLE : keccak256(toBytes(role)), holder],
  });
}

export const ADMINISTRATOR = "ADMINISTRATOR";
/** OpenZeppelin's DEFAULT_ADMIN_ROLE. */
const ADMINISTRATOR_ROLE: Hex = `0x${"0".repeat(64)}`;

/** Whether the registry knows yet which contract numbers members: that is told once. */
export async function knowsMemberships({ client }: Network, registry: Address): Promise<boolean> {
  const memberships = await client.readContract({
    address: registry,
    abi: registryAbi,
    functionName: "memberships",
  });
  return BigInt(memberships) !== 0n;
}

/** What an address holds of the settlement currency, micro. */
export function readBalance({ client }: Network, deployment: Deployment, holder: Address): Promise<bigint> {
  return client.readContract({
    address: addressOf(deployment, "token"),
    abi: testTokenContract.abi,
    functionName: "balanceOf",
    args: [holder],
  });
}

/** What was ever put into margins in a market, which is named as in the deployment: micro, by seat. */
export async function readMarginsPut(
  { client }: Network,
  deployment: Deployment,
  market: string,
): Promise<ReadonlyMap<number, bigint>> {
  const logs = await collectLogs({
    client,
    address: [addressOf(deployment, "clearingHouse")],
    topics: [toEventSelector(getAbiItem({ abi: houseAbi, name: "MarginAdded" }))],
    fromBlock: deployment.deployedAtBlock,
    toBlock: Number(await client.getBlockNumber()),
  });
  const put = new Map<number, bigint>();
  for (const { args } of parseEventLogs({ abi: houseAbi, eventName: "MarginAdded", logs }))
    if (args.market.toLowerCase() === addressOf(deployment, market))
      put.set(args.seat, (put.get(args.seat) ?? 0n) + args.amountMicro);
  return put;
}

/** The account that an address owns; 0 for none. */
export function readAccountOf({ client }: Network, deployment: Deployment, owner: Address): Promise<number> {
  return client.readContract({
    address: addressOf(deployment, "registry"),
    abi: registryAbi,
    functionName: "accountOf",
    args: [owner],
  });
}

/** Hands out test currency; its issuer's to send. */
export function mintCall(deployment: Deployment, to: Address, amountMicro: bigint): Call {
  return contractCall({
    address: addressOf(deployment, "token"),
    abi: testTokenContract.abi,
    functionName: "mint",
    args: [to, amountMicro],
  });
}

/** Margin of a member in a market, which is named as in the deployment, micro. */
export function readMargin(
  network: Network,
  deployment: Deployment,
  { market, ...place }: MemberPlace & { readonly market: string },
): Promise<bigint> {
  return network.client.readContract({
    address: addressOf(deployment, "clearingHouse"),
    abi: houseAbi,
    functionName: "marginMicro",
    args: [addressOf(deployment, market), seatOf(place)],
  });
}

/** Margins of members of an area in a market, micro, by member. */
export async function readMargins(
  network: Network,
  deployment: Deployment,
  {
    market,
    areaId,
    members,
  }: { readonly market: string; readonly areaId: number; readonly members: readonly number[] },
): Promise<ReadonlyMap<number, bigint>> {
  const margins = await readEach(members, async (member) => {
    return [member, await readMargin(network, deployment, { market, areaId, member })] as const;
  });
  return new Map(margins);
}

/** Free balance of an account, micro: what it can withdraw at any time. */
export function readFree(network: Network, deployment: Deployment, account: number): Promise<bigint> {
  return network.client.readContract({
    address: addressOf(deployment, "clearingHouse"),
    abi: houseAbi,
    functionName: "freeMicro",
    args: [account],
  });
}
