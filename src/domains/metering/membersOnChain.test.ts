import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { replayMoney } from "#domains/accounts/audit/auditMoney.ts";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import { balancesOnChain } from "#domains/accounts/audit/readBalances.ts";
import { admitMarketCall } from "#domains/accounts/contract.ts";
import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { accounts } from "#domains/accounts/domain.ts";
import {
  fundingCalls,
  mintCall,
  readFree,
  readMargins,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { auditEvents } from "#platform/audit/auditor.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readHistory } from "#platform/chain/history.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { contractCall, createSender, type Sender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import {
  certifyDevice,
  directoryOf,
  enrolCall,
  meterIdOf,
  openArea,
  publishDirectoryCall,
  readArea,
  readIntervalLengths,
  readMembers,
  readSigner,
} from "./areaRegistry.ts";
import { replayAreas } from "./audit/auditAreas.ts";
import { replayReadings } from "./audit/auditReadings.ts";
import { areaRegistryContract } from "./contracts.generated.ts";
import { metering } from "./domain.ts";
import { type MemberDirectory, memberSource, openMemberDirectory } from "./memberDirectory.ts";
import { publishCall, readPublication } from "./meterLedger.ts";

/*
 * What the contracts say of members, signers, keys and margins is what the program follows from their events, and the
 * audit finds nothing in it.
 */

const CHAIN_ID = 52_040;
const START = 1_700_000_100;
const HOUR = 3_600;
const SPECS = [...(accounts.contracts ?? []), ...(metering.contracts ?? [])];
const keyring = createKeyring("members on chain");
const key = (name: string) => keyring.key(name);
const [SUPPLIER, DSO, FUND, ANNA, COOP] = [1, 2, 3, 4, 5];
const METER = meterIdOf("meter of Anna");
const BARN_METER = meterIdOf("meter of Anna's barn");

let directory: string;
let chain: EmbeddedChain;
let network: Network;
let deployment: Deployment;
let areaId: number;
let members: MemberDirectory;
let time = START;

/** Time passes on the chain. */
async function pass(seconds: number): Promise<void> {
  time += seconds;
  await chain.setNextBlockTime(time);
  await chain.mine();
}

const sender = (name: string): Sender => createSender(network, key(name).hex);

function registryCall(
  functionName: "setAgent" | "admitMember" | "requestEntity" | "suspend",
  argument: never,
) {
  const address = addressOf(deployment, "registry");
  return contractCall({ address, abi: participantRegistryContract.abi, functionName, args: [argument] });
}

function areaCall(functionName: "rotateDeviceKey" | "revokeDeviceKey", args: never) {
  const address = addressOf(deployment, "areaRegistry");
  return contractCall({ address, abi: areaRegistryContract.abi, functionName, args });
}

function certificate(meterId: Hex, deviceKey: Address, number: bigint) {
  const expiresAt = BigInt(START + 365 * 86_400);
  const device = { meterId, deviceKey, number, expiresAt };
  return certifyDevice(deployment, device, key("certifier").privateKey);
}

