import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { z } from "zod";
import { sentenceOf } from "#kernel/units/domainError.ts";
import type { AuditState, Audits } from "#platform/api/operation/auditRuns.ts";
import { auditResultWire } from "#platform/api/wireAudit.ts";
import type { AuditReport } from "#platform/audit/auditor.ts";
import type { ProgressLine } from "#platform/runtime/progressLine.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";

type AuditResult = z.infer<typeof auditResultWire>;
type Verdict = Pick<
  AuditResult,
  "verdict" | "sentence" | "fromBlock" | "toBlock" | "toBlockHash" | "checked" | "notes" | "discrepancy"
>;

/** Audits of one network, each in a process of its own. */
export type AuditJob = Audits & {
  /** Ends the audit that runs, without a result, and waits until it is gone. */
  stop(): Promise<void>;
};

/** The last result, beside the network. */
const RESULT_FILE = "audit.json";
/** A report has some kilobytes; more is none. */
const MAX_REPORT_LETTERS = 4_000_000;

/**
 * Runs `commonwatt audit` as a child, so that the market goes on undisturbed on another core. `script` is the program's
 * own file, `folder` the network's, where the last result is kept; `worldNow` gives unix seconds. `onNotice` is told when a
 * result can't be kept, `onFailure` in one sentence when a child ended without a verdict: the market goes on.
 */
export function createAuditJob({
  script,
  network,
  rpcUrl,
  folder,
  worldNow,
  onNotice,
  onFailure,
}: {
  script: string;
  network: string;
  rpcUrl: string;
  folder: string;
  worldNow: () => number;
  onNotice: (sentence: string) => void;
  onFailure: (sentence: string) => void;
}): AuditJob {
  const path = join(folder, RESULT_FILE);
  const listeners = new Set<() => void>();
  let state: AuditState = { state: "idle", progress: null, last: readResult(path) };
  let running: { readonly child: ChildProcess; readonly done: Promise<void> } | null = null;
  let isStopped = false;
  const change = (changes: Partial<AuditState>) => {
    state = { ...state, ...changes };
    for (const listener of [...listeners]) listener();
  };
  const finish = (startedAt: number, verdict: Verdict) => {
    running = null;
    if (isStopped) return;
    if (verdict.verdict === "failed") onFailure(verdict.sentence);
    const last = { startedAt, finishedAt: Math.floor(worldNow()), ...verdict };
    keepResult(path, last, onNotice);
    change({ state: "idle", progress: null, last });
  };
  return {
    state: () => state,
    run() {
      if (running !== null || isStopped) return;
      const startedAt = Math.floor(worldNow());
      const child = startAudit({ script, network, rpcUrl, directory: resolve(folder, "../..") });
      const verdict = verdictOf(child, (progress) => change({ progress }));
      running = { child, done: verdict.then((found) => finish(startedAt, found)) };
      change({ state: "running", progress: null });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      isStopped = true;
      running?.child.kill("SIGKILL");
      await running?.done;
    },
  };
}

type AuditPlace = Record<"script" | "network" | "rpcUrl" | "directory", string>;

function startAudit({ script, network, rpcUrl, directory }: AuditPlace) {
  const args = ["audit", "--json", "--progress", "json", "--network", network, "--rpc", rpcUrl];
  // In a process group of its own, so that Ctrl-C in a terminal reaches only us and is no failed audit.
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    env: { ...process.env, COMMONWATT_DIRECTORY: directory },
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return child;
}

/** What a child that audits came to, once it has ended; it tells its progress on the way. */
async function verdictOf(
  child: ChildProcess,
  onProgress: (progress: { block: number; lastBlock: number }) => void,
): Promise<Verdict> {
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  let report = "";
  let lastWords = "it said nothing";
  child.stdout?.on("data", (chunk: Buffer) => {
    if (report.length < MAX_REPORT_LETTERS) report += chunk.toString();
  });
  if (child.stderr)
    createInterface({ input: child.stderr }).on("line", (text) => {
      const line = readLine(text);
      if (line?.kind === "count") onProgress({ block: line.done, lastBlock: line.total });
      else if (line === null && text.trim() !== "") lastWords = text.trim().slice(0, MAX_WORDS);
    });
  try {
    const [code, signal] = await once(child, "close");
    const how = signal === null ? `with code ${code}` : `by signal ${signal}`;
    return readReport(report) ?? failed(`the audit ended ${how}: ${lastWords}`);
  } catch (error) {
    return failed(`the audit can't be run: ${sentenceOf(error)}`);
  } finally {
    process.removeListener("exit", killAtExit);
  }
}

const MAX_WORDS = 500;

function readLine(text: string): ProgressLine | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as ProgressLine;
  } catch {
    return null;
  }
}

/** The report that the child wrote; null when it ended before. */
function readReport(text: string): Verdict | null {
  let report: AuditReport;
  try {
    report = JSON.parse(text) as AuditReport;
  } catch {
    return null;
  }
  const { checked } = report;
  if (report.verdict === "discrepancy") {
    const { rule, sentence, block, transactionHash, areaId = null, intervalId = null } = report.discrepancy;
    const place = { block, transactionHash, areaId, intervalId };
    return {
      ...NOT_AUDITED,
      verdict: "discrepancy",
      sentence,
      checked,
      discrepancy: { rule, sentence, place },
    };
  }
  const { fromBlock, toBlock, toBlockHash, notes } = report;
  const sentence = `blocks ${fromBlock} to ${toBlock} are clean: ${checked["pool.clearings"]} clearings, ${checked["pool.signatures"]} signed orders and ${checked["pool.payments"]} payments add up`;
  const found = { fromBlock, toBlock, toBlockHash, notes: [...notes] };
  return { ...NOT_AUDITED, ...found, verdict: "clean", sentence, checked };
}

function failed(sentence: string): Verdict {
  return { ...NOT_AUDITED, verdict: "failed", sentence };
}

const NOT_AUDITED = {
  fromBlock: null,
  toBlock: null,
  toBlockHash: null,
  checked: {},
  notes: [],
  discrepancy: null,
};

function keepResult(path: string, result: AuditResult, onNotice: (sentence: string) => void): void {
  try {
    writeFileAside(path, Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
  } catch (error) {
    onNotice(`the audit's result can't be kept: ${sentenceOf(error)}`);
  }
}

/** The last result; null where there is none that can be read, since an audit is soon run again. */
function readResult(path: string): AuditResult | null {
  if (!existsSync(path)) return null;
  try {
    return auditResultWire.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}
