import type { Address, Hex } from "viem";
import { readContract, signTypedData } from "wagmi/actions";
import type { z } from "zod";
import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { chargingSessionsContract } from "#domains/charging/contracts.generated.ts";
import {
  HOLD_FIELDS,
  SESSIONS_DOMAIN_NAME,
  sessionCommitment,
} from "#domains/charging/rules/signedSession.ts";
import {
  type PublishedTariff,
  tariffHash,
  tariffNameHash,
} from "#domains/charging/sessions/publishedTariff.ts";
import type { holdReceiptWire } from "#domains/charging/sessionWire.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { sendJson } from "../../app/api/getJson.ts";
import type { SessionState } from "../../app/api/session.ts";
import { openWalletOf } from "../../app/wallet/openWallet.ts";
import { walletConfig } from "../../app/wallet/walletConfig.ts";
import { type PricedStation, tariffOf } from "./driver.ts";

/** What a driver agrees to: a station with its prices, at most so much, until then. */
export type HoldToSign = {
  readonly areaId: number;
  /** Of the driver, whose wallet is its margin. */
  readonly driver: { readonly account: number; readonly member: number };
  readonly station: PricedStation;
  /** Of the tariff's times of day. */
  readonly timeZone: string;
  readonly limitMicro: bigint;
  /** Unix seconds, by the market. */
  readonly now: number;
  readonly expiresAt: number;
};

export type SentHold = z.infer<typeof holdReceiptWire> & { readonly salt: Hex };

const SALT_BYTES = 32;

/** Lets the wallet sign a hold for a session by the prices that are shown, and hands it to the station's operator. */
export async function sendHold(state: SessionState, hold: HoldToSign): Promise<SentHold> {
  const { areaId, driver, station, limitMicro, expiresAt } = hold;
  const salt = toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  const session = sessionCommitment({
    salt,
    stationId: station.stationHash as Hex,
    tariffHash: await announcedHash(state, hold),
  });
  const { config, connector, account } = await openWalletOf(state, await readSigner(state, hold));
  const { chainId, contracts } = state.chain;
  const seat = (member: number) => seatOf({ areaId, member });
  const signature = await signTypedData(config, {
    account,
    connector,
    domain: {
      name: SESSIONS_DOMAIN_NAME,
      version: "1",
      chainId,
      verifyingContract: contracts.chargingSessions as Hex,
    },
    types: { SessionHold: HOLD_FIELDS },
    primaryType: "SessionHold",
    message: {
      ...{ driver: seat(driver.member), payee: seat(station.payeeMember), session },
      ...{ limitMicro: Number(limitMicro), expiresAt },
    },
  });
  const receipt = await sendJson<z.infer<typeof holdReceiptWire>>("POST", `/v1/areas/${areaId}/sessions`, {
    ...{ stationId: station.stationId, salt, session, signature },
    ...{ driverMember: driver.member, payeeMember: station.payeeMember },
    ...{ limitMicro: Number(limitMicro), expiresAt },
  });
  return { ...receipt, salt };
}

/**
 * The hash of the tariff as this page shows it. The chain is asked whether the station has announced just this one: by another
 * nothing could be proven in a dispute.
 */
async function announcedHash(state: SessionState, { station, timeZone, now }: HoldToSign): Promise<Hex> {
  const { sessionFeeMicro, idleGraceSeconds, prices, tariffId, currency } = tariffOf(station.tariff);
  const { offsets } = station;
  const clock = createLocalClock(timeZone);
  const holdsNow = offsets.filter(({ from }) => from <= now).at(-1);
  const isOfZone = offsets.every(
    (each) =>
      (each !== holdsNow && each.from <= now) ||
      each.offsetSeconds === clock.offsetAt(Math.max(each.from, now)),
  );
  if (!holdsNow || !isOfZone) throw new TariffOtherError(station.stationId);
  const nameHash = tariffNameHash({ tariffId, currency });
  const published: PublishedTariff = { nameHash, sessionFeeMicro, idleGraceSeconds, prices, offsets };
  const hash = tariffHash(published);
  const at = await readContract(walletConfig(state), {
    address: state.chain.contracts.chargingSessions as Address,
    abi: chargingSessionsContract.abi,
    functionName: "announcedAt",
    args: [station.stationHash as Hex, hash],
  });
  if (at === 0n) throw new TariffOtherError(station.stationId);
  return hash;
}

/** The registry knows who signs: the account's owner, its agent, or its entity. */
async function readSigner(state: SessionState, { driver, now }: HoldToSign): Promise<string> {
  const signer = await readContract(walletConfig(state), {
    address: state.chain.contracts.registry as Address,
    abi: participantRegistryContract.abi,
    functionName: "signerAt",
    args: [driver.account, BigInt(now)],
  });
  if (BigInt(signer) === 0n) throw new NobodyDrivesError(driver.account);
  return signer.toLowerCase();
}

class TariffOtherError extends Error {
  constructor(stationId: string) {
    super(`${stationId} has not announced these prices on the chain; nothing was signed`);
  }
}

class NobodyDrivesError extends Error {
  constructor(account: number) {
    super(`nobody may sign for account ${account} now: it is suspended`);
  }
}
