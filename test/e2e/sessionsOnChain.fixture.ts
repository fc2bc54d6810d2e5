import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fundingCalls, kycHash, mintCall, registerParticipants } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { registerStationCall, type SignedHold } from "#domains/charging/chargingSessions.ts";
import {
  chainSessionId,
  sessionCommitment,
  sessionSeparator,
  signHold,
  signModule,
  stationIdOf,
} from "#domains/charging/rules/signedSession.ts";
import { publishTariff, tariffHash } from "#domains/charging/sessions/publishedTariff.ts";
import type { ChargingTariff } from "#domains/charging/sessions/tariff.ts";
import { CONTRACTS } from "#domains/domains.ts";
import {
  addMemberCall,
  certifyDevice,
  enrolCall,
  meterIdOf,
  openArea,
} from "#domains/metering/areaRegistry.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { deployContracts } from "#platform/chain/deployment.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";

/** Monday, 5 January 2026, 00:00 UTC. */
export const MONDAY = 1_767_571_200;
export const WALLET_MICRO = 200_000_000n;
export const PRICES: ChargingTariff = {
  tariffId: "day and night",
  currency: "EUR",
  sessionFeeMicro: 350_000n,
  idleGraceSeconds: 900,
  prices: [
    { fromMinute: 0, energyMicroPerKwh: 290_000n, timeMicroPerHour: 0n, idleMicroPerHour: 0n },
    {
      fromMinute: 480,
      energyMicroPerKwh: 390_000n,
      timeMicroPerHour: 120_000n,
      idleMicroPerHour: 6_000_000n,
    },
  ],
};
const YEAR_SECONDS = 365 * 86_400;
const CERTIFICATE = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;
const FIRST_STATION = 4;
const WAITING_SECONDS = 86_400;

export type SessionsOnChain = Awaited<ReturnType<typeof foundSessions>>;

/** A chain with an area of stations, which one owner runs, and drivers with wallets in it. */
export async function foundSessions({
  stations,
  drivers,
  chainId,
  startsAt = MONDAY,
}: {
  readonly stations: number;
  readonly drivers: number;
  readonly chainId: number;
  readonly startsAt?: number;
}) {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-sessions-"));
  const chain = await startEmbeddedChain({ directory, chainId, genesisTimestamp: startsAt - 86_400 });
  const network = await connectNetwork({ rpcUrl: chain.rpcUrl, request: chain.request, gasPrice: 0n });
  const keyring = createKeyring("sessions on chain");
  const admin = createSender(network, chain.fundingPrivateKey);
  const certifier = keyring.key("certifier");
  const holders = { registrar: admin.address, operator: admin.address, certifier: certifier.address };
  const deployment = await deployContracts({ network, admin, specs: CONTRACTS, holders });
  const separator = sessionSeparator(chainId, addressOf(deployment, "chargingSessions"));
  const clock = createLocalClock("Europe/Berlin");
  const published = publishTariff(PRICES, { clock, from: startsAt, until: startsAt + YEAR_SECONDS });
  const driverNames = Array.from({ length: drivers }, (_, i) => `driver ${i + 1}`);
  const stationNames = Array.from({ length: stations }, (_, i) => `station-${i + 1}`);
  const names = ["supplier", "dso", "fund", "owner", ...driverNames];
  const people = names.map((name) => ({
    owner: keyring.key(name).address,
    kycHash: kycHash(name, keyring.key(name).hex),
  }));
  const accounts = await registerParticipants(admin, deployment, people);
  const [supplier = 0, dso = 0, fund = 0, ownAccount = 0, ...driverAccounts] = accounts;
  const times = { intervalSeconds: 900, waitingSeconds: WAITING_SECONDS, gateway: admin.address };
  const areaId = await openArea(admin, deployment, { ...times, supplier, dso, fund });
  const seat = (member: number) => seatOf({ areaId, member });
  await admin.sendAll([
    ...stationNames.map((name) => {
      const device = { meterId: meterIdOf(name), deviceKey: keyring.key(`device of ${name}`).address };
      const certificate = certifyDevice(deployment, { ...device, ...CERTIFICATE }, certifier.privateKey);
      return enrolCall(deployment, {
        ...device,
        areaId,
        account: ownAccount,
        capacityW: 22_000,
        certificate,
      });
    }),
    ...driverAccounts.map((account) => addMemberCall(deployment, { areaId, account })),
    ...driverNames.map((name) => mintCall(deployment, keyring.key(name).address, WALLET_MICRO)),
  ]);
  const owner = createSender(network, keyring.key("owner").hex);
  const payee = seat(FIRST_STATION);
  await owner.sendAll(
    stationNames.map((name, i) => {
      const moduleKey = keyring.key(`module of ${name}`).address;
      const attestation = {
        stationId: stationIdOf(name),
        meterId: meterIdOf(name),
        moduleKey,
        ...CERTIFICATE,
      };
      const signature = signModule(attestation, { separator, privateKey: certifier.privateKey });
      const at = { seat: seat(FIRST_STATION + i), tariffHash: tariffHash(published) };
      return registerStationCall(deployment, { ...at, attestation, signature });
    }),
  );
  const driverSeat = (i: number) => seat(FIRST_STATION + stations + i);
  for (const [i, name] of driverNames.entries()) {
    const margin = { market: "chargingSessions", areaId, member: FIRST_STATION + stations + i };
    const sender = createSender(network, keyring.key(name).hex);
    await sender.sendAll(fundingCalls(deployment, { ...margin, amountMicro: WALLET_MICRO }));
  }
  return {
    ...{
      directory,
      chain,
      network,
      deployment,
      keyring,
      admin,
      owner,
      areaId,
      payee,
      separator,
      published,
      clock,
    },
    driverSeat,
    driverSender: (i: number) => createSender(network, keyring.key(`driver ${i + 1}`).hex),
    /** A driver signs for a session at a station; the salt is its number. */
    signFor(driver: number, of: { station: string; salt: number; limitMicro: bigint; expiresAt: number }) {
      const salt = toHex(wordOf(of.salt));
      const stationId = stationIdOf(of.station);
      const session = sessionCommitment({ salt, stationId, tariffHash: tariffHash(published) });
      const { limitMicro, expiresAt } = of;
      const hold = { driver: driverSeat(driver), payee, limitMicro, expiresAt, session };
      const { privateKey } = keyring.key(`driver ${driver + 1}`);
      const signed: SignedHold = { ...hold, signature: signHold(hold, separator, privateKey) };
      return { signed, salt, stationId, id: chainSessionId(hold.driver, session) as Hex };
    },
    async close() {
      await chain.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
