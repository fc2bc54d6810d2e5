import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import { ledgerSeparator, signReading } from "#domains/metering/rules/meterReading.ts";
import type { AgentBook } from "#domains/pool/agentBook.ts";
import type { OrderDesk } from "#domains/pool/orderDesk.ts";
import type { PoolRecord } from "#domains/pool/poolRecord.ts";
import { obeySettings } from "#domains/pool/rules/agentSettings.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { Position } from "#domains/pool/rules/settlement.ts";
import { poolSeparator, signOrder } from "#domains/pool/rules/signedOrder.ts";
import type { TermsSchedule } from "#domains/pool/termsSchedule.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Done, Duty } from "#platform/runtime/duty.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import type { Community, MeterReadingValue } from "#world/households/community.ts";
import { FIRST_HOME } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { keyNames } from "../keyNames.ts";
import { homeMeterId } from "./members.ts";

/** What the homes of a community need: themselves, their keys, and whom they speak to. */
export type HomesOptions = {
  readonly scenario: Scenario;
  readonly community: Community;
  readonly keyring: Keyring;
  readonly deployment: Deployment;
  readonly areaId: number;
  readonly now: () => number;
  readonly desk: Pick<OrderDesk, "submit">;
  readonly gateway: Pick<MeterGateway, "collect">;
  readonly record: Pick<PoolRecord, "positionsOf">;
  readonly terms: Pick<TermsSchedule, "of">;
  /** What members told the agents of their homes. */
  readonly agents?: Pick<AgentBook, "settingsAt"> | undefined;
  /** Homes whose meters are elsewhere: nothing is handed in for them here. */
  readonly outsideMeters: readonly string[];
};

/** The homes of a community as actors of their own: nobody else knows what they will order, or what their meters will say. */
export type Homes = {
  /** Lives through an interval of the past again, so that batteries and forecasts are what they were. */
  relive(intervalId: IntervalId, positions: ReadonlyMap<number, Position>): void;
  readonly duties: Record<"quote" | "deliver", Duty>;
  /** What the meters registered in an interval that was delivered lately. */
  readingsOf(intervalId: IntervalId): readonly MeterReadingValue[];
};

/** Intervals whose orders and readings are remembered, until they are with the desk and the gateway for sure. */
const REMEMBERED = 256;

type State = HomesOptions & {
  readonly quoted: Map<IntervalId, readonly Order<number>[]>;
  readonly delivered: Map<IntervalId, readonly MeterReadingValue[]>;
};

/** So long before its gate closes the homes order for an interval. */
const QUOTING_SECONDS = 1;

/** Homes quote in the last second before the gate closes, and hand in readings when an interval is over. */
export function openHomes(options: HomesOptions): Homes {
  const { scenario, areaId, terms } = options;
  const state: State = { ...options, quoted: new Map(), delivered: new Map() };
  const isOver = (intervalId: IntervalId) => endsAt(intervalId, scenario.intervalSeconds);
  const gateOf = (intervalId: IntervalId) => gateClosesAt(intervalId, terms.of(intervalId));
  return {
    relive(intervalId, positions) {
      quoteOnce(state, intervalId);
      remember(state.delivered, intervalId, state.community.deliver(intervalId, positions));
    },
    duties: {
      quote: {
        name: "quote",
        standsOn: "newest",
        role: "world",
        areaId,
        dueAt: (intervalId) => gateOf(intervalId) - QUOTING_SECONDS,
        triesUntil: gateOf,
        run: (intervalId) => quote(state, intervalId),
      },
      deliver: {
        name: "deliver",
        standsOn: "newest",
        role: "world",
        areaId,
        dueAt: isOver,
        triesUntil: (intervalId) => isOver(intervalId + 1),
        run: (intervalId) => deliver(state, intervalId),
      },
    },
    readingsOf: (intervalId) => state.delivered.get(intervalId) ?? [],
  };
}

async function quote(state: State, intervalId: IntervalId): Promise<Done> {
  const { desk, now, terms } = state;
  const orders = quoteOnce(state, intervalId);
  if (orders.length === 0 || now() >= gateClosesAt(intervalId, terms.of(intervalId))) return NOTHING;
  await Promise.all(orders.map((order) => desk.submit(signHomeOrder(state, intervalId, order))));
  return { status: "done", work: `ordered for interval ${intervalId}` };
}

function quoteOnce(state: State, intervalId: IntervalId): readonly Order<number>[] {
  const { community, quoted } = state;
  return (
    quoted.get(intervalId) ??
    remember(quoted, intervalId, obeyed(state, intervalId, community.quote(intervalId)))
  );
}

/** The homes' orders as their members want them, by what was settled when the homes had to quote: a restart finds the same. */
function obeyed(
  { agents, areaId, terms }: State,
  intervalId: IntervalId,
  orders: readonly Order<number>[],
): readonly Order<number>[] {
  if (agents === undefined) return orders;
  const rules = terms.of(intervalId);
  const at = gateClosesAt(intervalId, rules) - QUOTING_SECONDS;
  const band = {
    floorMicroPerKwh: Number(rules.floorMicroPerKwh),
    ceilingMicroPerKwh: Number(rules.ceilingMicroPerKwh),
  };
  return orders.flatMap((order) =>
    obeySettings([order], agents.settingsAt({ areaId, member: order.participant }, at), band),
  );
}

async function deliver(state: State, intervalId: IntervalId): Promise<Done> {
  const { community, delivered, record, gateway, outsideMeters } = state;
  const readings =
    delivered.get(intervalId) ??
    remember(delivered, intervalId, community.deliver(intervalId, await record.positionsOf(intervalId)));
  const own = readings.filter(({ member }) => !outsideMeters.includes(homeOf(state, member)));
  await Promise.all(own.map((reading) => gateway.collect(signHomeReading(state, intervalId, reading))));
  return { status: "done", work: `handed in the readings of interval ${intervalId}` };
}

const NOTHING: Done = { status: "nothingToDo" };

function remember<Value>(map: Map<IntervalId, Value>, intervalId: IntervalId, value: Value): Value {
  map.set(intervalId, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
  return value;
}

function signHomeOrder(state: State, intervalId: IntervalId, order: Order<number>) {
  const { areaId, keyring, deployment } = state;
  const key = keyring.key(keyNames.home(homeOf(state, order.participant)));
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  return signOrder({ ...order, areaId, intervalId }, { separator, areaId, intervalId }, key.privateKey);
}

function signHomeReading(state: State, intervalId: IntervalId, value: MeterReadingValue) {
  const { scenario, areaId, keyring, deployment } = state;
  const id = homeOf(state, value.member);
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  const reading = { ...value, meterId: homeMeterId(scenario, id), areaId, intervalId, version: 1 };
  return signReading(reading, separator, keyring.key(keyNames.device(id)).privateKey);
}

function homeOf({ scenario }: State, member: number): string {
  return present(scenario.homes[member - FIRST_HOME], `the home of member ${member}`).id;
}
