import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMargin } from "#domains/accounts/participants.ts";
import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { margins } from "#domains/accounts/tables.ts";
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
import { settleSessions } from "#domains/charging/sessionDuties.ts";
import type { SessionEvent } from "#domains/charging/sessionEvents.ts";
import { openSessionLedger, type SessionLedger } from "#domains/charging/sessionLedger.ts";
import type { ChargingSession } from "#domains/charging/sessions/chargingSession.ts";
import { invoiceSession } from "#domains/charging/sessions/invoice.ts";
import { invoiceHash, statementTotalMicro } from "#domains/charging/sessions/publishedTariff.ts";
import { type SessionStatement, statementOf } from "#domains/charging/sessions/sessionStatement.ts";
import { CONTRACTS, type DomainEvent, NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { createDirectory } from "#domains/metering/directory.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { readHistory } from "#platform/chain/history.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";
import {
  foundSessions,
  MONDAY,
  PRICES,
  type SessionsOnChain,
  WALLET_MICRO,
} from "./sessionsOnChain.fixture.ts";

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

describe("sessions in the database", () => {
  let store: Store;
  let api: ApiFixture;
  let ledger: SessionLedger;
  beforeAll(async () => {
    const { deployment, directory, clock } = world;
    store = await openMemoryStore({ deployment });
    await project(store, events as DomainEvent[], projectorOf(NO_SOURCES));
    ledger = openSessionLedger(join(directory, "ledger"), () => MONDAY + 4 * DAY);
    await fillLedger(ledger);
    const offices = {
      sessionOffices: new Map([
        [
          world.areaId,
          {
            ...{ ledger, unsettled: () => [], stations: [], party: PARTY, clock },
            hold: async () => ({ refusal: "unknownStation" as const }),
          },
        ],
      ]),
    };
    api = await openApiFixture({ store, directory: createDirectory(store.db), ...offices });
  });
  afterAll(async () => {
    await api?.close();
    await store?.close();
  });

  async function get(path: string, headers: Record<string, string> = {}) {
    const answer = await api.app.inject({ url: `/v1/areas/${world.areaId}/sessions${path}`, headers });
    return { status: answer.statusCode, body: answer.json() };
  }

  it("have the money that the chain has", async () => {
    const { network, deployment, areaId, payee, driverSeat } = world;
    const market = "chargingSessions";
    const rows = await store.db.select().from(margins);
    const own = rows.filter((row) => row.market === deployment.contracts[market]);
    expect(own).toHaveLength(3);
    for (const seat of [payee, driverSeat(0), driverSeat(1)]) {
      const { marginMicro, escrowMicro } = own.find((row) => row.seat === seat)!;
      const place = { market, areaId, member: memberOfSeat(seat) };
      expect(marginMicro).toBe(await readMargin(network, deployment, place));
      expect(escrowMicro).toBe(0n);
    }
  });

  it("are public as the chain has them: no driver's place (R2.65)", async () => {
    const { body } = await get("");
    expect(body.sessions).toHaveLength(4);
    const proven = body.sessions.find(
      ({ provenMicro }: { provenMicro: string | null }) => provenMicro !== null,
    );
    expect(proven).toMatchObject({
      sessionStage: "finished",
      limitMicro: `${LIMIT_MICRO}`,
      amountMicro: `${LIMIT_MICRO}`,
      provenMicro: `${totalMicro}`,
      paidMicro: `${totalMicro}`,
      returnedMicro: `${LIMIT_MICRO - totalMicro}`,
    });
    const places = body.sessions
      .flatMap((each: object) => Object.keys(each))
      .filter((key: string) => /station|evse/i.test(key));
    expect(places).toEqual([]);
    expect((await get(`?driver=${proven.driver}`)).body.sessions).toHaveLength(2);
    expect((await get("?driver=1")).body.sessions).toEqual([]);
  });

  it("have an invoice for their payee and their driver, and nobody else", async () => {
    const { id, salt } = heldBy(0);
    expect((await get(`/${id}/invoice`)).status).toBe(401);
    expect((await get(`/${id}/invoice`, { "session-salt": heldBy(1).salt })).status).toBe(404);
    const byDriver = await get(`/${id}/invoice`, { "session-salt": salt });
    expect(byDriver.body).toMatchObject({
      stationId: "station-1",
      energyWh: "3500",
      totalMicro: `${totalMicro}`,
    });
    const sum = byDriver.body.lines.reduce(
      (all: bigint, line: { amountMicro: string }) => all + BigInt(line.amountMicro),
      0n,
    );
    expect(sum).toBe(totalMicro);
    const owner = await signIn(api.app, world.keyring.key("owner").privateKey);
    expect((await get(`/${id}/invoice`, owner)).body).toEqual(byDriver.body);
    const driver = await signIn(api.app, world.keyring.key("driver 2").privateKey);
    expect((await get(`/${id}/invoice`, driver)).status).toBe(403);
    const cdr = await get(`/${id}/cdr`, { "session-salt": salt });
    expect(cdr.body).toMatchObject({ country_code: "DE", total_energy: 3.5, currency: "EUR" });
    expect((await get(`/${heldBy(1).id}/invoice`, { "session-salt": heldBy(1).salt })).status).toBe(404);
  });
});

const PARTY = {
  countryCode: "DE",
  partyId: "CWT",
  location: {
    id: "depot",
    address: "Riverside 1",
    city: "Riverside",
    country: "DEU",
    latitude: "52.5200",
    longitude: "13.4050",
  },
};

function heldBy(i: number) {
  const of = { station: "station-1", limitMicro: LIMIT_MICRO, expiresAt: MONDAY + 2 * DAY, salt: i };
  return world.signFor(i % 2, of);
}

/** The operator's own book: the first session is invoiced, the second only held for. */
describe("a hold that its driver brings to the chain with less", () => {
  it("covers no session at the desk, and the operator is told", async () => {
    const { deployment, directory, network, driverSender, owner } = world;
    const now = MONDAY + 4 * DAY;
    const of = { station: "station-1", salt: 9, expiresAt: now + DAY };
    const full = world.signFor(0, { ...of, limitMicro: LIMIT_MICRO });
    const less = world.signFor(0, { ...of, limitMicro: 1n });
    const honest = world.signFor(1, { ...of, salt: 10, limitMicro: LIMIT_MICRO });
    const ledger = openSessionLedger(join(directory, "front-run"), () => now);
    for (const { id, salt, stationId: stationHash, signed: hold } of [full, honest]) {
      const station = { stationId: "station-1", stationHash, tariff: PRICES, published: world.published };
      await ledger.hold({ id, salt, hold, idToken: id.slice(2, 22), ...station });
    }
    await driverSender(0).send(holdWalletsCall(deployment, [less.signed]));
    const told: string[] = [];
    const operator = {
      ...{ network, deployment, ledger, sender: owner, signStatement: async () => null },
      tell: ({ id }: { readonly id: string }) => told.push(id),
    };
    expect(await settleSessions(operator, now)).toEqual(new Set([honest.id]));
    expect(told).toEqual([full.id]);
    expect(await settleSessions(operator, now)).toEqual(new Set([honest.id]));
    expect(told).toEqual([full.id]);
  });
});

async function fillLedger(ledger: SessionLedger): Promise<void> {
  for (const i of [0, 1]) {
    const { id, salt, stationId: stationHash, signed: hold } = heldBy(i);
    const station = { stationId: "station-1", stationHash, tariff: PRICES, published: world.published };
    await ledger.hold({ id, salt, hold, idToken: id.slice(2, 22), ...station });
  }
  const { id } = heldBy(0);
  const at = (minutes: number) => STATEMENT.startedAt + minutes * 60;
  const session: ChargingSession = {
    ...{ stationId: "station-1", sessionId: "7", evseId: 1, idToken: id.slice(2, 22), notes: [] },
    ...{ startedAt: at(0), chargingEndedAt: at(25), endedAt: at(40), energyWh: 3_500n },
    idle: [{ from: at(25), to: at(40) }],
    readings: [
      { at: at(0), registerWh: 10_000n },
      { at: at(10), registerWh: 11_000n },
      { at: at(25), registerWh: 13_500n },
    ],
  };
  const invoice = invoiceSession(session, { tariff: PRICES, clock: world.clock });
  expect(statementOf(session)).toEqual(STATEMENT);
  const hash = `0x${"0".repeat(64)}` as const;
  const amountMicro = invoice.totalMicro;
  await ledger.invoice({ id, session, invoice, statement: STATEMENT, amountMicro, invoiceHash: hash });
}

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
