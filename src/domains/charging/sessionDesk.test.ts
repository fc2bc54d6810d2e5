import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Hex } from "#kernel/crypto/hex.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { openTestSystem, PASSWORD } from "./ocpp/centralSystem.fixture.ts";
import {
  sessionCommitment,
  sessionSeparator,
  signHold,
  statementSigner,
  stationIdOf,
} from "./rules/signedSession.ts";
import { openSessionDesk, type SessionDesk, type SessionOffer } from "./sessionDesk.ts";
import { openSessionLedger } from "./sessionLedger.ts";
import { estimateMicro } from "./sessions/estimateMicro.ts";
import { clock } from "./sessions/invoices.fixture.ts";
import { publishTariff, statementTotalMicro, tariffHash } from "./sessions/publishedTariff.ts";
import { createSimulatedStation } from "./station/simulatedStation.ts";

const DAY = 86_400;
const DRIVER = wordOf(7);
const MODULE = wordOf(8);
const CHAIN = { chainId: 31_337, contract: addressOfKey(wordOf(9)) };
const separator = sessionSeparator(CHAIN.chainId, CHAIN.contract);
const tariff = {
  tariffId: "plain",
  currency: "EUR",
  sessionFeeMicro: 500_000n,
  idleGraceSeconds: 600,
  prices: [
    { fromMinute: 0, energyMicroPerKwh: 300_000n, timeMicroPerHour: 60_000n, idleMicroPerHour: 3_600_000n },
  ],
};
const directory = mkdtempSync(join(tmpdir(), "commonwatt-desk-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A desk with one station, at a central system with a simulated station of that name. */
async function openWorld(name: string) {
  const system = await openTestSystem({ directory: join(directory, name, "ocpp") });
  const now = () => system.clock.now;
  const published = publishTariff(tariff, { clock, from: now(), until: now() + DAY });
  const stationHash = stationIdOf("station-1");
  const priced = { stationId: "station-1", stationHash, payee: 65_540, tariff, published };
  const open = ({ isHeld = true } = {}) => {
    const ledger = openSessionLedger(join(directory, name, "ledger"), now);
    const desk = openSessionDesk({
      ledger,
      stations: new Map([["station-1", priced]]),
      separator,
      signerOf: async (seat) => (seat === 65_550 ? addressOfKey(DRIVER) : null),
      walletMicro: async () => 30_000_000n,
      isHeld: () => isHeld,
      clock,
      now,
    });
    return { ledger, desk };
  };
  const offer = (change: Partial<SessionOffer["hold"]> = {}, number = 1): SessionOffer => {
    const salt = toHex(wordOf(number)) as Hex;
    const session = sessionCommitment({ salt, stationId: stationHash, tariffHash: tariffHash(published) });
    const hold = {
      driver: 65_550,
      payee: 65_540,
      limitMicro: 20_000_000n,
      expiresAt: now() + DAY,
      session,
      ...change,
    };
    return { stationId: "station-1", salt, hold: { ...hold, signature: signHold(hold, separator, DRIVER) } };
  };
  return { system, open, offer, published };
}

describe("the desk of sessions", () => {
  it("refuses what is not the driver's, the station's or in time", async () => {
    const { system, open, offer } = await openWorld("refusals");
    const { desk } = open();
    const now = system.clock.now;
    const refusalOf = async (wrong: SessionOffer) => {
      const answer = await desk.take(wrong);
      return "refusal" in answer ? answer.refusal : null;
    };
    expect(await refusalOf({ ...offer(), stationId: "station-2" })).toBe("unknownStation");
    expect(await refusalOf({ ...offer(), salt: toHex(wordOf(2)) })).toBe("otherTariff");
    expect(await refusalOf(offer({ payee: 1 }))).toBe("otherPayee");
    expect(await refusalOf(offer({ expiresAt: now + 800 }))).toBe("expiry");
    expect(await refusalOf(offer({ expiresAt: now + 15 * DAY }))).toBe("expiry");
    expect(await refusalOf(offer({ limitMicro: 499_999n }))).toBe("limitTooSmall");
    expect(await refusalOf(offer({ driver: 65_551 }))).toBe("notSigned");
    const { hold } = offer();
    expect(await refusalOf({ ...offer(), hold: { ...hold, limitMicro: 1_000_000n } })).toBe("notSigned");
    expect(await refusalOf(offer())).toBe(null);
    expect(await refusalOf(offer())).toBe("alreadyTaken");
    await system.close();
  });

  it("takes no more holds than the driver's wallet bears", async () => {
    const { system, open, offer } = await openWorld("wallet");
    const answers = async (desk: SessionDesk) => [
      await desk.take(offer({}, 2)),
      await desk.take(offer({}, 3)),
      await desk.take(offer({ limitMicro: 10_000_000n }, 4)),
      await desk.take(offer({ limitMicro: 500_000n }, 5)),
    ];
    const refusals = (await answers(open({ isHeld: false }).desk)).map((answer) =>
      "refusal" in answer ? answer.refusal : null,
    );
    // 20 of 30 are promised to the first; the third takes the rest.
    expect(refusals).toEqual([null, "walletTooSmall", null, "walletTooSmall"]);
    await system.close();
  });

  it("takes holds that come at once as if they came one after the other", async () => {
    const { system, open, offer } = await openWorld("atOnce");
    const { desk } = open({ isHeld: false });
    const answers = await Promise.all(
      [offer({}, 2), offer({}, 2), offer({}, 3)].map((each) => desk.take(each)),
    );
    const refusals = answers.map((answer) => ("refusal" in answer ? answer.refusal : null));
    expect(refusals).toEqual([null, "alreadyTaken", "walletTooSmall"]);
    await system.close();
  });

  it("lets a driver charge once, invoices it, and has the module sign it, over a restart", async () => {
    const { system, open, offer, published } = await openWorld("session");
    const first = open();
    const answer = await first.desk.take(offer());
    const idToken = "idToken" in answer ? answer.idToken : "";
    expect(idToken).toMatch(/^[0-9a-f]{20}$/);
    expect(await first.desk.authorise(idToken, "station-1")).toBe("accepted");
    expect(await first.desk.authorise(idToken, "station-2")).toBe("blocked");
    expect(await first.desk.authorise("somebody", "station-1")).toBe("unknown");
    const station = createSimulatedStation({
      url: system.url,
      stationId: "station-1",
      password: PASSWORD,
      version: "ocpp1.6",
      mostA: 32,
      ratedW: 22_000,
      now: () => system.clock.now,
      moduleKey: MODULE,
    });
    await station.connect();
    station.plugIn(
      { capacityWh: 50_000, storedWh: 10_000, stopsAtWh: 50_000, maxPowerW: 11_000, phases: 3 },
      idToken,
    );
    for (let minute = 0; minute < 40; minute += 1) {
      system.clock.now += 60;
      station.step(60);
    }
    station.unplug();
    await station.flush();
    system.clock.now += 1_000;
    // The process ends after the invoice and before the mark: the session comes again.
    await expect(
      system.sessions.settle({
        ratedW: () => 22_000,
        async deliver(settled) {
          expect(await first.desk.deliver(settled)).toBe(true);
          throw new Error("killed");
        },
      }),
    ).rejects.toThrow("killed");
    const { desk, ledger } = open();
    await system.sessions.settle({
      ratedW: () => 22_000,
      deliver: async (settled) => expect(await desk.deliver(settled)).toBe(true),
    });
    const { held, invoiced } = ledger.ofToken(idToken)!;
    const { invoice, statement, amountMicro } = invoiced!;
    expect(statementTotalMicro(published, statement)).toBe(invoice.totalMicro);
    expect(amountMicro).toBe(invoice.totalMicro);
    expect(invoiced!.session.energyWh).toBeGreaterThan(0n);
    expect(await desk.authorise(idToken, "station-1")).toBe("blocked");
    const request = { statement, stationHash: held.stationHash, id: held.id, ...CHAIN };
    const signed = await system.central.signStatement("station-1", request);
    const place = { separator, stationId: held.stationHash, id: held.id };
    expect(statementSigner(statement, place, signed!.signature)).toBe(addressOfKey(MODULE));
    const more = { ...statement, toWh: statement.toWh + 1n };
    expect(await system.central.signStatement("station-1", { ...request, statement: more })).toBe(null);
    await station.disconnect();
    expect(await system.central.signStatement("station-1", request)).toBe(null);
    await system.close();
  });

  it("estimates each component at its dearest price", () => {
    const quantities = { energyWh: 10_001n, chargingSeconds: 3_600, idleSeconds: 1_800 };
    expect(estimateMicro(tariff, quantities)).toBe(500_000n + 3_000_300n + 60_000n + 1_800_000n);
  });
});
