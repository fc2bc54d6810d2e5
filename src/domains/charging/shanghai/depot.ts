import { fundingCalls, kycHash, mintCall, registerParticipants } from "#domains/accounts/participants.ts";
import { announceQuotaTermsCall } from "#domains/charging/quotaMarket.ts";
import type { QuotaTerms } from "#domains/charging/rules/quotaTerms.ts";
import {
  certifyDevice,
  enrolCall,
  meterIdOf,
  openArea,
  publishDirectoryCall,
} from "#domains/metering/areaRegistry.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { type ByStation, byStation, STATIONS, type StationName } from "./shanghaiCase.ts";

/** The stations of the case on a chain: an area of theirs, its DSO, and everybody's senders. */
export type Depot = {
  readonly network: Network;
  readonly deployment: Deployment;
  readonly keyring: Keyring;
  readonly areaId: number;
  /** Registers, operates the area and publishes its readings. */
  readonly admin: Sender;
  readonly dso: Sender;
  readonly stations: ByStation<Sender>;
};

/** Names of the keys of a depot in its keyring. */
export const depotKeys = {
  certifier: "certifier",
  party: (role: "supplier" | "dso" | "fund") => role,
  station: (name: StationName) => `station ${name}`,
  device: (name: StationName) => `device ${name}`,
} as const;

/** Supplier, DSO and fund are an area's first members, the stations follow. */
const PARTIES = ["supplier", "dso", "fund"] as const;

/** The number of each station in the area. */
export const STATION_MEMBER = byStation((_, i) => PARTIES.length + 1 + i);

/** More than any quota of the case. */
const CAPACITY_W = 100_000;
/** A station's margin in the quota market: several times what the case asks of the largest. */
const MARGIN_MICRO = 100_000_000_000n;
const WAITING_SECONDS = 86_400;
const CERTIFICATE = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;

/**
 * Founds the depot: accounts, an area with a metering point for each station, the terms of its quotas, and margins in test tokens.
 * The contracts are the administrator's, who is registrar and operator as well.
 */
export async function foundDepot({
  intervalSeconds,
  terms,
  ...base
}: Pick<Depot, "network" | "deployment" | "keyring" | "admin"> & {
  readonly intervalSeconds: number;
  readonly terms: QuotaTerms;
}): Promise<Depot> {
  const { network, deployment, keyring, admin } = base;
  const names = [...PARTIES.map(depotKeys.party), ...STATIONS.map(depotKeys.station)];
  const accounts = await registerParticipants(
    admin,
    deployment,
    names.map((name) => ({
      owner: keyring.key(name).address,
      kycHash: kycHash(name, keyring.key(name).hex),
    })),
  );
  const [supplier, dso, fund, ...stations] = accounts as [number, number, number, ...number[]];
  const parties = { gateway: admin.address, supplier, dso, fund };
  const times = { intervalSeconds, waitingSeconds: WAITING_SECONDS };
  const areaId = await openArea(admin, deployment, { ...times, ...parties });
  const depot: Depot = {
    ...base,
    areaId,
    dso: createSender(network, keyring.key(depotKeys.party("dso")).hex),
    stations: byStation((name) => createSender(network, keyring.key(depotKeys.station(name)).hex)),
  };
  await enrolStations(depot, stations);
  await depot.dso.send(announceQuotaTermsCall(deployment, { areaId, terms }));
  await fundStations(depot);
  return depot;
}

/** The metering point of a station. */
export function stationMeterId(name: StationName): Hex {
  return meterIdOf(`shanghai/${name}`);
}

async function enrolStations({ deployment, keyring, admin, areaId }: Depot, accounts: readonly number[]) {
  const certifierKey = keyring.key(depotKeys.certifier).privateKey;
  const enrolments = STATIONS.map((name, i) => {
    const deviceKey = keyring.key(depotKeys.device(name)).address;
    const device = { meterId: stationMeterId(name), deviceKey };
    const certificate = certifyDevice(deployment, { ...device, ...CERTIFICATE }, certifierKey);
    const account = present(accounts[i], `the account of station ${name}`);
    return enrolCall(deployment, { ...device, areaId, account, capacityW: CAPACITY_W, certificate });
  });
  await admin.sendAll([...enrolments, publishDirectoryCall(deployment, { areaId, directory: 0 })]);
}

async function fundStations({ deployment, admin, areaId, stations }: Depot): Promise<void> {
  await admin.sendAll(STATIONS.map((name) => mintCall(deployment, stations[name].address, MARGIN_MICRO)));
  for (const name of STATIONS) {
    const margin = { market: "quotaMarket", areaId, member: STATION_MEMBER[name], amountMicro: MARGIN_MICRO };
    await stations[name].sendAll(fundingCalls(deployment, margin));
  }
}
