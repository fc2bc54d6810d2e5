import { keccak256, parseEventLogs, toHex as textToHex, toBytes } from "viem";
import { type Address, fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { signDigest } from "#kernel/crypto/signature.ts";
import { domainSeparator, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { type Call, contractCall, type Sender } from "#platform/chain/sender.ts";
import {
  clearingHouseContract,
  participantRegistryContract,
  testTokenContract,
} from "./contracts.generated.ts";

/** Accounts whose signers the registry writes into code together, and whose bits of an area share a word. */
const DIRECTORY_ACCOUNTS = 256;

const registryAbi = participantRegistryContract.abi;
const houseAbi = clearingHouseContract.abi;
const CERTIFICATE_TYPE = keccak256Text("DeviceCertificate(bytes32 meterId,address deviceKey)");

/** Registers participants and gives their account numbers, in the order given. */
export async function registerParticipants(
  registrar: Sender,
  deployment: Deployment,
  participants: readonly { address: Address; kycHash: Hex }[],
): Promise<number[]> {
  const receipts = await registrar.sendAll(
    participants.map(({ address, kycHash }) =>
      contractCall({
        address: addressOf(deployment, "registry"),
        abi: registryAbi,
        functionName: "register",
        args: [address, kycHash],
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

/** The hash that stands for a national metering point id. */
export function meterIdOf(nationalId: string): Hex {
  return keccak256(textToHex(nationalId));
}

/** A metering point with a device key that a certifier vouches for (R2.19). */
export type Enrolment = {
  readonly meterId: Hex;
  readonly account: number;
  readonly areaId: number;
  readonly deviceKey: Address;
  readonly certificate: Hex;
};

/** The certifier's signature over a metering point and the key of its device, 65 bytes. */
export function certifyDevice(
  deployment: Deployment,
  device: { meterId: Hex; deviceKey: Address },
  certifierKey: Uint8Array,
): Hex {
  const separator = domainSeparator({
    name: "Commonwatt ParticipantRegistry",
    chainId: deployment.chainId,
    verifyingContract: addressOf(deployment, "registry"),
  });
  const digest = typedDigest(separator, CERTIFICATE_TYPE, [
    fromHex(device.meterId),
    wordOf(BigInt(device.deviceKey)),
  ]);
  return toHex(signDigest(digest, certifierKey));
}

export function enrolCall(deployment: Deployment, enrolment: Enrolment): Call {
  const { meterId, account, areaId, deviceKey, certificate } = enrolment;
  return contractCall({
    address: addressOf(deployment, "registry"),
    abi: registryAbi,
    functionName: "enrolMeter",
    args: [meterId, account, areaId, deviceKey, certificate],
  });
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

/** Number of the directory that an account is in. */
export function directoryOf(account: number): number {
  return Math.floor(account / DIRECTORY_ACCOUNTS);
}

/** Writes the signers of a directory into code, which makes clearings cheaper. */
export function publishDirectoryCall(deployment: Deployment, directory: number): Call {
  return contractCall({
    address: addressOf(deployment, "registry"),
    abi: registryAbi,
    functionName: "publishDirectory",
    args: [BigInt(directory)],
  });
}

/** The owner's transactions that bring `amountMicro` of the settlement currency into its margin in a market, by its name. */
export function fundingCalls(
  deployment: Deployment,
  { market, amountMicro }: { readonly market: string; readonly amountMicro: bigint },
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
      args: [addressOf(deployment, market), amountMicro],
    }),
  ];
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

/** Whose signature an order of the account needs in an area, or null when the account may not trade there. */
export async function readSigner(
  network: Network,
  deployment: Deployment,
  { areaId, account }: { areaId: number; account: number },
): Promise<Address | null> {
  const registry = { address: addressOf(deployment, "registry"), abi: registryAbi } as const;
  const [directory, bit] = [BigInt(directoryOf(account)), BigInt(account % DIRECTORY_ACCOUNTS)];
  const [tradable, signer] = await Promise.all([
    network.client.readContract({ ...registry, functionName: "tradableIn", args: [areaId, directory] }),
    network.client.readContract({ ...registry, functionName: "signerOf", args: [account] }),
  ]);
  return (tradable >> bit) % 2n === 1n ? (signer.toLowerCase() as Address) : null;
}

/** Margin of an account in a market, which is named as in the deployment, micro. */
export function readMargin(
  network: Network,
  deployment: Deployment,
  { market, account }: { readonly market: string; readonly account: number },
): Promise<bigint> {
  return network.client.readContract({
    address: addressOf(deployment, "clearingHouse"),
    abi: houseAbi,
    functionName: "marginMicro",
    args: [addressOf(deployment, market), account],
  });
}

/** Margins of accounts in a market, micro, by account. */
export async function readMargins(
  network: Network,
  deployment: Deployment,
  { market, accounts }: { readonly market: string; readonly accounts: readonly number[] },
): Promise<ReadonlyMap<number, bigint>> {
  const margins = await readEach(accounts, async (account) => {
    return [account, await readMargin(network, deployment, { market, account })] as const;
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