function enrolment(meterId: Hex, device: string, capacityW: number) {
  const deviceKey = key(device).address;
  const signed = certificate(meterId, deviceKey, 1n);
  return enrolCall(deployment, { areaId, meterId, account: ANNA, capacityW, deviceKey, certificate: signed });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-members-"));
  chain = await startEmbeddedChain({ directory, chainId: CHAIN_ID, genesisTimestamp: START });
  network = await connectNetwork({ rpcUrl: chain.rpcUrl, expectedChainId: CHAIN_ID, gasPrice: 0n });
  await chain.setNextBlockTime(START);
  const admin = createSender(network, chain.fundingPrivateKey);
  const holders = Object.fromEntries(
    ["registrar", "operator", "certifier"].map((name) => [name, key(name).address]),
  );
  deployment = await deployContracts({ network, admin, specs: SPECS, holders });
  const owners = ["supplier", "dso", "fund", "anna", "coop"].map((name) => ({
    owner: key(name).address,
    kycHash: `0x${"11".repeat(32)}` as const,
  }));
  const numbers = await registerParticipants(sender("registrar"), deployment, owners);
  expect(numbers).toEqual([SUPPLIER, DSO, FUND, ANNA, COOP]);
  const parties = { supplier: SUPPLIER, dso: DSO, fund: FUND, gateway: key("gateway").address };
  const setup = { intervalSeconds: 900, waitingSeconds: 86_400, ...parties };
  areaId = await openArea(sender("operator"), deployment, setup);
  await sender("registrar").sendAll([
    enrolment(METER, "device", 17_250),
    enrolment(BARN_METER, "barn device", 5_000),
  ]);
  await sender("registrar").send(publishDirectoryCall(deployment, { areaId, directory: directoryOf(4) }));
  const setEntity = { address: addressOf(deployment, "registry"), abi: participantRegistryContract.abi };
  await admin.send(contractCall({ ...setEntity, functionName: "setEntity", args: [COOP, true] }));
  // Any address can be admitted as a market; this one moves nothing.
  await admin.send(admitMarketCall(deployment.contracts, addressOf(deployment, "meterLedger")));
  await admin.send(mintCall(deployment, key("anna").address, 1_000n));
  members = openMemberDirectory(memberSource(network, deployment), () => time);
});
afterAll(async () => {
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The contract and the directory agree on who signs for the members at gates of the last hour and of the next two. */
async function expectSameSigners(): Promise<(Address | null)[]> {
  const gates = [-HOUR, -1, 0, HOUR - 1, HOUR, 2 * HOUR].map((after) => time + after);
  const signers: (Address | null)[] = [];
  for (const member of [1, 4, 5, 9])
    for (const closesAt of gates) {
      const gate = { areaId, member, closesAt };
      const standing = await members.standingOf(gate);
      // Of a party without a meter the contract does not say who would sign.
      const { signer } = standing.isTradable ? standing : { signer: null };
      expect({ ...standing, signer }).toEqual(await readSigner(network, deployment, gate));
      if (member === 4) signers.push(signer);
    }
  return signers;
}

it("an area has its parties as members 1 to 3, and homes from 4 on", async () => {
  expect(await readArea(network, deployment, areaId)).toEqual({
    ...{ areaId, operator: key("operator").address, gateway: key("gateway").address },
    ...{
      intervalSeconds: 900,
      waitingSeconds: 86_400,
      finalSeconds: 60 * 86_400,
      supplier: 1,
      dso: 2,
      fund: 3,
      lastMember: 5,
    },
  });
  expect(await readArea(network, deployment, 9)).toBeNull();
  const read = await readMembers(network, deployment, areaId);
  expect(read.map(({ account, capacityW, meterId }) => [account, capacityW, meterId])).toEqual([
    [SUPPLIER, 0, null],
    [DSO, 0, null],
    [FUND, 0, null],
    [ANNA, 17_250, METER],
    [ANNA, 5_000, BARN_METER],
  ]);
  expect(await readIntervalLengths(network, deployment)).toEqual(new Map([[areaId, 900]]));
});

it("signers change around the gate as the contract says", async () => {
  const [anna, agent, coop] = ["anna", "agent", "coop"].map((name) => key(name).address);
  await pass(2 * HOUR);
  expect(new Set(await expectSameSigners())).toEqual(new Set([anna]));
  await sender("anna").send(registryCall("setAgent", agent as never));
  await pass(1);
  expect(await expectSameSigners()).toContain(agent);
  await pass(2 * HOUR);
  await sender("anna").send(registryCall("requestEntity", COOP as never));
  await sender("coop").send(registryCall("admitMember", ANNA as never));
  await pass(1);
  expect(new Set(await expectSameSigners())).toEqual(new Set([agent, coop]));
  await sender("registrar").send(registryCall("suspend", COOP as never));
  await pass(1);
  expect(new Set(await expectSameSigners())).toEqual(new Set([agent, null]));
});

it("a metering point has the key that the contract has", async () => {
  const keyOf = async (meterId: Hex) => {
    const address = addressOf(deployment, "areaRegistry");
    const meter = {
      address,
      abi: areaRegistryContract.abi,
      functionName: "meterOf",
      args: [meterId],
    } as const;
    const { deviceKey } = await network.client.readContract(meter);
    return BigInt(deviceKey) === 0n ? null : deviceKey.toLowerCase();
  };
  const expectSameKeys = async () => {
    const keys = [];
    for (const meterId of [METER, BARN_METER]) {
      keys.push((await members.meterAt(meterId, time))?.deviceKey);
      expect(keys.at(-1)).toBe(await keyOf(meterId));
    }
    return keys;
  };
  const before = time;
  const next = key("next device").address;
  const args = [METER, next, certificate(METER, next, 2n)];
  await pass(1);
  await sender("gateway").send(areaCall("rotateDeviceKey", args as never));
  await pass(1);
  expect(await expectSameKeys()).toEqual([next, key("barn device").address]);
  await sender("gateway").send(areaCall("revokeDeviceKey", [BARN_METER] as never));
  await pass(1);
  expect(await expectSameKeys()).toEqual([next, null]);
  expect((await members.meterAt(METER, before))?.deviceKey).toBe(key("device").address);
  expect((await members.meterAt(BARN_METER, before))?.deviceKey).toBe(key("barn device").address);
});

it("margin is the seat's, and what is free the account's", async () => {
  const market = "meterLedger";
  const funding = { market, areaId, member: 5, amountMicro: 300n };
  await sender("anna").sendAll(fundingCalls(deployment, funding));
  const margins = await readMargins(network, deployment, { market, areaId, members: [4, 5] });
  expect(margins).toEqual(
    new Map([
      [4, 0n],
      [5, 300n],
    ]),
  );
  expect(await readFree(network, deployment, ANNA)).toBe(0n);
});

it("a publication is read with its version and root", async () => {
  const place = { areaId, intervalId: Math.floor(START / 900) - 1 };
  const meterLedger = addressOf(deployment, "meterLedger");
  expect((await readPublication(network, meterLedger, place)).version).toBe(0);
  const root = new Uint8Array(32).fill(7).fill(0, 30);
  await sender("gateway").send(publishCall(deployment, { ...place, root, meters: 1 }));
  const published = { root: `0x${"07".repeat(30)}0000`, version: 1 };
  expect(await readPublication(network, meterLedger, place)).toEqual(published);
});

it("the audit finds nothing in it, and compares the books with the chain's", async () => {
  const specs = SPECS.map(({ isForAudit: _, ...spec }) => spec);
  const toBlock = Number(await network.client.getBlockNumber());
  const range = { client: network.client, deployment, specs, fromBlock: 0, toBlock };
  const report = await auditEvents({
    events: readHistory(range),
    deployment,
    startReplays(base) {
      const registry = replayRegistry(base);
      const areas = replayAreas({ ...base, registry });
      const balancesOf = balancesOnChain(network, deployment);
      const money = replayMoney({ ...base, registry, areas, balancesOf });
      money.moneyOf("meterLedger");
      const positionedIn = () => new Set<number>();
      const readings = { areas, readings: null, positionedIn, isOpen: () => false };
      return [registry, areas, money, replayReadings({ ...base, ...readings })];
    },
  });
  expect(report).toMatchObject({
    verdict: "clean",
    checked: { "accounts.registered": 5, "metering.members": 5, "metering.roots": 1 },
  });
});
