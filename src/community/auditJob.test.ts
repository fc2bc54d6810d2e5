import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type AuditJob, createAuditJob } from "./auditJob.ts";

/*
 * Children that behave as an audit may: real processes with a script in the program's place. test/e2e/auditApi.test.ts has
 * the program itself.
 */

let folder: string;
let jobs: AuditJob[];
let notices: string[];
let failures: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-audit-job-"));
  jobs = [];
  notices = [];
  failures = [];
});
afterEach(async () => {
  for (const job of jobs) await job.stop();
  rmSync(folder, { recursive: true, force: true });
});

function createJob(lines: string): AuditJob {
  const script = join(folder, "script.mjs");
  writeFileSync(script, lines);
  const job = createAuditJob({
    script,
    network: "riverside",
    rpcUrl: "http://127.0.0.1:1",
    folder,
    worldNow: () => 1_700_000_000.5,
    onNotice: (sentence) => void notices.push(sentence),
    onFailure: (sentence) => void failures.push(sentence),
  });
  jobs.push(job);
  return job;
}

/** Resolves once the job is in the state asked for. */
function until(job: AuditJob, isThere: (state: ReturnType<AuditJob["state"]>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isThere(job.state())) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = job.subscribe(look);
    look();
  });
}

const idle = (job: AuditJob) => until(job, ({ state }) => state === "idle");

const CLEAN = {
  verdict: "clean",
  fromBlock: 1,
  toBlock: 9,
  toBlockHash: "0xaa",
  checked: { "pool.clearings": 2, "pool.signatures": 30, "pool.payments": 8 },
  notes: ["something could not be checked"],
};

it("tells progress, keeps the result beside the network, and knows it after a restart", async () => {
  const job = createJob(`
    console.error(JSON.stringify({ kind: "count", what: "blocks", done: 3, total: 9 }));
    process.stdin.resume();
    setTimeout(() => console.log(JSON.stringify({ ...${JSON.stringify(CLEAN)}, notes: process.argv.slice(2) })), 50);
  `);
  expect(job.state()).toEqual({ state: "idle", progress: null, last: null });
  job.run();
  expect(job.state()).toMatchObject({ state: "running", progress: null });
  await until(job, ({ progress }) => progress !== null);
  expect(job.state().progress).toEqual({ block: 3, lastBlock: 9 });
  await idle(job);
  const { last } = job.state();
  expect(last).toMatchObject({
    startedAt: 1_700_000_000,
    finishedAt: 1_700_000_000,
    verdict: "clean",
    toBlockHash: "0xaa",
    checked: CLEAN.checked,
    discrepancy: null,
    notes: ["audit", "--json", "--progress", "json", "--network", "riverside", "--rpc", "http://127.0.0.1:1"],
  });
  expect(createJob("").state()).toEqual({ state: "idle", progress: null, last });
});

it("tells a discrepancy with its rule and place, though the child ends with code 1", async () => {
  const discrepancy = {
    rule: "orderSignature",
    sentence: "bid 3 is not signed",
    block: 8,
    transactionHash: "0xbb",
    areaId: 1,
    intervalId: 100,
    account: 5,
  };
  const report = { verdict: "discrepancy", discrepancy, checked: { blocks: 7 } };
  const job = createJob(`
    console.log(${JSON.stringify(JSON.stringify(report))});
    console.error("commonwatt: the audit found a discrepancy");
    process.exitCode = 1;
  `);
  job.run();
  await idle(job);
  expect(job.state().last).toMatchObject({
    verdict: "discrepancy",
    sentence: "bid 3 is not signed",
    checked: { blocks: 7 },
    discrepancy: {
      rule: "orderSignature",
      sentence: "bid 3 is not signed",
      place: { block: 8, transactionHash: "0xbb", areaId: 1, intervalId: 100 },
    },
  });
});

it.each([
  [
    "with its last words",
    `console.error("commonwatt: no chain answers"); process.exitCode = 1;`,
    /with code 1: commonwatt: no chain answers$/,
  ],
  ["by a signal", `console.error("{}x"); process.kill(process.pid, "SIGKILL");`, /by signal SIGKILL: \{\}x$/],
  ["without a word", "process.exit(3);", /with code 3: it said nothing$/],
  ["in the middle of its report", `process.stdout.write('{"verdict":"cl');`, /with code 0/],
])("a child that dies %s is a failed audit, and the next may run", async (_how, script, sentence) => {
  const job = createJob(script);
  job.run();
  await idle(job);
  expect(job.state().last).toMatchObject({ verdict: "failed", sentence: expect.stringMatching(sentence) });
  expect(failures).toEqual([expect.stringMatching(sentence)]);
  job.run();
  expect(job.state().state).toBe("running");
  await idle(job);
});

it("runs one audit at a time", async () => {
  const counted = join(folder, "counted");
  const job = createJob(`
    import { appendFileSync } from "node:fs";
    appendFileSync(${JSON.stringify(counted)}, "x");
    console.log(${JSON.stringify(JSON.stringify(CLEAN))});
  `);
  job.run();
  job.run();
  await idle(job);
  expect(readFileSync(counted, "utf8")).toBe("x");
});

it("ends the child when it is stopped, without a result, and starts none afterwards", async () => {
  const job = createJob(`
    console.error(JSON.stringify({ kind: "count", what: "blocks", done: process.pid, total: 9 }));
    setInterval(() => {}, 1_000);
  `);
  job.run();
  await until(job, ({ progress }) => progress !== null);
  const pid = job.state().progress!.block;
  await job.stop();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(existsSync(join(folder, "audit.json"))).toBe(false);
  job.run();
  expect(job.state().last).toBeNull();
});

it("takes a damaged result for none, and says when one can't be kept", async () => {
  writeFileSync(join(folder, "audit.json"), '{"verdict":"clean"');
  const job = createJob(`console.log(${JSON.stringify(JSON.stringify(CLEAN))});`);
  expect(job.state().last).toBeNull();
  job.run();
  rmSync(folder, { recursive: true });
  await idle(job);
  expect(notices).toEqual([expect.stringMatching(/^the audit's result can't be kept: ENOENT/)]);
  expect(job.state()).toMatchObject({ state: "idle" });
});
