import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, ContractEvents, Fact, FactOf } from "#platform/chain/contractSpec.ts";
import { decodeLog } from "#platform/chain/decodeLog.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import { areaRegistryContract, meterLedgerContract } from "./contracts.generated.ts";

/**
 * What an area is opened with.
 *
 * @property gateway who publishes its readings
 * @property waitingSeconds how long a reading is waited for after its interval
 * @property finalSeconds how long its readings are corrected after an interval; {@link FINAL_SECONDS} where nothing is said
 * @property supplier account that replaces shortfalls and takes surpluses; in the area it becomes member 1
 * @property dso account that gets the grid fees (R2.51): member 2
 * @property fund account for what rounding leaves: member 3
 */
export type AreaSetup = {
  readonly intervalSeconds: number;
  readonly waitingSeconds: number;
  readonly finalSeconds?: number;
  readonly gateway: Address;
  readonly supplier: number;
  readonly dso: number;
  readonly fund: number;
};

/** An area's readings are corrected for 60 days, when its setup says nothing else. */
export const FINAL_SECONDS = 60 * 86_400;

type Area = { readonly areaId: number };
type Meter = { readonly meterId: Hex };
/** `certificateNumber` of the certificate that vouched for the key; it rises with each of a meter. */
type DeviceKey = Meter & { readonly deviceKey: Address; readonly certificateNumber: bigint };

/** What the events of the registry of areas say. */
type AreaFacts = {
  areaOpened: Area & { operator: Address; setup: AreaSetup };
  operatorNamed: Area & { operator: Address };
  operatorChanged: Area & { operator: Address };
  gatewayChanged: Area & { gateway: Address };
  supplierChanged: MemberPlace;
  dsoChanged: MemberPlace;
  fundChanged: MemberPlace;
  memberAdded: MemberPlace & { account: number };
  meterEnrolled: DeviceKey & MemberPlace & { capacityW: number };
  meterRetired: Meter & MemberPlace;
  capacityChanged: Meter & { capacityW: number };
  deviceKeyRotated: DeviceKey;
  deviceKeyRevoked: Meter & { deviceKey: Address };
};

type Interval = Area & { readonly intervalId: number };

/** What the events of the ledger of readings say; `members` has bit n % 256 for member n of the page. */
type LedgerFacts = {
  stationSet: Area & {
    gateway: Address;
    intervalSeconds: number;
    waitingSeconds: number;
    finalSeconds: number;
  };
  claimantAdmitted: { claimPurpose: number; claimant: Address };
  readingsPublished: Interval & { version: number; root: Hex; meters: number };
  pageClaimed: Interval & { page: number; members: bigint; claimant: Address };
  readingClaimed: Interval & { member: number; claimPurpose: number; claimant: Address; energyWh: bigint };
};

type MeteringKind = keyof AreaFacts | keyof LedgerFacts;

/** A fact of the registry of areas, without its place. */
export type AreaFact<Kind extends keyof AreaFacts = keyof AreaFacts> = FactOf<
  "areaRegistry",
  AreaFacts,
  Kind
>;

/** What an event of the registry of areas or of the ledger of readings says, without its place. */
export type MeteringFact<Kind extends MeteringKind = MeteringKind> =
  | FactOf<"areaRegistry", AreaFacts, Kind>
  | FactOf<"meterLedger", LedgerFacts, Kind>;

export type MeteringEvent<Kind extends MeteringKind = MeteringKind> = ChainEvent<MeteringFact<Kind>>;

const CONTRACTS: readonly string[] = ["areaRegistry", "meterLedger"];

/** Whether an event is of the registry of areas or of the ledger of readings. */
export function isMeteringEvent(event: Fact): event is MeteringEvent {
  return CONTRACTS.includes(event.contract);
}

/** Logs of the registry of areas. */
export const areaEvents = {
  name: "areaRegistry",
  abi: areaRegistryContract.abi,
  decode: ({ logs }) => logs.map(readAreaRegistry),
} as const satisfies ContractEvents<MeteringFact>;

/** Logs of the ledger of readings. */
export const ledgerEvents = {
  name: "meterLedger",
  abi: meterLedgerContract.abi,
  decode: ({ logs }) => logs.map(readLedger),
} as const satisfies ContractEvents<MeteringFact>;

/** The fact of a log of the registry of areas; null for one that says nothing of areas: what is published saves gas only. */
export function readAreaRegistry(log: MinedLog): AreaFact | null {
  const { eventName, args } = decodeLog(areaRegistryContract.abi, log);
  const contract = "areaRegistry";
  switch (eventName) {
    case "AreaOpened": {
      const { areaId, operator, setup } = args;
      const own = { ...setup, gateway: lower(setup.gateway) };
      return { contract, kind: "areaOpened", areaId, operator: lower(operator), setup: own };
    }
    case "OperatorNamed":
      return { contract, kind: "operatorNamed", ...args, operator: lower(args.operator) };
    case "OperatorChanged":
      return { contract, kind: "operatorChanged", ...args, operator: lower(args.operator) };
    case "GatewayChanged":
      return { contract, kind: "gatewayChanged", ...args, gateway: lower(args.gateway) };
    case "SupplierChanged":
      return { contract, kind: "supplierChanged", ...args };
    case "DsoChanged":
      return { contract, kind: "dsoChanged", ...args };
    case "FundChanged":
      return { contract, kind: "fundChanged", ...args };
    case "MemberAdded":
      return { contract, kind: "memberAdded", ...args };
    case "MeterEnrolled": {
      const { number: certificateNumber, ...rest } = args;
      const deviceKey = lower(args.deviceKey);
      return { contract, kind: "meterEnrolled", ...rest, deviceKey, certificateNumber };
    }
    case "MeterRetired":
      return { contract, kind: "meterRetired", ...args };
    case "CapacityChanged":
      return { contract, kind: "capacityChanged", ...args };
    case "DeviceKeyRotated": {
      const { number: certificateNumber, meterId } = args;
      const deviceKey = lower(args.deviceKey);
      return { contract, kind: "deviceKeyRotated", meterId, deviceKey, certificateNumber };
    }
    case "DeviceKeyRevoked":
      return { contract, kind: "deviceKeyRevoked", ...args, deviceKey: lower(args.deviceKey) };
    default:
      return null;
  }
}

function readLedger(log: MinedLog): MeteringFact | null {
  const { eventName, args } = decodeLog(meterLedgerContract.abi, log);
  const contract = "meterLedger";
  switch (eventName) {
    case "StationSet":
      return { contract, kind: "stationSet", ...args, gateway: lower(args.gateway) };
    case "ClaimantAdmitted": {
      const { purpose: claimPurpose, claimant } = args;
      return { contract, kind: "claimantAdmitted", claimPurpose, claimant: lower(claimant) };
    }
    case "ReadingsPublished":
      return { contract, kind: "readingsPublished", ...args };
    case "PageClaimed":
      return { contract, kind: "pageClaimed", ...args, claimant: lower(args.claimant) };
    case "ReadingClaimed": {
      const { purpose: claimPurpose, claimant, ...rest } = args;
      return { contract, kind: "readingClaimed", ...rest, claimPurpose, claimant: lower(claimant) };
    }
    default:
      return null;
  }
}

function lower(address: string): Address {
  return address.toLowerCase() as Address;
}
