import type { Tariff } from "#domains/billing/rules/tariff.ts";
import type { QuotaDesk } from "#domains/charging/quotaDesk.ts";
import type { SessionOffice } from "#domains/charging/routes/sessionContext.ts";
import type { StationsNow } from "#domains/charging/schedule/stationNow.ts";
import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import type { ReadingArchive } from "#domains/metering/readingArchive.ts";
import type { AreaFlows } from "#domains/metering/routes/meteringContext.ts";
import type { AgentBook } from "#domains/pool/agentBook.ts";
import type { OrderArchive } from "#domains/pool/orderArchive.ts";
import type { OrderDesks } from "#domains/pool/orderDesks.ts";
import type { DutyPlan, DutyReport } from "#platform/runtime/duty.ts";
import type { Incidents } from "#platform/runtime/incidents.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import type { WatchedRoles } from "#platform/runtime/roleWatch.ts";
import type { Indexer } from "#platform/store/indexer.ts";
import type { Store } from "#platform/store/openStore.ts";
import type { AreaScenario } from "./areaScenario.ts";
import type { CommunityMember } from "./communityMember.ts";
import type { CommunityNode } from "./communityNode.ts";
import type { DemonstrationKey } from "./demonstrationWallet.ts";
import type { NewArea } from "./foundedArea.ts";

/**
 * A kind of market, as a process founds and runs it: a folder of its own, and a line in kinds.ts
 * (docs/decisions/017).
 */
export type AreaKind<S extends AreaScenario> = {
  /** Who is metered, by rising number: the area's members after its parties. */
  readonly membersOf: (scenario: S) => readonly CommunityMember[];
  /** How many of what it has, in words: "24 homes". */
  readonly sizeOf: (scenario: S) => string;
  /** The tariff that bills of an interval go by; null where there is none. */
  readonly tariffAt: (scenario: S, intervalId: number) => ReturnType<Tariff["at"]> | null;
  /** Opens the market in an area that stands, with its members' margins. */
  readonly openMarket: (area: NewArea<S>) => Promise<void>;
  /** Opens the roles of an area, where its record ends. */
  readonly open: (opening: AreaOpening<S>) => Promise<OpenArea>;
};

/** What an area is opened with; its record is in the database and the archives, which all areas share. */
export type AreaOpening<S extends AreaScenario> = {
  readonly node: CommunityNode<S>;
  readonly clock: MarketClock;
  readonly store: Store;
  readonly indexer: Indexer;
  readonly readings: ReadingArchive;
  readonly orders: OrderArchive;
  readonly incidents: Incidents;
  readonly agents: AgentBook;
  readonly wholeBook: boolean;
  /** Where chargers of a depot may join over OCPP, 0 for a free port; null for nowhere. */
  readonly ocppPort: number | null;
  /** Homes whose meters are not simulated here, by their ids. */
  readonly outsideMeters: readonly string[];
  /** Tells people in one sentence. */
  readonly say: (sentence: string) => void;
};

/** An area in this process: what the market, the page and the report ask of it, whatever its market is. */
export type OpenArea = {
  readonly areaId: number;
  readonly scenario: AreaScenario;
  /** What is owed in it from where its record ends, in the order of a second. */
  readonly plans: readonly DutyPlan[];
  /** Where it goes on, for people; null at its beginning. */
  readonly goesOn: { readonly after: string; readonly at: number } | null;
  /** Whom `/ready` asks after: names by role, and how often each of them works at least, seconds. */
  readonly watched: { readonly roles: WatchedRoles; readonly everySeconds: number };
  /** Is told of work that is no duty: who did what. */
  onWork(listener: (role: string, work: string) => void): void;
  /** Takes note of a duty's run; says what it ended, null when something is to come. `beganAt`: this process, market's time. */
  ended(report: DutyReport, beganAt: number): Promise<Ended | null>;
  /** Ends what it has opened besides, where there is anything. */
  readonly close?: () => Promise<void>;
  /** What it adds to the API. */
  readonly services: AreaServices;
};

/** An interval or a period of which nothing is to come; `news` is null when nobody need be told. */
export type Ended = { readonly isSettled: boolean; readonly news: AreaNews | null };

/** What people are told of it: one sentence, and a table now and then, its heading first. */
export type AreaNews = {
  readonly startsAt: number;
  readonly sentence: string;
  readonly table: { readonly rows: readonly (readonly string[])[]; readonly alignment: string } | null;
};

/** What kinds of markets add to the API, each its own. */
export type AreaServices = {
  /** Takes readings of meters, where members have their own. */
  readonly meterGateway?: Pick<MeterGateway, "collect">;
  readonly orderDesk?: OrderDesks;
  readonly flows?: AreaFlows;
  readonly quotaDesk?: QuotaDesk;
  readonly sessionOffice?: SessionOffice;
  readonly stationsNow?: StationsNow;
  /** Those that a reader of a demonstration may look through the eyes of, besides the area's members and parties. */
  readonly demonstrationKeys?: readonly DemonstrationKey[];
};
