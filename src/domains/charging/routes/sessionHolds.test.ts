import { afterAll, beforeAll, expect, it } from "vitest";
import { sessionCommitment, signHold, stationIdOf } from "#domains/charging/rules/signedSession.ts";
import { LIMIT_MICRO, PAYEE, PUBLISHED, SESSIONS_NOW } from "#domains/charging/sessionHistory.fixture.ts";
import { tariffHash } from "#domains/charging/sessions/publishedTariff.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { AREA_ID, keyOf, seatIn } from "#platform/store/marketHistory.fixture.ts";
import { openSessionsApi, SESSIONS_SEPARATOR, WALLET_LEFT_MICRO } from "./sessionsApi.fixture.ts";

const DRIVER = 5;

let opened: Awaited<ReturnType<typeof openSessionsApi>>;

beforeAll(async () => {
  opened = await openSessionsApi();
});
afterAll(() => opened.close());

/** What a driver's page sends; `change` is what is wrong with it, after or before it was signed. */
function bodyOf(salt: number, change: { signed?: object; sent?: object } = {}) {
  const session = sessionCommitment({
    ...{ salt: toHex(wordOf(salt)), stationId: stationIdOf("north"), tariffHash: tariffHash(PUBLISHED) },
  });
  const hold = {
    ...{ driver: seatIn(DRIVER), payee: seatIn(PAYEE), limitMicro: LIMIT_MICRO, session },
    ...{ expiresAt: SESSIONS_NOW + 86_400, ...change.signed },
  };
  const signature = signHold(hold, SESSIONS_SEPARATOR, keyOf(DRIVER));
  return {
    ...{ stationId: "north", salt: toHex(wordOf(salt)), session, driverMember: DRIVER, payeeMember: PAYEE },
    ...{ limitMicro: String(hold.limitMicro), expiresAt: hold.expiresAt, signature, ...change.sent },
  };
}

async function send(payload: object) {
  const url = `/v1/areas/${AREA_ID}/sessions`;
  const answer = await opened.api.app.inject({ method: "POST", url, payload });
  return { status: answer.statusCode, body: answer.json() };
}

it("takes what a driver signed, once (R8.17)", async () => {
  const { status, body } = await send(bodyOf(71));
  expect(status).toBe(201);
  expect(body).toMatchObject({ idToken: body.id.slice(2, 22), isHeld: true });
  expect(await send(bodyOf(71))).toMatchObject({ status: 409, body: { reason: "alreadyTaken" } });
});

it.each([
  ["unknownStation", 422, { sent: { stationId: "nowhere" } }],
  ["otherTariff", 422, { sent: { salt: toHex(wordOf(99)) } }],
  ["otherPayee", 422, { signed: { payee: seatIn(6) }, sent: { payeeMember: 6 } }],
  ["notSigned", 422, { sent: { driverMember: 6 } }],
  ["expiry", 422, { signed: { expiresAt: SESSIONS_NOW + 899 } }],
  ["limitTooSmall", 422, { signed: { limitMicro: 349_999n } }],
  ["walletTooSmall", 409, { signed: { limitMicro: WALLET_LEFT_MICRO + 1n } }],
  ["malformedSignature", 422, { sent: { signature: `0x${"ff".repeat(65)}` } }],
  ["invalidRequest", 400, { sent: { limitMicro: "-1" } }],
] as const)("refuses with %s", async (reason, status, change) => {
  expect(await send(bodyOf(72, change))).toMatchObject({ status, body: { reason } });
});

it("says prices as they were announced, so that a page can name their hash", async () => {
  const answer = await opened.api.app.inject({ url: `/v1/areas/${AREA_ID}/charging-prices` });
  const [north] = answer.json().stations;
  expect(north).toMatchObject({ stationHash: stationIdOf("north"), payeeMember: PAYEE });
  expect(north.offsets).toEqual(PUBLISHED.offsets);
});
