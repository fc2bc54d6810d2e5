import { CHARGING_COUNTS } from "#domains/charging/audit/chargingCounts.ts";
import { CHARGING_MOVEMENTS } from "#domains/charging/rules/movementWords.ts";
import { lazyPage } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";
import { QUOTA_AREAS, type QuotaAreas } from "./quotas.ts";
import { CHARGING_WORDS } from "./words.ts";

const QUOTAS = ["quotas"] as const;
const SESSIONS = ["sessions", "money"] as const;
const PAID = ["quotas", "bills", "money", "grid"] as const;

/** Charging stations behind a transformer: its margin, periods with their auctions, a station's own page. */
export const charging: PageDomain = {
  name: "charging",
  market: "quotaMarket",
  pages: [
    {
      path: "/transformer",
      component: lazyPage(() => import("./TransformerPage.tsx"), "TransformerPage"),
      tab: {
        label: "Transformer",
        icon: "transformer",
        asks: {
          path: QUOTA_AREAS,
          isShown: (body, session) =>
            areasIn(body).some(
              ({ areaId, dsoAccount }) =>
                session === null ||
                session.account === dsoAccount ||
                (session.roles.includes("operator") && session.areaId === areaId),
            ),
        },
      },
    },
    {
      path: "/station",
      component: lazyPage(() => import("./StationPage.tsx"), "StationPage"),
      tab: {
        label: "My station",
        icon: "station",
        asks: {
          path: QUOTA_AREAS,
          isShown: (body, session) =>
            session?.hasMeter === true && areasIn(body).some(({ areaId }) => session.areaId === areaId),
        },
      },
    },
    {
      path: "/charging/sessions",
      component: lazyPage(() => import("./sessions/SessionsPage.tsx"), "SessionsPage"),
      tab: {
        label: "Sessions",
        icon: "station",
        asks: {
          path: QUOTA_AREAS,
          isShown: (body, session) =>
            session?.account != null &&
            areasIn(body).some(
              ({ areaId, dsoAccount }) => session.areaId === areaId && session.account !== dsoAccount,
            ),
        },
      },
    },
    {
      path: "/charging/session/$areaId/$id",
      component: lazyPage(() => import("./sessions/DriverPage.tsx"), "DriverPage"),
    },
    {
      path: "/charging/prices",
      component: lazyPage(() => import("./sessions/PricesPage.tsx"), "PricesPage"),
    },
    {
      path: "/charging/$areaId/$period",
      component: lazyPage(() => import("./PeriodPage.tsx"), "PeriodPage"),
    },
  ],
  answers: {
    quotas:
      /^\/v1\/(quota-areas$|areas\/\d+\/(quota-(terms|periods|deposit)|load-forecast|stations\/\d+\/(quota-periods|vehicles)))/,
    sessions: /^\/v1\/areas\/\d+\/session(s|-records|-earnings)/,
  },
  changedBy: {
    quotaTermsAnnounced: QUOTAS,
    periodInitialized: QUOTAS,
    demandSubmitted: [...QUOTAS, "money"],
    quotasAllocated: QUOTAS,
    quotaTraded: PAID,
    quotasCleared: PAID,
    energyPaid: PAID,
    depositWithdrawn: [...QUOTAS, "money"],
    readingsPublished: QUOTAS,
    walletHeld: SESSIONS,
    sessionCharged: SESSIONS,
    sessionDisputed: SESSIONS,
    sessionProven: SESSIONS,
    sessionFinished: SESSIONS,
  },
  words: { ...CHARGING_WORDS, movements: CHARGING_MOVEMENTS },
  counts: CHARGING_COUNTS,
  found: { quotaPeriod: { name: "Charging period", address: periodAddress } },
};

function areasIn(body: unknown): QuotaAreas["areas"] {
  return (body as QuotaAreas).areas;
}

/** The page of a period, which is named area/period. */
function periodAddress(id: string) {
  const [areaId = "", period = ""] = id.split("/");
  return { to: "/charging/$areaId/$period", params: { areaId, period } };
}
