import type { StationsNow } from "#domains/charging/schedule/stationNow.ts";
import type { OfferRefusal, PricedStation, SessionOffer } from "#domains/charging/sessionDesk.ts";
import type { SessionLedger } from "#domains/charging/sessionLedger.ts";
import type { CdrParty } from "#domains/charging/sessions/chargeDetailRecord.ts";
import type { SessionRecord } from "#domains/charging/sessions/sessionRecord.ts";
import type { HeldOffer } from "#domains/charging/stationOperator.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";

/** Who runs an area's stations, as far as it is in this process: its own book, and how it calls itself in OCPI. */
export type SessionOffice = {
  readonly ledger: Pick<SessionLedger, "entry" | "entries">;
  /** What stations said of the sessions that are not settled, each of its own. */
  readonly unsettled: () => readonly (readonly SessionRecord[])[];
  readonly stations: readonly PricedStation[];
  /** Takes what a driver signed, and brings it to the chain. */
  readonly hold: (offer: SessionOffer) => Promise<HeldOffer | { readonly refusal: OfferRefusal }>;
  readonly party: CdrParty;
  /** Of the stations. */
  readonly clock: LocalClock;
};

/** What routes of sessions work with: the offices and the stations by area, where there are any. */
export type SessionContext = ApiContext & {
  readonly sessionOffices?: ReadonlyMap<number, SessionOffice>;
  readonly stationsNow?: ReadonlyMap<number, StationsNow>;
};
