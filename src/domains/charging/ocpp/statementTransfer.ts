import { z } from "zod";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { SessionStatement } from "../sessions/sessionStatement.ts";
import type { StationState } from "./stationState.ts";

/** A session whose statement a module is asked to sign, and the contract that the signature is for. */
export type StatementRequest = {
  readonly statement: SessionStatement;
  readonly stationHash: Hex;
  /** Of the session on the chain. */
  readonly id: Hex;
  readonly chainId: number;
  readonly contract: Address;
};

export type StatementSignature = { readonly moduleKey: Address; readonly signature: Hex };

/** OCPP has no word for it: `DataTransfer` carries what a vendor adds. */
export const TRANSFER = { vendorId: "commonwatt.org", messageId: "signStatement" } as const;

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/)
  .transform((text) => text as Hex);
const part = z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.int().nonnegative()]);
const requestSchema = z.object({
  startedAt: z.int().nonnegative(),
  fromWh: z.string().regex(/^\d+$/),
  toWh: z.string().regex(/^\d+$/),
  parts: z.array(part),
  stationHash: hex,
  id: hex,
  chainId: z.int().positive(),
  contract: hex,
});
const answerSchema = z.object({ moduleKey: hex, signature: hex });

/** Asks a station for its module's signature; whatever goes wrong is none. */
export async function askSignature(
  { link }: StationState,
  request: StatementRequest,
): Promise<StatementSignature | null> {
  if (link === null) return null;
  try {
    const answer = (await link.call("DataTransfer", { ...TRANSFER, data: writeRequest(request) })) as {
      readonly status: string;
      readonly data?: unknown;
    };
    if (answer.status !== "Accepted" || typeof answer.data !== "string") return null;
    return answerSchema.parse(JSON.parse(answer.data));
  } catch {
    return null;
  }
}

function writeRequest({ statement, ...place }: StatementRequest): string {
  const { startedAt, fromWh, toWh, parts } = statement;
  const figures = parts.map(({ energyWh, chargingSeconds, idleSeconds }) => [
    energyWh,
    chargingSeconds,
    idleSeconds,
  ]);
  return JSON.stringify({ ...place, startedAt, fromWh: `${fromWh}`, toWh: `${toWh}`, parts: figures });
}

/** What a station was asked to sign; null when it is no such request. */
export function readStatementRequest(data: unknown): StatementRequest | null {
  if (typeof data !== "string") return null;
  try {
    const { startedAt, fromWh, toWh, parts, ...place } = requestSchema.parse(JSON.parse(data));
    const statement = {
      startedAt,
      fromWh: BigInt(fromWh),
      toWh: BigInt(toWh),
      parts: parts.map(([energyWh, chargingSeconds, idleSeconds]) => ({
        energyWh,
        chargingSeconds,
        idleSeconds,
      })),
    };
    return { ...place, statement };
  } catch {
    return null;
  }
}
