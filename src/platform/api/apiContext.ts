import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { DemonstrationWallet } from "#community/demonstrationWallet.ts";
import type { RetailParts, TariffPrices } from "#domains/billing/rules/tariff.ts";
import type { FlowHistory } from "#domains/metering/flows.ts";
import type { OrderDesk } from "#domains/pool/orderDesk.ts";
import type { Audits } from "#platform/api/operation/auditRuns.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Incidents } from "#platform/runtime/incidents.ts";
import type { EventFeed } from "#platform/store/eventFeed.ts";
import type { Store } from "#platform/store/openStore.ts";

/** Whether something that the service needs is there; `detail` says what was found. */
export type ReadinessCheck = { readonly name: string; readonly isReady: boolean; readonly detail: string };

/** What the sub-meters of an area's homes said; `capacityWh` of all batteries. */
export type AreaFlows = {
  readonly history: Pick<FlowHistory, "newest" | "area" | "home">;
  readonly capacityWh: number;
};

/** The name of an area, and one line that says what it is; null when nothing is said. */
export type AreaName = { readonly name: string; readonly description: string | null };

/** What the API works with. */
export type ApiContext = {
  readonly store: Store;
  readonly orderDesk: Pick<OrderDesk, "submit" | "openOrders">;
  /** The market's time, unix seconds: that of the chain, and on the way to it. */
  readonly now: () => number;
  /** Seconds of the market for each second of the world. */
  readonly clockSpeed: number;
  /** The world's time, unix seconds: sessions and audits run by it. */
  readonly worldNow: () => number;
  /** The chain itself, for signatures of contract wallets and for whoever reads blocks through here. */
  readonly network: Network;
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
  readonly areaNames: ReadonlyMap<number, AreaName>;
  /** ISO 4217 code of the settlement currency. */
  readonly currency: string;
  /** IANA zone in which the page shows times. */
  readonly timeZone: string;
  /** What a supplier's price is made of besides energy, by area, where it is known. */
  readonly retailParts: ReadonlyMap<number, RetailParts>;
  /** What happened behind the meters, by area; of those with sub-meters. */
  readonly flows: ReadonlyMap<number, AreaFlows>;
  /** Names of accounts, for whoever may know them; none when empty. */
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
export type AddRoutes<Context = ApiContext> = (app: Api, context: Context) => void;
