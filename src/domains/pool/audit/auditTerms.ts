import type { AreaRecord } from "#domains/metering/areaState.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { termsFaults } from "#domains/pool/rules/area.ts";
import { SUPPLY_NOTICE_SECONDS, termsFor } from "#domains/pool/rules/termsVersion.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { firstAfterNotice, TERMS_NOTICE_SECONDS } from "#kernel/units/notice.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";
import type { Acceptance, AuditedTerms, PoolState } from "./poolState.ts";

type TermsEvent = PoolEvent<"termsAnnounced" | "supplyAccepted" | "supplyWithdrawn">;

/** Ends the intervals that a supplier stands for when it does not say otherwise: there is no such interval. */
const FOR_EVER = 2 ** 32 - 1;

/**
 * The area's operator announces its terms: versions without gaps, by the rules of the market, the first for all intervals, a
 * later one after its notice, and none while another waits for its time.
 */
export function announceTerms(state: PoolState, event: PoolEvent<"termsAnnounced">): void {
  const { areaId, version, fromInterval, terms, timestamp } = event;
  const area = requireArea(state, event);
  const versions = state.terms.get(areaId) ?? [];
  const last = versions.at(-1);
  requireOperator(event, area);
  if (version !== versions.length + 1)
    refuse(event, "termsVersion", `version ${version} of the terms follows version ${versions.length}`);
  const { intervalSeconds } = area;
  const [fault] = termsFaults(terms);
  if (fault || terms.intervalSeconds !== intervalSeconds)
    refuse(
      event,
      "areaTerms",
      `the terms are refused by the market: ${fault ?? "another length of intervals"}`,
    );
  if (last && timestamp < startsAt(last.fromInterval, intervalSeconds))
    refuse(event, "termsVersion", `the terms are announced before version ${last.version} is in force`);
  const due = last ? firstAfterNotice(TERMS_NOTICE_SECONDS, { timestamp, spanSeconds: intervalSeconds }) : 0;
  if (fromInterval !== due)
    refuse(
      event,
      "termsVersion",
      `the terms hold from interval ${fromInterval} on; by their notice it is ${due}`,
    );
  state.terms.set(areaId, [...versions, { version, fromInterval, terms, acceptance: null }]);
}

/** The area's supplier agrees that its margin stands for the surpluses of a version, under the operator of the moment. */
export function acceptSupply(state: PoolState, event: PoolEvent<"supplyAccepted">): void {
  const { supplier, operator } = event;
  const area = requireArea(state, event);
  const accepted = requireVersion(state, event);
  if (supplier !== area.supplier || operator !== area.operator)
    refuse(
      event,
      "supplyAcceptance",
      `member ${supplier} accepts to supply under ${operator}; the area has supplier ${area.supplier} and operator ${area.operator}`,
    );
  setAcceptance(state, accepted, event, { supplier, operator, until: FOR_EVER });
}

/** A supplier that withdraws stands for what starts within its notice, and no longer than it did before. */
export function withdrawSupply(state: PoolState, event: PoolEvent<"supplyWithdrawn">): void {
  const { fromInterval, timestamp } = event;
  const area = requireArea(state, event);
  const accepted = requireVersion(state, event);
  const acceptance =
    accepted.acceptance ?? refuse(event, "supplyAcceptance", "a supplier withdraws that did not accept");
  if (acceptance.supplier !== area.supplier)
    refuse(event, "supplyAcceptance", "another supplier withdraws than the one that accepted");
  const { intervalSeconds } = area;
  const noticed = firstAfterNotice(SUPPLY_NOTICE_SECONDS, { timestamp, spanSeconds: intervalSeconds });
  const due = Math.min(noticed, acceptance.until);
  if (fromInterval !== due)
    refuse(
      event,
      "supplyAcceptance",
      `the supplier stands for intervals before ${fromInterval}; by its notice it is ${due}`,
    );
  setAcceptance(state, accepted, event, { ...acceptance, until: due });
}

/** The terms that an interval is cleared with; null where the area has no pool. */
export function termsOf({ terms }: PoolState, { areaId, intervalId }: IntervalPlace): AuditedTerms | null {
  return termsFor(terms.get(areaId) ?? [], intervalId);
}

function requireArea({ areas }: PoolState, event: TermsEvent): AreaRecord {
  const { areaId } = event;
  return areas.areaOf(areaId) ?? refuse(event, "unknownArea", `area ${areaId} was not opened`);
}

function requireOperator(event: TermsEvent, { operator }: AreaRecord): void {
  const { sender } = event;
  if (sender !== operator)
    refuse(event, "operator", `the terms were sent by ${sender}, not by the operator ${operator}`);
}

function requireVersion({ terms }: PoolState, event: TermsEvent): AuditedTerms {
  const { areaId, version } = event;
  return (
    terms.get(areaId)?.[version - 1] ??
    refuse(event, "termsVersion", `version ${version} of the terms was not announced`)
  );
}

function setAcceptance(
  { terms }: PoolState,
  accepted: AuditedTerms,
  { areaId, version }: TermsEvent,
  acceptance: Acceptance,
): void {
  const versions = terms.get(areaId) ?? [];
  terms.set(areaId, versions.with(version - 1, { ...accepted, acceptance }));
}

function refuse(event: TermsEvent, rule: string, finding: string): never {
  throw discrepancyAt(event, { rule, finding, areaId: event.areaId });
}
