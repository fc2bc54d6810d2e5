import { sumBills } from "#store/queries/bills.ts";
import { listIntervals } from "#store/queries/intervals.ts";
import { summarize } from "#store/queries/summary.ts";
import { listTrades } from "#store/queries/trades.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { renderHomePage } from "./homePage.ts";
import { MAX_LIMIT } from "./wire.ts";

const SHOWN_INTERVALS = 12;
const SHOWN_TRADES = 15;

/** Nothing of the page comes from elsewhere, and it runs no script. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 68rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0; } header p { margin: 0.35rem 0; } .quiet { opacity: 0.75; } h2 { margin: 1.5rem 0 0.5rem; font-size: 1.15rem; }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 2px solid; } tbody tr + tr td { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
footer { margin-top: 2rem; font-size: 0.9rem; opacity: 0.8; }
`;

/** The plain page for people. */
export function addHome(app: Api, context: ApiContext): void {
  const { db } = context.store;
  app.get("/", { schema: { hide: true } }, async (_request, reply) => {
    const { areaNames, accountNames, timeZone } = context;
    const page = renderHomePage({
      now: context.now(),
      areaNames,
      accountNames,
      timeZone,
      intervals: await listIntervals(db, { limit: SHOWN_INTERVALS }),
      trades: await listTrades(db, { limit: SHOWN_TRADES, offset: 0 }),
      bills: await sumBills(db, { limit: MAX_LIMIT, offset: 0 }),
      summary: await summarize(db),
    });
    return reply.header("content-security-policy", PAGE_POLICY).type("text/html; charset=utf-8").send(page);
  });
  app.get("/style.css", { schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/css; charset=utf-8").send(STYLE),
  );
}
