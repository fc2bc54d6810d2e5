import { join } from "node:path";
import { archivesOf } from "#community/pool/archives.ts";
import { type MeterGateway, openMeterGateway } from "#domains/metering/meterGateway.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { ledgerSeparator, type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { openOrderDesk, type SubmittedOrder } from "#domains/pool/orderDesk.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { poolSeparator, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Address, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";

const CHAIN_ID = 7_000_000_512;
const POOL_MARKET: Address = `0x${"11".repeat(20)}`;
const METER_LEDGER: Address = `0x${"22".repeat(20)}`;
const [AREA_ID, INTERVAL_ID] = [1, 1_000];
const CAPACITY_W = 17_250;
const PLACE = { areaId: AREA_ID, intervalId: INTERVAL_ID };

const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 60_000n,
  ceilingMicroPerKwh: 360_000n,
  upstreamPriceMicroPerKwh: 360_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: 60_000n,
  gridFeeMicroPerKwh: 30_000n,
};

/**
 * Milliseconds in which the desk accepts an order of each key: digest, recovery, rules, and the archive on the disk. They
 * come at once, as homes send them; each is a new object, of which nothing is known in the process.
 */
export async function acceptOrders(keys: readonly Uint8Array[], directory: string): Promise<number> {
  const separator = poolSeparator(CHAIN_ID, POOL_MARKET);
  const signers = keys.map(addressOfKey);
  const desk = openOrderDesk({
    areaId: AREA_ID,
    terms: { of: () => TERMS },
    separator,
    directory: {
      async standingOf({ member }) {
        const signer = signers[member] ?? null;
        return { signer, isTradable: signer !== null, capacityW: CAPACITY_W };
      },
      accountOf: async ({ member }) => member,
    },
    ...{ currency: "EUR", timeZone: "Europe/Berlin" },
    now: () => (INTERVAL_ID - 1) * TERMS.intervalSeconds,
    keep: openArchives(directory).keepOrder,
  });
  const orders = keys.map((key, participant) => signBid(key, participant, separator));
  const startedAt = performance.now();
  const answers = await Promise.all(orders.map((order) => desk.submit(order)));
  const milliseconds = performance.now() - startedAt;
  if (answers.some(({ status }) => status !== "accepted")) throw new Error("the desk refused an order");
  return milliseconds;
}

/** Milliseconds in which the gateway accepts a reading of each device and makes all of them durable. */
export async function acceptReadings(keys: readonly Uint8Array[], directory: string): Promise<number> {
  const gateway = openBenchGateway(keys.map(addressOfKey), directory);
  const readings = keys.map((key, member) => signUsual(key, member, INTERVAL_ID));
  const startedAt = performance.now();
  const refusals = await Promise.all(readings.map((reading) => gateway.collect(reading)));
  const milliseconds = performance.now() - startedAt;
  if (refusals.some((refusal) => refusal !== null)) throw new Error("the gateway refused a reading");
  return milliseconds;
}

/** A gateway of devices by their members, with its archive on the disk; nothing is published. */
export function openBenchGateway(devices: readonly Address[], directory: string): MeterGateway {
  const { keepReading, keptReadings } = openArchives(directory);
  return openMeterGateway({
    sender: { send: async () => ({ gasUsed: 0n }) } as never,
    deployment: { chainId: CHAIN_ID, deployedAtBlock: 0, contracts: { meterLedger: METER_LEDGER } },
    areaId: AREA_ID,
    intervalSeconds: TERMS.intervalSeconds,
    now: () => Number.POSITIVE_INFINITY,
    meteredIn: async () => [],
    async meterAt(meterId) {
      const member = Number(BigInt(meterId));
      return { member, account: member, areaId: AREA_ID, deviceKey: devices[member] ?? null };
    },
    keep: keepReading,
    kept: keptReadings,
    publicationOf: async () => ({ root: toHex(wordOf(0)), version: 0 }),
  });
}

function openArchives(directory: string) {
  const intervalSecondsOf = () => TERMS.intervalSeconds;
  return archivesOf({
    orders: openOrderArchive({ directory: join(directory, "orders"), intervalSecondsOf }),
    readings: openReadingArchive({ directory: join(directory, "readings"), intervalSecondsOf }),
    areaId: AREA_ID,
  });
}

function signBid(key: Uint8Array, participant: number, separator: Uint8Array): SubmittedOrder {
  const terms = { side: "bid", energyWh: 500, limitPriceMicroPerKwh: 200_000, sequence: 0 } as const;
  return { ...signOrder({ participant, ...terms, ...PLACE }, { separator, ...PLACE }, key) };
}

/** A reading of a device, as a new object. */
export function signUsual(key: Uint8Array, member: number, intervalId: number): SignedReading {
  const energy = { importWh: 700, exportWh: 0, quality: "measured", version: 1 } as const;
  const reading = { meterId: toHex(wordOf(member)), member, areaId: AREA_ID, intervalId, ...energy };
  return { ...signReading(reading, ledgerSeparator(CHAIN_ID, METER_LEDGER), key) };
}
