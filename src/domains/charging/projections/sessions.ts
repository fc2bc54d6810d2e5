import { eq } from "drizzle-orm";
import { moveMoney } from "#domains/accounts/projections/moveMoney.ts";
import { accountsOfSeats } from "#domains/accounts/queries/seats.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { isSessionEvent, type SessionEvent } from "#domains/charging/sessionEvents.ts";
import { chargingSessions, chargingStations } from "#domains/charging/sessionTables.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Projection } from "#platform/store/projection.ts";

type SessionProjection<Kind extends SessionEvent["kind"] = SessionEvent["kind"]> = Projection<
  unknown,
  SessionEvent<Kind>
>;
type SessionRow = typeof chargingSessions.$inferSelect;

/** Brings stations and sessions up to an event of the sessions' contract. */
export async function projectSessions({ event, ...rest }: Projection<unknown>): Promise<void> {
  if (!isSessionEvent(event)) return;
  switch (event.kind) {
    case "stationRegistered":
      return projectStation({ ...rest, event });
    case "tariffAnnounced":
      return projectTariff({ ...rest, event });
    case "walletHeld":
      return projectHeld({ ...rest, event });
    case "sessionCharged":
      return projectCharged({ ...rest, event });
    case "sessionDisputed":
      return change(rest.tx, event.id, { stage: "disputed" });
    case "sessionProven":
      return change(rest.tx, event.id, { provenMicro: event.totalMicro });
    case "sessionFinished":
      return projectFinished({ ...rest, event });
    case "moduleRevoked":
      return;
  }
}

/** The tariff follows with an event of its own. */
async function projectStation({ tx, event }: SessionProjection<"stationRegistered">): Promise<void> {
  const { stationId, seat, moduleKey, timestamp, transactionHash } = event;
  const place = { areaId: areaOfSeat(seat), member: memberOfSeat(seat), moduleKey };
  const isNew = { tariffVersion: 0, tariffHash: "0x", registeredAt: timestamp, transactionHash };
  await tx
    .insert(chargingStations)
    .values({ stationId, ...place, ...isNew })
    .onConflictDoUpdate({ target: chargingStations.stationId, set: place });
}

async function projectTariff({ tx, event }: SessionProjection<"tariffAnnounced">): Promise<void> {
  const { stationId, version: tariffVersion, tariffHash } = event;
  await tx
    .update(chargingStations)
    .set({ tariffVersion, tariffHash })
    .where(eq(chargingStations.stationId, stationId));
}

async function projectHeld(projection: SessionProjection<"walletHeld">): Promise<void> {
  const { tx, event } = projection;
  const { id, driver, payee, session, limitMicro, expiresAt, timestamp, transactionHash } = event;
  const accounts = await accountsOfSeats(tx, [driver, payee]);
  await tx.insert(chargingSessions).values({
    id,
    areaId: areaOfSeat(payee),
    driverSeat: driver,
    driver: present(accounts.get(driver), "the account of a wallet"),
    payeeSeat: payee,
    payee: present(accounts.get(payee), "the account of a payee"),
    session,
    stage: "held",
    limitMicro,
    heldAt: timestamp,
    heldIn: transactionHash,
    expiresAt,
  });
  await move(projection, [{ seat: driver, kind: "walletHeld", margin: -limitMicro, escrow: limitMicro }]);
}

/** What was held beyond the charge is the driver's again. */
async function projectCharged(projection: SessionProjection<"sessionCharged">): Promise<void> {
  const { tx, event } = projection;
  const { id, amountMicro, invoiceHash, disputableUntil, timestamp: chargedAt } = event;
  const { driverSeat: seat, limitMicro } = await sessionOf(tx, id);
  await change(tx, id, { stage: "charged", amountMicro, invoiceHash, disputableUntil, chargedAt });
  const rest = limitMicro - amountMicro;
  await move(projection, [{ seat, kind: "walletReturned", margin: rest, escrow: -rest }]);
}

async function projectFinished(projection: SessionProjection<"sessionFinished">): Promise<void> {
  const { tx, event } = projection;
  const { id, paidMicro, returnedMicro, timestamp: finishedAt } = event;
  const { driverSeat, payeeSeat } = await sessionOf(tx, id);
  await change(tx, id, { stage: "finished", paidMicro, returnedMicro, finishedAt });
  await move(projection, [
    { seat: driverSeat, kind: "walletReturned", margin: returnedMicro, escrow: -returnedMicro },
    { seat: driverSeat, kind: "sessionPaid", escrow: -paidMicro },
    { seat: payeeSeat, kind: "sessionPaid", margin: paidMicro },
  ]);
}

function move(
  { tx, event, deployment }: SessionProjection,
  list: Parameters<typeof moveMoney>[2],
): Promise<void> {
  return moveMoney(tx, { ...event, market: addressOf(deployment, "chargingSessions") }, list);
}

async function sessionOf(tx: Queryable, id: Hex): Promise<SessionRow> {
  const [row] = await tx.select().from(chargingSessions).where(eq(chargingSessions.id, id));
  return present(row, `session ${id}`);
}

async function change(tx: Queryable, id: Hex, to: Partial<SessionRow>): Promise<void> {
  await tx.update(chargingSessions).set(to).where(eq(chargingSessions.id, id));
}
