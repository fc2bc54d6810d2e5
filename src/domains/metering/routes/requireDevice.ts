import type { FastifyRequest } from "fastify";
import { findMeter, type MeterPlace } from "#domains/metering/queries/meters.ts";
import { loginSigner, readLogin } from "#domains/metering/rules/deviceLogin.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { NotYoursError, SignInRequiredError } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";

/**
 * The metering point, for the device whose key is in force at it: it signs in as at the broker, by HTTP's basic authentication with its
 * metering point for a name (see passwordOf).
 *
 * @throws NotFoundError, SignInRequiredError, NotYoursError
 */
export async function requireDevice(
  { store, now, worldNow }: Pick<ApiContext, "store" | "now" | "worldNow">,
  { headers }: Pick<FastifyRequest, "headers">,
  meterId: string,
): Promise<MeterPlace> {
  const meter = await findMeter(store.db, { meterId, now: now() });
  if (meter === null) throw new NotFoundError(`metering point ${meterId}`);
  const [, encoded = ""] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? "") ?? [];
  const [name = "", password = ""] = Buffer.from(encoded, "base64").toString("latin1").split(":");
  const login = readLogin(name, password);
  const { deployment } = store;
  const place = { chainId: deployment.chainId, meterLedger: addressOf(deployment, "meterLedger") };
  const signer = login && loginSigner(login, place, worldNow());
  if (!login || signer === null) throw new SignInRequiredError();
  if (login.meterId !== meterId || meter.inForce !== signer)
    throw new NotYoursError(`metering point ${meterId}`);
  return meter;
}
