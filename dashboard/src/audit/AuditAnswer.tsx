import { durationText } from "#kernel/units/durations.ts";
import { ProblemError } from "../app/api/getJson.ts";
import { useFormats } from "../app/format/locale.tsx";
import { asSentence } from "../app/format/sentences.ts";
import { Hash } from "../app/parts/Hash.tsx";
import { HashedText } from "../app/parts/HashedText.tsx";
import { Icon, type IconName } from "../app/parts/Icon.tsx";
import { Failure, Loading, Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";
import { progressWords, reachWords } from "./reach.ts";
import type { Audit, AuditResult, AuditState } from "./useAudit.ts";

/** The answer, large: clean, a discrepancy, not finished or never run; and the button that audits again. */
export function AuditAnswer({ audit: { query, start } }: { audit: Audit }) {
  const { error } = query;
  if (!query.isTold && error instanceof ProblemError && error.status === 404)
    return (
      <Notice tone="watch">
        This server can’t run an audit; anybody can from the command line, see below.
      </Notice>
    );
  if (!query.isTold)
    return error ? <Failure error={error} what="the audit" /> : <Loading what="the audit’s result" />;
  const data = query.body;
  const { tone, headline } = answerOf(data);
  const isRunning = data.state === "running";
  return (
    <section className={`answer answer-${tone}`} aria-labelledby="answer-head">
      <div className="answer-mark">
        <Icon name={ICONS[tone]} size={56} />
      </div>
      <div className="stack answer-text">
        <div role="status">
          <h2 id="answer-head">{headline}</h2>
        </div>
        {data.last ? <Findings result={data.last} /> : null}
        {data.last ? <Reach last={data.last} blocksSince={data.blocksSince} /> : null}
        {data.last === null && !isRunning ? <p>Run it to see whether every figure adds up.</p> : null}
        {isRunning ? <Progress progress={data.progress} /> : null}
        <div className="row">
          <button
            type="button"
            className="button primary"
            disabled={isRunning || start.isPending}
            onClick={() => start.mutate()}
          >
            {buttonText(data)}
          </button>
          {data.last ? <Times result={data.last} /> : null}
        </div>
        {start.error ? <Failure error={start.error} what="a new audit" /> : null}
      </div>
    </section>
  );
}

function buttonText({ last, state }: AuditState): string {
  if (state === "running") return "Auditing…";
  return last ? "Audit again" : "Audit now";
}

type Tone = "plain" | "good" | "act" | "watch";
type Answer = { readonly tone: Tone; readonly headline: string };

const ICONS: Record<Tone, IconName> = { plain: "shield", good: "audit", act: "alarm", watch: "alarm" };

function answerOf({ last, state }: AuditState): Answer {
  if (last === null && state === "running") return { tone: "plain", headline: "The first audit is running" };
  if (last === null) return { tone: "plain", headline: "No audit has run yet" };
  if (last.verdict === "clean") return { tone: "good", headline: "Nothing is wrong" };
  if (last.verdict === "failed") return { tone: "watch", headline: "The audit could not finish" };
  return { tone: "act", headline: "Something does not add up" };
}

function Findings({ result }: { result: AuditResult }) {
  return (
    <>
      <p className="answer-sentence">
        <HashedText>{asSentence(result.discrepancy?.sentence ?? result.sentence)}</HashedText>
      </p>
      {result.discrepancy ? <Discrepancy discrepancy={result.discrepancy} /> : null}
    </>
  );
}

function Discrepancy({ discrepancy }: { discrepancy: NonNullable<AuditResult["discrepancy"]> }) {
  const { rule, place } = discrepancy;
  const { count } = useFormats();
  const { block, transactionHash, areaId, intervalId } = place;
  return (
    <>
      <ul className="row answer-places">
        <li>
          rule <code>{rule}</code>
        </li>
        {block === null ? null : <li>block {count(block)}</li>}
        {areaId === null || intervalId === null ? null : (
          <li>
            <IntervalLink areaId={areaId} intervalId={intervalId} />
          </li>
        )}
        {transactionHash === null ? null : (
          <li>
            transaction <Hash value={transactionHash} to="transaction" />
          </li>
        )}
      </ul>
      <p className="small">
        The audit ends at the first thing that does not add up. Where the sentence says <em>moreover</em>, the
        block’s own hashes disprove what was shown: data was changed after it was signed, so ask another node.
        Where it does not, the chain itself holds what the rules do not allow: look into the contracts and
        keys.
      </p>
    </>
  );
}

/** Up to which block the answer holds: what came after it has not been looked at. */
function Reach({ last: { toBlock }, blocksSince }: { last: AuditResult; blocksSince: number | null }) {
  const { count } = useFormats();
  return toBlock === null ? null : <p>{reachWords({ toBlock, blocksSince }, count)}</p>;
}

/** How far the audit is; the length of the bar grows with the blocks, and the chain with them. */
function Progress({ progress }: { progress: AuditState["progress"] }) {
  const { count } = useFormats();
  return (
    <div className="stack progress">
      <progress
        aria-label="Progress of the audit"
        {...(progress ? { value: progress.block, max: Math.max(progress.lastBlock, 1) } : {})}
      />
      <p className="small">{progress ? progressWords(progress, count) : "Auditing: reading the chain"}</p>
    </div>
  );
}

function Times({ result: { startedAt, finishedAt } }: { result: AuditResult }) {
  return (
    <span className="small">
      Last run <Time at={finishedAt} form="withZone" /> by the world’s clock, in{" "}
      {durationText(Math.max(finishedAt - startedAt, 1))}
    </span>
  );
}
