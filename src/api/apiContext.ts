import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { TariffPrices } from "#agents/tariff.ts";
import type { OrderDesk } from "#roles/orderDesk.ts";
import type { EventFeed } from "#store/eventFeed.ts";
import type { Store } from "#store/openStore.ts";

/** Whether something that the service needs is there; `detail` says what was found. */
export type ReadinessCheck = { readonly name: string; readonly isReady: boolean; readonly detail: string };

/** What the API works with. */
export type ApiContext = {
  readonly store: Store;
  readonly orderDesk: Pick<OrderDesk, "submit" | "openOrders">;
  /** The chain's time, unix seconds. */
  readonly now: () => number;
  readonly tariffOf: (intervalId: number) => TariffPrices | null;
  readonly areaNames: ReadonlyMap<number, string>;
  /** IANA zone in which the page shows times. */
  readonly timeZone: string;
  /** Names of accounts, for the page that people read; none when empty. */
  readonly accountNames: ReadonlyMap<number, string>;
  /** Asked at each `/ready`; the database is checked besides. */
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  readonly events: Pick<EventFeed, "subscribe">;
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
