import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { DemonstrationWallet } from "#platform/api/identity/demonstrationWallet.ts";
import type { Directory } from "#platform/api/identity/directory.ts";
import type { Audits } from "#platform/api/operation/auditRuns.ts";
import type { Network } from "#platform/chain/network.ts";
import type { DutyWatch } from "#platform/runtime/dutyWatch.ts";
import type { Incidents } from "#platform/runtime/incidents.ts";
import type { EventFeed } from "#platform/store/eventFeed.ts";
import type { Store } from "#platform/store/openStore.ts";
import type { ConcernAsked, ConcernReport } from "./concerns.ts";
import type { FieldWords } from "./documentation/fieldWords.ts";
import type { Hit, Lookup } from "./lookup.ts";
import type { LastInterval } from "./wireStatus.ts";

/**
 * Whether something that the service needs is there; `detail` says what was found, `since` from which second of the world on it
 * is missing, where that is known.
 */
export type ReadinessCheck = {
  readonly name: string;
  readonly isReady: boolean;
  readonly detail: string;
  readonly since?: number;
};

/** The name of an area, and one line that says what it is; null when nothing is said. */
export type AreaName = { readonly name: string; readonly description: string | null };

/** What every resource works with. A domain adds to it what its own need besides. */
export type ApiContext = {
  readonly store: Store;
  readonly directory: Directory;
  /** The market's time, unix seconds: that of the chain, and on the way to it. */
  readonly now: () => number;
  /** Seconds of the market for each second of the world. */
  readonly clockSpeed: number;
  /** The world's time, unix seconds: sessions and audits run by it. */
  readonly worldNow: () => number;
  /** The chain itself, for signatures of contract wallets and for anyone who reads blocks through here. */
  readonly network: Network;
  readonly areaNames: ReadonlyMap<number, AreaName>;
  /** ISO 4217 code of the settlement currency. */
  readonly currency: string;
  /** IANA zone in which the page shows times. */
  readonly timeZone: string;
  /** Names of accounts, for anyone who may know them; none when empty. */
  readonly accountNames: ReadonlyMap<number, string>;
  /** The keys that everybody may use; null where a community is real. */
  readonly demonstration: DemonstrationWallet | null;
  /** Where the built dashboard lies, an absolute path; null without one. */
  readonly dashboardDirectory: string | null;
  /** Asked at each `/ready`; the database is checked besides. */
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  readonly events: Pick<EventFeed, "subscribe">;
  /** What the roles refused and what failed. */
  readonly incidents: Pick<Incidents, "list">;
  /** What roles owe, was due and is not done. */
  readonly dutiesBehind: DutyWatch["behind"];
  /** Intervals settled an hour of the world's clock; null as long as it is not known. */
  readonly processedPerHour: () => number | null;
  /** Audits of this network; null where none can be run. */
  readonly audits: Audits | null;
  readonly logger?: FastifyBaseLogger;
};

/** The server while its routes are added. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Adds resources to the API. */
export type AddRoutes<Context = ApiContext> = (app: Api, context: Context) => void | Promise<void>;

/** A figure that is collected for Prometheus; `name` without the prefix of the system. */
export type Metric = { readonly name: string; readonly help: string; readonly value: number };

/** What the API takes of a domain. */
export type ApiDomain<Context> = {
  readonly routes?: readonly AddRoutes<Context>[];
  /** What of it a person looks for. */
  readonly find?: (context: Context, lookup: Lookup) => Promise<readonly Hit[]>;
  readonly metrics?: (context: Context) => Promise<readonly Metric[]>;
  /** What the names in its answers mean, where their schemas do not say it. */
  readonly fieldWords?: FieldWords;
  /** What of it the owner of an account should know. */
  readonly concerns?: (context: Context, asked: ConcernAsked) => Promise<ConcernReport>;
  /** The newest interval of each area in which it has one. */
  readonly lastIntervals?: (context: Context) => Promise<readonly LastInterval[]>;
};
