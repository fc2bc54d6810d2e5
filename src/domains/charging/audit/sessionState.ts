import type { MarketMoney } from "#domains/accounts/audit/auditMoney.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { sessionSeparator } from "#domains/charging/rules/signedSession.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { addressOf, type EventPlace } from "#platform/chain/contractSpec.ts";

/** A session from its hold to its end; `amountMicro` is what is in escrow for it. */
export type AuditedSession = {
  readonly driver: number;
  readonly payee: number;
  readonly heldAt: number;
  stage: "held" | "charged" | "disputed";
  amountMicro: bigint;
  /** Unix seconds. */
  until: number;
  /** What was proven in this transaction; null before. */
  provenMicro: bigint | null;
};

export type AuditedStation = {
  readonly seat: number;
  readonly number: bigint;
  readonly tariffVersion: number;
};

/** The sessions' contract as far as its history is replayed. */
export type SessionState = MarketAudit & {
  readonly separator: Uint8Array;
  readonly money: MarketMoney;
  readonly stations: Map<Hex, AuditedStation>;
  /** By station and key: true where it was attested, false where it was revoked. */
  readonly modules: Map<string, boolean>;
  /** By station and hash: unix seconds of the first announcement. */
  readonly tariffs: Map<string, number>;
  readonly open: Map<Hex, AuditedSession>;
  /** Sessions that are over do not come again. */
  readonly finished: Set<Hex>;
  /** Of the movement under way, what no session has explained yet, micro. */
  readonly unexplained: { held: bigint; released: bigint };
};

/** The contract whose rules these are. */
export const SESSIONS_CONTRACT = "chargingSessions";

export function createSessionState(audit: MarketAudit): SessionState {
  const { chainId } = audit.deployment;
  return {
    ...audit,
    separator: sessionSeparator(chainId, addressOf(audit.deployment, SESSIONS_CONTRACT)),
    money: audit.moneyOf(SESSIONS_CONTRACT),
    stations: new Map(),
    modules: new Map(),
    tariffs: new Map(),
    open: new Map(),
    finished: new Set(),
    unexplained: { held: 0n, released: 0n },
  };
}

/** Where a module or a tariff of a station is found in maps. */
export function stationKey(stationId: Hex, hash: Hex): string {
  return `${stationId}/${hash}`;
}

/** Ends the replay at an event of a session; the seat is whose member it is about. */
export function refuseSession(
  event: EventPlace,
  { rule, finding, seat }: { readonly rule: string; readonly finding: string; readonly seat?: number },
): never {
  const subject = seat === undefined ? {} : { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
  throw discrepancyAt(event, { rule, finding, ...subject });
}

/** The session of an event, which must be in this stage. */
export function requireStage(
  { open }: SessionState,
  event: EventPlace & { readonly id: Hex },
  stage: AuditedSession["stage"],
): AuditedSession {
  const session = open.get(event.id);
  if (session?.stage === stage) return session;
  const finding = `the session ${event.id} is ${session?.stage ?? "not held for"}, not ${stage}`;
  refuseSession(event, { rule: "sessionStage", finding });
}

/** Requires that the sender owns a seat's account, or signs for it. */
export function requireActor({ areas, registry }: SessionState, event: EventPlace, seat: number): void {
  const place = { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
  const account = areas.memberOf(place)?.account ?? 0;
  const may = [registry.ownerOf(account), registry.signerAt(account, event.timestamp)];
  if (may.includes(event.sender)) return;
  const finding = `${event.sender} may not act for account ${account}`;
  refuseSession(event, { rule: "sessionActor", finding, seat });
}

/** Requires that the movement under way, or the next, has room for what a session moved. */
export function requireSessionMoved(
  { unexplained, money }: SessionState,
  event: EventPlace,
  { direction, micro }: { readonly direction: "held" | "released"; readonly micro: bigint },
): void {
  if (micro === 0n) return;
  if (unexplained[direction] === 0n)
    unexplained[direction] = (direction === "held" ? money.takeHeld() : money.takeReleased()) ?? 0n;
  if (unexplained[direction] < micro) {
    const finding = `${micro} micro of a session are not among what was ${direction}`;
    refuseSession(event, { rule: "sessionMoney", finding });
  }
  unexplained[direction] -= micro;
}
