import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { auditWire } from "#platform/api/wireAudit.ts";
import type { statusWire } from "#platform/api/wireStatus.ts";
import { ProblemError } from "../app/api/getJson.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { useWords } from "../app/pageDomains.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";
import { Behind } from "./Behind.tsx";
import { Health } from "./Health.tsx";
import { WorldTime } from "./WorldTime.tsx";
import "./operator.css";

type Status = z.infer<typeof statusWire>;
type AuditState = z.infer<typeof auditWire>;

/** What is down or behind makes no event that would tell of it. */
const EVERY_MS = 15_000;

/** How this server does, for everybody: what runs, since when, and how far it has come. */
export function StatusPage() {
  const query = useGet<Status>("/v1/status", { everyMs: EVERY_MS });
  return (
    <div className="stack">
      <header>
        <h1>Status</h1>
        <p className="quiet">What runs here, since when, and how far it has come.</p>
      </header>
      <Loaded query={query} what="the status">
        {(status) => (
          <>
            <Health checks={status.checks} />
            <Behind duties={status.dutiesBehind} hasSeveralAreas={hasSeveralAreas(status)} />
            <Card title="This server">
              <ServerFacts status={status} />
            </Card>
          </>
        )}
      </Loaded>
    </div>
  );
}

function finalityWords({ finality, finalBlock }: Status, count: (value: number) => string): string {
  if (finality === "immediate") return "each block as soon as it is made";
  const reach = finalBlock === null ? "none yet" : `up to ${count(finalBlock)}`;
  return `${reach}; a block is final with ${finality} on top of it`;
}

function ServerFacts({ status }: { status: Status }) {
  const { count } = useFormats();
  const { version, startedAt, marketNow, chainId, lastBlock, processedPerHour, incidents } = status;
  return (
    <Facts
      facts={[
        { name: "Program", value: `Commonwatt ${version}` },
        { name: "Started", value: <WorldTime at={startedAt} /> },
        { name: "Market time", value: <Time at={marketNow} form="withZone" /> },
        { name: "Chain", value: chainId },
        {
          name: "Newest block with an event",
          value: lastBlock === null ? "none yet" : count(lastBlock),
        },
        { name: "Final blocks", value: finalityWords(status, count) },
        { name: "Last interval", value: <LastIntervals status={status} /> },
        {
          name: "Intervals settled an hour",
          value: processedPerHour === null ? "not known yet" : count(Math.round(processedPerHour)),
        },
        {
          name: "Refusals and failures",
          value:
            incidents === 0 ? (
              "none that this server knows of"
            ) : (
              <>
                {count(incidents)}; <Link to="/operator">the operator</Link> sees which
              </>
            ),
        },
        { name: "Last audit", value: <LastAudit /> },
        {
          name: "For programs",
          value: (
            <>
              <a href="/ready">/ready</a>, <a href="/metrics">/metrics</a>, <a href="/docs">the API</a>
            </>
          ),
        },
      ]}
    />
  );
}

/** The newest interval of each area, its number, when it is, and how far it is. */
function LastIntervals({ status }: { status: Status }) {
  const { stage } = useWords();
  const { lastIntervals } = status;
  if (lastIntervals === null) return "not known while the database is down";
  if (lastIntervals.length === 0) return "none yet";
  return (
    <ul className="status-list" aria-label="Last interval">
      {lastIntervals.map(({ areaId, area, intervalId, status: how }) => (
        <li key={areaId}>
          {hasSeveralAreas(status) ? `${area}: ` : ""}
          {intervalId}, <IntervalLink areaId={areaId} intervalId={intervalId} />: {stage(how)}
        </li>
      ))}
    </ul>
  );
}

function hasSeveralAreas({ lastIntervals, dutiesBehind }: Status): boolean {
  return new Set([...(lastIntervals ?? []), ...dutiesBehind].map(({ areaId }) => areaId)).size > 1;
}

const VERDICTS = {
  clean: "nothing was wrong",
  discrepancy: "something does not add up",
  failed: "could not finish",
} as const;

function LastAudit() {
  const audit = useGet<AuditState>("/v1/audit");
  const { count } = useFormats();
  const { error } = audit;
  if (error instanceof ProblemError && error.status === 404) return "this server can’t run one";
  if (!audit.isTold) return error ? "not known" : "…";
  const { last, state } = audit.body;
  if (last === null) return state === "running" ? "the first is running" : "none has run yet";
  const upTo = last.toBlock === null ? "" : ` up to block ${count(last.toBlock)}`;
  return (
    <>
      <Link to="/audit">{VERDICTS[last.verdict]}</Link>
      {upTo}
    </>
  );
}
