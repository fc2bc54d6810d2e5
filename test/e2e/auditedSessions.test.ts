import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMargin } from "#domains/accounts/participants.ts";
import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { auditHistory, auditNetwork } from "#domains/audit.ts";
import {
  chargeSessionsCall,
  disputeSessionCall,
  finishSessionsCall,
  holdWalletsCall,
  proveSessionCall,
  readSession,
} from "#domains/charging/chargingSessions.ts";
import { signStatement } from "#domains/charging/rules/signedSession.ts";
import type { SessionEvent } from "#domains/charging/sessionEvents.ts";
import { invoiceHash, statementTotalMicro } from "#domains/charging/sessions/publishedTariff.ts";
import type { SessionStatement } from "#domains/charging/sessions/sessionStatement.ts";
import { CONTRACTS, type DomainEvent } from "#domains/domains.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { readHistory } from "#platform/chain/history.ts";
import { foundSessions, MONDAY, type SessionsOnChain, WALLET_MICRO } from "./sessionsOnChain.fixture.ts";

/* Sessions are held, charged, disputed, proven and given back on the chain, and audited from it: what the contract would not do is named. */

const DAY = 86_400;
const LIMIT_MICRO = 20_000_000n;
const STATEMENT: SessionStatement = {
  startedAt: MONDAY + 6 * 3_600 + 3_000,
  fromWh: 10_000n,
  toWh: 13_500n,
  parts: [
    { energyWh: 1_000, chargingSeconds: 600, idleSeconds: 0 },
    { energyWh: 2_500, chargingSeconds: 900, idleSeconds: 0 },
    { energyWh: 0, chargingSeconds: 0, idleSeconds: 900 },
  ],
};

let world: SessionsOnChain;
let totalMicro = 0n;
const events: ChainEvent[] = [];

beforeAll(async () => {
  world = await foundSessions({ stations: 1, drivers: 2, chainId: 52_020 });
  totalMicro = statementTotalMicro(world.published, STATEMENT);
  await runSessions();
  const { network, deployment } = world;
  const toBlock = Number(await network.client.getBlockNumber());
  const specs = CONTRACTS.map(({ isForAudit: _, ...spec }) => spec);
  const range = { client: network.client, deployment, specs, fromBlock: 0, toBlock };
  for await (const event of readHistory(range)) events.push(event);
});

afterAll(() => world?.close());

/** Four sessions: one charged rightly and paid, one charged too much and proven, one disputed and never proven, one never charged. */
async function runSessions(): Promise<void> {
  const { deployment, owner, admin, driverSender, separator, keyring, chain } = world;
  await chain.setNextBlockTime(MONDAY);
  const of = { station: "station-1", limitMicro: LIMIT_MICRO, expiresAt: MONDAY + 2 * DAY };
  const all = [0, 1, 2, 3].map((i) => world.signFor(i % 2, { ...of, salt: i }));
  await admin.send(
    holdWalletsCall(
      deployment,
      all.map(({ signed }) => signed),
    ),
  );
  const charge = (i: number, amountMicro: bigint) => {
    const { id, salt, signed } = all[i]!;
    const hash = invoiceHash({
      salt,
      session: signed.session,
      totalMicro: amountMicro,
      statement: STATEMENT,
    });
    return { id, amountMicro, invoiceHash: hash };
  };
  await owner.send(
    chargeSessionsCall(deployment, [charge(0, totalMicro), charge(1, LIMIT_MICRO), charge(2, totalMicro)]),
  );
  await driverSender(1).send(disputeSessionCall(deployment, all[1]!.id));
  await driverSender(0).send(disputeSessionCall(deployment, all[2]!.id));
  const { id, salt, stationId, signed } = all[1]!;
  const module = keyring.key("module of station-1");
  const signature = signStatement(STATEMENT, { separator, stationId, id }, module.privateKey);
  const opening = { id, salt, stationId, session: signed.session, moduleKey: module.address };
  const proof = { ...opening, tariff: world.published, statement: STATEMENT, signature };
  await admin.send(proveSessionCall(deployment, proof));
  await chain.setNextBlockTime(MONDAY + 4 * DAY);
  await admin.send(finishSessionsCall(deployment, [all[0]!.id, all[2]!.id, all[3]!.id]));
}

