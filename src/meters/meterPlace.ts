import { z } from "zod";
import { meterWire } from "#domains/metering/wireMeters.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/** What a device signs for: its metering point in an area, and the ledger that its readings go to. */
export type MeterPlace = {
  readonly meterId: Hex;
  readonly areaId: number;
  readonly member: number;
  readonly intervalSeconds: number;
  readonly chainId: number;
  readonly meterLedger: Address;
};

/** The same with what may change: the connection, W, the key in force, and the market's clock. */
export type MeterSight = MeterPlace & {
  readonly capacityW: number;
  readonly deviceKey: Address | null;
  readonly now: number;
  readonly clockSpeed: number;
};

const REQUEST_MS = 30_000;

/**
 * Asks a gateway where a metering point is.
 *
 * @throws GatewayUnreachableError, UnknownMeterError
 */
export async function askPlace(gateway: string, meterId: Hex): Promise<MeterSight> {
  const body = await getJson(new URL(`/v1/meters/${meterId}`, gateway), meterId);
  const { success, data, error } = meterWire.safeParse(body);
  if (!success) throw new GatewayUnreachableError(gateway, { cause: error });
  return {
    ...data,
    meterId,
    meterLedger: data.meterLedger as Address,
    deviceKey: data.deviceKey as Address | null,
  };
}

async function getJson(url: URL, meterId: Hex): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
  } catch (cause) {
    throw new GatewayUnreachableError(url.origin, { cause });
  }
  if (answer.status === 404) throw new UnknownMeterError(meterId, url.origin);
  if (!answer.ok)
    throw new GatewayUnreachableError(url.origin, { cause: new Error(`status ${answer.status}`) });
  return answer.json();
}

/** What is kept of a place, to be compared with what is told later. */
export const keptPlace = z.object({
  meterId: z.string(),
  areaId: z.int(),
  member: z.int(),
  intervalSeconds: z.int(),
  chainId: z.int(),
  meterLedger: z.string(),
});

/** The lasting part of a place. */
export function placeOf({
  meterId,
  areaId,
  member,
  intervalSeconds,
  chainId,
  meterLedger,
}: MeterPlace): MeterPlace {
  return { meterId, areaId, member, intervalSeconds, chainId, meterLedger };
}

export class GatewayUnreachableError extends DomainError {
  readonly code = "gatewayUnreachable";

  constructor(gateway: string, options?: ErrorOptions) {
    super(`the gateway ${gateway} does not answer`, options);
  }
}

export class UnknownMeterError extends DomainError {
  readonly code = "unknownMeter";

  constructor(meterId: string, gateway: string) {
    super(`the metering point ${meterId} is not enrolled at ${gateway}`);
  }
}
