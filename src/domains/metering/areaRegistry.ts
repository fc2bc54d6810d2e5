import { keccak256, parseEventLogs, toHex as textToHex } from "viem";
import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { type MemberPlace, seatOf } from "#domains/accounts/rules/seat.ts";
import type { MemberGate, MemberStanding } from "#domains/accounts/rules/standing.ts";
import { type Address, fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { signDigest } from "#kernel/crypto/signature.ts";
import { domainSeparator, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { type Call, contractCall, type Sender } from "#platform/chain/sender.ts";
import type { AreaRecord, MemberRecord } from "./areaState.ts";
import { areaRegistryContract } from "./contracts.generated.ts";
import { type AreaSetup, FINAL_SECONDS } from "./events.ts";

/** Members whose signers the registry writes into code together. */
const DIRECTORY_MEMBERS = 256;

const { abi } = areaRegistryContract;
const NOBODY = 0n;
const CERTIFICATE_TYPE = keccak256Text(
  "DeviceCertificate(bytes32 meterId,address deviceKey,uint64 number,uint64 expiresAt)",
);

/** Opens an area, whose operator is the sender, and gives its number. */
export async function openArea(operator: Sender, deployment: Deployment, setup: AreaSetup): Promise<number> {
  const whole = { finalSeconds: FINAL_SECONDS, ...setup };
  const call = contractCall({ ...registryOf(deployment), functionName: "openArea", args: [whole] });
  const { logs } = await operator.send(call);
  const [opened] = parseEventLogs({ abi, eventName: "AreaOpened", logs });
  return present(opened, "the event of an area that was opened").args.areaId;
}

/** The hash that stands for a national metering point id. */
export function meterIdOf(nationalId: string): Hex {
  return keccak256(textToHex(nationalId));
}

/**
 * A certifier's word that a device measures at a metering point.
 *
 * @property number rises with each certificate of a metering point
 * @property expiresAt unix seconds; from then on the contract refuses it
 * @property signature 65 bytes
 */
export type DeviceCertificate = {
  readonly number: bigint;
  readonly expiresAt: bigint;
  readonly signature: Hex;
};

/** Certifies a device; a metering point and the key of its device, of which none came before with this number or a higher. */
export function certifyDevice(
  deployment: Deployment,
  {
    meterId,
    deviceKey,
    number,
    expiresAt,
  }: { meterId: Hex; deviceKey: Address; number: bigint; expiresAt: bigint },
  certifierKey: Uint8Array,
): DeviceCertificate {
  const separator = domainSeparator({
    name: "Commonwatt AreaRegistry",
    chainId: deployment.chainId,
    verifyingContract: registryOf(deployment).address,
  });
  const digest = typedDigest(separator, CERTIFICATE_TYPE, [
    fromHex(meterId),
    wordOf(BigInt(deviceKey)),
    wordOf(number),
    wordOf(expiresAt),
  ]);
  return { number, expiresAt, signature: toHex(signDigest(digest, certifierKey)) };
}

/** A metering point that becomes a member of an area (R2.19); `capacityW` of its connection, W. */
export type Enrolment = {
  readonly areaId: number;
  readonly meterId: Hex;
  readonly account: number;
  readonly capacityW: number;
  readonly deviceKey: Address;
  readonly certificate: DeviceCertificate;
};

/** Enrols a metering point; its member gets the next number of the area. */
export function enrolCall(deployment: Deployment, enrolment: Enrolment): Call {
  const { areaId, meterId, account, capacityW, deviceKey, certificate } = enrolment;
  return contractCall({
    ...registryOf(deployment),
    functionName: "enrolMeter",
    args: [areaId, meterId, account, capacityW, deviceKey, certificate],
  });
}

/** Numbers an account in an area without a meter, as the wallet of a driver; a registrar's to send. */
export function addMemberCall(
  deployment: Deployment,
  { areaId, account }: { readonly areaId: number; readonly account: number },
): Call {
  return contractCall({ ...registryOf(deployment), functionName: "addMember", args: [areaId, account] });
}

/** Number of the directory that a member is in. */
export function directoryOf(member: number): number {
  return Math.floor(member / DIRECTORY_MEMBERS);
}

/** Writes the signers and capacities of a directory of an area into code, which makes clearings cheaper. */
export function publishDirectoryCall(
  deployment: Deployment,
  { areaId, directory }: { readonly areaId: number; readonly directory: number },
): Call {
  return contractCall({
    ...registryOf(deployment),
    functionName: "publishDirectory",
    args: [areaId, BigInt(directory)],
  });
}

/** Changes what the connection of an enrolled metering point carries; a registrar's to send. */
export function changeCapacityCall(
  deployment: Deployment,
  { meterId, capacityW }: { readonly meterId: Hex; readonly capacityW: number },
): Call {
  return contractCall({
    ...registryOf(deployment),
    functionName: "changeCapacity",
    args: [meterId, capacityW],
  });
}

/** Where a metering point is enrolled, and the key of its device in force, null when it was revoked; null where it is not. */
export async function readMeter(
  { client }: Network,
  deployment: Deployment,
  meterId: Hex,
): Promise<(MemberPlace & { readonly deviceKey: Address | null }) | null> {
  const point = await client.readContract({
    ...registryOf(deployment),
    functionName: "meterOf",
    args: [meterId],
  });
  if (point.member === 0) return null;
  const deviceKey = BigInt(point.deviceKey) === NOBODY ? null : (point.deviceKey.toLowerCase() as Address);
  return { areaId: point.areaId, member: point.member, deviceKey };
}

/** The areas that an address operates, rising. */
export async function readAreasOf(
  network: Network,
  deployment: Deployment,
  operator: Address,
): Promise<readonly AreaRecord[]> {
  const lastArea = await network.client.readContract({ ...registryOf(deployment), functionName: "lastArea" });
  const numbers = Array.from({ length: lastArea }, (_, i) => i + 1);
  const areas = await readEach(numbers, (areaId) => readArea(network, deployment, areaId));
  return areas.filter((area) => area !== null).filter((area) => area.operator === operator);
}

/** An area as the chain has it now; null when it was not opened. */
export async function readArea(
  { client }: Network,
  deployment: Deployment,
  areaId: number,
): Promise<AreaRecord | null> {
  const registry = registryOf(deployment);
  const [area, metering] = await Promise.all([
    client.readContract({ ...registry, functionName: "areas", args: [areaId] }),
    client.readContract({ ...registry, functionName: "meterings", args: [areaId] }),
  ]);
  const [operator, intervalSeconds, lastMember, supplier, dso, fund] = area;
  const [gateway, waitingSeconds, finalSeconds] = metering;
  if (intervalSeconds === 0) return null;
  return {
    areaId,
    operator: operator.toLowerCase() as Address,
    gateway: gateway.toLowerCase() as Address,
    ...{ intervalSeconds, waitingSeconds, finalSeconds, supplier, dso, fund, lastMember },
  };
}

/** All members of an area as the chain has them now, rising. */
export async function readMembers(
  network: Network,
  deployment: Deployment,
  areaId: number,
): Promise<readonly MemberRecord[]> {
  const { lastMember = 0 } = (await readArea(network, deployment, areaId)) ?? {};
  const numbers = Array.from({ length: lastMember }, (_, i) => i + 1);
  return readEach(numbers, (member) => readMember(network, deployment, { areaId, member }));
}

async function readMember(
  { client }: Network,
  deployment: Deployment,
  place: MemberPlace,
): Promise<MemberRecord> {
  const [account, capacityW, meterId] = await client.readContract({
    ...registryOf(deployment),
    functionName: "members",
    args: [seatOf(place)],
  });
  return { ...place, account, capacityW, meterId: BigInt(meterId) === NOBODY ? null : meterId };
}

/** How a member stands for a gate, as the contract says now: whose signature its orders need, and its capacity. */
export async function readSigner(
  { client }: Network,
  deployment: Deployment,
  { areaId, member, closesAt }: MemberGate,
): Promise<MemberStanding> {
  const [signer, capacityW] = await client.readContract({
    ...registryOf(deployment),
    functionName: "signerAt",
    args: [areaId, member, BigInt(closesAt)],
  });
  const isTradable = BigInt(signer) !== NOBODY;
  return { signer: isTradable ? (signer.toLowerCase() as Address) : null, isTradable, capacityW };
}

/** Who signs for a seat's account at a time (unix s), with a meter or without; null when nobody may. */
export async function readSeatSigner(
  { client }: Network,
  deployment: Deployment,
  { seat, at }: { readonly seat: number; readonly at: number },
): Promise<Address | null> {
  const registry = registryOf(deployment);
  const account = await client.readContract({ ...registry, functionName: "accountOf", args: [seat] });
  const signer = await client.readContract({
    address: addressOf(deployment, "registry"),
    abi: participantRegistryContract.abi,
    functionName: "signerAt",
    args: [account, BigInt(at)],
  });
  return BigInt(signer) === NOBODY ? null : (signer.toLowerCase() as Address);
}

/** Lengths of the intervals of all areas, seconds, by area. */
export async function readIntervalLengths(
  { client }: Network,
  deployment: Deployment,
): Promise<ReadonlyMap<number, number>> {
  const registry = registryOf(deployment);
  const lastArea = await client.readContract({ ...registry, functionName: "lastArea" });
  const areaIds = Array.from({ length: lastArea }, (_, i) => i + 1);
  const lengths = await readEach(areaIds, async (areaId) => {
    const [, intervalSeconds] = await client.readContract({
      ...registry,
      functionName: "areas",
      args: [areaId],
    });
    return [areaId, intervalSeconds] as const;
  });
  return new Map(lengths);
}

function registryOf(deployment: Deployment) {
  return { address: addressOf(deployment, "areaRegistry"), abi } as const;
}