describe("sessions on the chain", () => {
  it("cost tariff × meter, and come back otherwise", async () => {
    const { network, deployment, areaId, payee, driverSeat } = world;
    const marginOf = (seat: number) =>
      readMargin(network, deployment, { market: "chargingSessions", areaId, member: memberOfSeat(seat) });
    expect(await marginOf(payee)).toBe(2n * totalMicro);
    expect(await marginOf(driverSeat(0))).toBe(WALLET_MICRO - totalMicro);
    expect(await marginOf(driverSeat(1))).toBe(WALLET_MICRO - totalMicro);
    const [held] = events.filter((event) => event.kind === "walletHeld") as SessionEvent<"walletHeld">[];
    expect((await readSession(network, deployment, held!.id)).stage).toBe("finished");
  });

  it("are audited from the chain alone", async () => {
    const { network, deployment } = world;
    const report = await auditNetwork({ network, deployment });
    expect(report).toMatchObject({ verdict: "clean" });
    expect(report.checked).toMatchObject({
      "charging.stations": 1,
      "charging.holds": 4,
      "charging.sessions": 3,
      "charging.proofs": 1,
      "charging.openSessions": 0,
    });
  });

  it.each<[string, SessionEvent["kind"], (event: never) => object | null, string]>([
    ["a station of another owner", "stationRegistered", () => ({ sender: zero }), "stationRegistration"],
    ["an old attestation", "stationRegistered", () => ({ number: 0n }), "stationRegistration"],
    ["a station without a meter", "stationRegistered", () => ({ seat: 65_537 }), "stationRegistration"],
    ["a tariff left out", "tariffAnnounced", () => ({ version: 2 }), "stationTariff"],
    ["a larger hold than was signed", "walletHeld", () => ({ limitMicro: 1n }), "sessionHold"],
    ["a hold of another driver", "walletHeld", ({ driver }) => ({ driver: driver + 1 }), "sessionHold"],
    ["a hold without a signature", "walletHeld", () => ({ signature: null }), "hiddenSubmission"],
    ["a hold that is not told", "walletHeld", () => null, "sessionMoney"],
    ["a charge by another", "sessionCharged", () => ({ sender: zero }), "sessionActor"],
    ["a charge above the hold", "sessionCharged", () => ({ amountMicro: LIMIT_MICRO + 1n }), "sessionCharge"],
    ["a charge after the hold", "sessionCharged", () => ({ timestamp: MONDAY + 3 * DAY }), "sessionCharge"],
    ["another amount charged", "sessionCharged", () => ({ amountMicro: 1n }), "sessionMoney"],
    ["a dispute by another", "sessionDisputed", () => ({ sender: zero }), "sessionActor"],
    ["a dispute that is not told", "sessionDisputed", () => null, "sessionStage"],
    ["another total proven", "sessionProven", () => ({ totalMicro: 1n }), "sessionProof"],
    ["a statement of other energy", "sessionProven", withMoreEnergy, "sessionProof"],
    ["a tariff that nobody announced", "sessionProven", withADearerTariff, "sessionProof"],
    ["a proof that did not come", "sessionProven", () => ({ proof: null }), "hiddenSubmission"],
    [
      "more paid than proven",
      "sessionFinished",
      ({ paidMicro }) => ({ paidMicro: paidMicro + 1n }),
      "sessionEnd",
    ],
    ["an end that is not told", "sessionFinished", () => null, "unexplainedMovement"],
  ] as [string, SessionEvent["kind"], (event: never) => object | null, string][])(
    "name %s",
    async (_what, kind, change, rule) => {
      const report = await auditHistory({ events: changed(kind, change), deployment: world.deployment });
      expect(report).toMatchObject({ verdict: "discrepancy", discrepancy: { rule } });
    },
  );
});

const zero = `0x${"0".repeat(40)}`;

/** The history with the first event of a kind changed, or left out. */
function changed(kind: string, change: (event: never) => object | null): DomainEvent[] {
  const first = events.findIndex((event) => event.kind === kind);
  return events.flatMap((event, i) => {
    if (i !== first) return [event as DomainEvent];
    const fact = change(event as never);
    return fact ? [{ ...event, ...fact } as DomainEvent] : [];
  });
}

function withMoreEnergy({ proof }: SessionEvent<"sessionProven">) {
  const statement = { ...proof!.statement, toWh: proof!.statement.toWh + 1n };
  return { proof: { ...proof!, statement } };
}

function withADearerTariff({ proof }: SessionEvent<"sessionProven">) {
  return { proof: { ...proof!, tariff: { ...proof!.tariff, sessionFeeMicro: 9_000_000n } } };
}
