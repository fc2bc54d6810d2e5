import type { BalanceSource } from "#domains/accounts/audit/compareBooks.ts";
import { auditHistory } from "#domains/audit.ts";
import type { DomainEvent } from "#domains/domains.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import type { AuditReport } from "#platform/audit/auditor.ts";
import { DEPLOYMENT, testAddress } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, accountOf, type createHistory, keyOf } from "#platform/store/marketHistory.fixture.ts";

const { clearingHouse, poolMarket } = DEPLOYMENT.contracts;

/**
 * A market's history as the contracts log it in full: accounts and members numbered without gaps, the market as a claimant, and
 * the transfers of the currency.
 */
export function* auditable(events: Iterable<DomainEvent>): Generator<DomainEvent> {
  let [accounts, members] = [0, 0];
  for (const event of events) {
    if (event.kind === "participantRegistered") {
      if (accounts === 0) yield besides(event, ADMITTED);
      for (accounts += 1; accounts < event.account; accounts += 1)
        yield { ...event, account: accounts, owner: testAddress(0x5_0000 + accounts) };
    }
    if (event.kind === "memberAdded" && event.areaId === AREA_ID)
      for (members += 1; members < event.member; members += 1) yield { ...event, member: members };
    yield event;
    if (event.kind !== "deposited") continue;
    const from = addressOfKey(keyOf(event.account - accountOf(0)));
    yield besides(event, { contract: "token", kind: "tokenTransferred", from, to: clearingHouse });
  }
}

const ADMITTED = {
  contract: "meterLedger",
  kind: "claimantAdmitted",
  claimPurpose: ENERGY_PURPOSE,
  claimant: poolMarket,
};

function besides(event: DomainEvent, fact: object): DomainEvent {
  return { ...event, ...fact } as DomainEvent;
}

/** What an audit finds in a history, some of whose events are changed. */
export function auditOf(
  { events, ordersOf, readingsOf }: ReturnType<typeof createHistory>,
  {
    change = (event) => [event],
    balancesOf = null,
  }: {
    change?: (event: DomainEvent) => readonly DomainEvent[];
    balancesOf?: BalanceSource | null;
  } = {},
): Promise<AuditReport> {
  return auditHistory({
    events: [...auditable(events)].flatMap(change),
    deployment: DEPLOYMENT,
    balancesOf,
    orders: async (areaId, intervalId) =>
      ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
    readings: async (areaId, intervalId) => readingsOf(areaId, intervalId),
  });
}

/** The rule that an audit found broken; null when it found none. */
export async function ruleOf(report: Promise<AuditReport>): Promise<string | null> {
  const found = await report;
  return found.verdict === "clean" ? null : found.discrepancy.rule;
}

/** The same event with other facts, where it is of this kind. */
export function changing<Kind extends DomainEvent["kind"]>(
  kind: Kind,
  change: (event: Extract<DomainEvent, { kind: Kind }>) => object,
): (event: DomainEvent) => DomainEvent[] {
  return (event) => {
    const isOne = event.kind === kind;
    const changed = isOne ? change(event as Extract<DomainEvent, { kind: Kind }>) : {};
    return [{ ...event, ...changed } as DomainEvent];
  };
}
