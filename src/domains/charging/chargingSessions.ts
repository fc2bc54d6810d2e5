import type { ContractFunctionArgs, ContractFunctionName } from "viem";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";
import { chargingSessionsContract } from "./contracts.generated.ts";
import type { ModuleAttestation, WalletHold } from "./rules/signedSession.ts";
import { type PublishedTariff, packParts } from "./sessions/publishedTariff.ts";
import type { SessionStatement } from "./sessions/sessionStatement.ts";

const { abi } = chargingSessionsContract;

/** Stages of a session, as the contract numbers them. */
export const SESSION_STAGES = ["none", "held", "charged", "disputed", "finished"] as const;

/** A driver's word, signed. */
export type SignedHold = WalletHold & { readonly signature: Hex };

/** What a session is charged. */
export type SessionCharge = {
  readonly id: Hex;
  readonly amountMicro: bigint;
  /** Salted hash of the invoice. */
  readonly invoiceHash: Hex;
};

/** All that proves a charge that is disputed. */
export type SessionProof = {
  readonly id: Hex;
  readonly session: Hex;
  readonly salt: Hex;
  readonly stationId: Hex;
  readonly moduleKey: Hex;
  readonly tariff: PublishedTariff;
  readonly statement: SessionStatement;
  /** Of the module. */
  readonly signature: Hex;
};

/** Registers a station at a metering point; its owner's to send. */
export function registerStationCall(
  deployment: Deployment,
  {
    seat,
    tariffHash,
    signature,
    attestation: { stationId, moduleKey, number, expiresAt },
  }: {
    readonly seat: number;
    readonly tariffHash: Hex;
    readonly attestation: ModuleAttestation;
    readonly signature: Hex;
  },
): Call {
  const brought = { number, expiresAt, signature };
  return sessionsCall(deployment, "registerStation", [stationId, seat, moduleKey, brought, tariffHash]);
}

/** Moves what drivers signed for into escrow; anybody's to send. */
export function holdWalletsCall(deployment: Deployment, holds: readonly SignedHold[]): Call {
  return sessionsCall(deployment, "hold", [
    holds.map(({ limitMicro, ...rest }) => ({ ...rest, limitMicro: Number(limitMicro) })),
  ]);
}

/** Charges sessions; the payee's to send. */
export function chargeSessionsCall(deployment: Deployment, charges: readonly SessionCharge[]): Call {
  return sessionsCall(deployment, "charge", [
    charges.map(({ amountMicro, ...rest }) => ({ ...rest, amountMicro: Number(amountMicro) })),
  ]);
}

/** Asks for the proof of a charge; the driver's to send. */
export function disputeSessionCall(deployment: Deployment, id: Hex): Call {
  return sessionsCall(deployment, "dispute", [id]);
}

/** Proves a charge that is disputed; anybody's to send. */
export function proveSessionCall(deployment: Deployment, proof: SessionProof): Call {
  const { id, session, salt, stationId, moduleKey, tariff, statement, signature } = proof;
  const { startedAt, fromWh, toWh, parts } = statement;
  return sessionsCall(deployment, "prove", [
    id,
    { session, salt, stationId, moduleKey },
    tariff,
    { startedAt, fromWh, toWh, parts: toHex(packParts(parts)) },
    signature,
  ]);
}

/** Ends sessions whose time is over; anybody's to send. */
export function finishSessionsCall(deployment: Deployment, ids: readonly Hex[]): Call {
  return sessionsCall(deployment, "finish", [ids]);
}

/** A station as it is registered; null where it is not. */
export async function readStation(
  { client }: Network,
  deployment: Deployment,
  stationId: Hex,
): Promise<{ readonly seat: number; readonly tariffVersion: number } | null> {
  const address = addressOf(deployment, "chargingSessions");
  const args = [stationId] as const;
  const [seat, , tariffVersion] = await client.readContract({ address, abi, functionName: "stations", args });
  return tariffVersion === 0 ? null : { seat, tariffVersion };
}

/** A session as the chain has it now. */
export async function readSession(
  { client }: Network,
  deployment: Deployment,
  id: Hex,
): Promise<{
  readonly stage: (typeof SESSION_STAGES)[number];
  /** Seat that is paid. */
  readonly payee: number;
  /** What is held until it is charged, then what is charged. */
  readonly amountMicro: bigint;
  /** Unix seconds. */
  readonly until: number;
}> {
  const address = addressOf(deployment, "chargingSessions");
  const [stage, , payee, amountMicro, until] = await client.readContract({
    address,
    abi,
    functionName: "sessions",
    args: [id],
  });
  return { stage: SESSION_STAGES[stage] ?? "none", payee, amountMicro: BigInt(amountMicro), until };
}

function sessionsCall<const Name extends ContractFunctionName<typeof abi, "nonpayable">>(
  deployment: Deployment,
  functionName: Name,
  args: ContractFunctionArgs<typeof abi, "nonpayable", Name>,
): Call {
  return contractCall({ address: addressOf(deployment, "chargingSessions"), abi, functionName, args });
}
