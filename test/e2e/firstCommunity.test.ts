import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startsAt } from "#kernel/units/interval.ts";
import {
  giveEther,
  giveTokens,
  HARDHAT,
  type HurriedNode,
  hasHardhat,
  openMeters,
  startHardhatNode,
  startHurriedAnvil,
} from "./ownCommunity.fixture.ts";
import { commonwatt, type Finished, type Running, startCommonwatt } from "./program.fixture.ts";

/*
 * docs/first-community.md, done as a stranger does it: from an empty folder to settled intervals and a clean audit, on a node
 * of somebody else whose clock goes faster than the world's.
 */

const PASSPHRASE = "correct horse battery";
const INTERVAL_SECONDS = 60;
/** Seconds that the node's clock goes on with each of its two blocks a second. */
const HURRY = 4;
const MEMBERS = ["ada,Ada Lovelace,AT001,11000,here,here", "bob,Bob Hall,AT002,17250,here,here"];

let folder: string;
const nodes: HurriedNode[] = [];
const running: Running[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-first-"));
});
afterAll(async () => {
  for (const { process, finished } of running) {
    process.kill("SIGKILL");
    await finished;
  }
  for (const node of nodes) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A community's folder, and the program as it is called there. */
function communityIn(name: string) {
  const place = join(folder, name);
  const file = join(place, "community.yaml");
  const options = {
    directory: join(place, ".commonwatt"),
    environment: { COMMONWATT_PASSPHRASE: PASSPHRASE },
  };
  return {
    place,
    file,
    network: join(options.directory, "networks/community"),
    call: (...args: string[]): Promise<Finished> => commonwatt(args, options),
    start(...args: string[]): Running {
      const started = startCommonwatt(args, options);
      running.push(started);
      return started;
    },
    change(from: RegExp | string, to: string): void {
      writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
    },
    addMembers(...lines: string[]): void {
      const path = join(place, "members.csv");
      writeFileSync(path, `${readFileSync(path, "utf8") + lines.join("\n")}\n`);
    },
  };
}

type Community = ReturnType<typeof communityIn>;

async function begin(community: Community, node: HurriedNode, ...flags: string[]): Promise<void> {
  const flagged = ["--name", "Test", "--interval-minutes", "1", "--time-zone", "Europe/Vienna"];
  const init = await community.call("init", community.place, ...flagged, "--rpc-url", node.rpcUrl, ...flags);
  expect(init.stderr).toBe("");
  community.addMembers(...MEMBERS);
}

/** Lets meters count until the operator says that so many intervals were traded and settled. */
async function meterUntil(
  community: Community,
  { node, api, settled, from }: { node: HurriedNode; api: string; settled: Promise<unknown>; from: number },
): Promise<number> {
  const meters = openMeters(community.place, community.network, PASSPHRASE);
  let isSettled = false;
  settled.then(
    () => (isSettled = true),
    () => (isSettled = true),
  );
  let next = from;
  while (!isSettled) {
    const { timestamp } = (await node.call("eth_getBlockByNumber", ["latest", false])) as {
      timestamp: string;
    };
    for (; startsAt(next + 1, INTERVAL_SECONDS) <= Number(timestamp); next += 1)
      await meters.handIn(api, next, (id) => (id === "ada" ? [0, 60] : [40, 0])).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await settled;
  return next;
}

async function secondOf(node: HurriedNode): Promise<number> {
  const { timestamp } = (await node.call("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  return Number(timestamp);
}

/** Ten commands, each of which opens encrypted keys, and some intervals of the market. */
const PATIENCE = { timeout: 600_000 };

describe("on anvil, as a node of somebody else", PATIENCE, () => {
  let node: HurriedNode;
  let elder: Community;
  let young: Community;

  beforeAll(async () => {
    node = await startHurriedAnvil();
    nodes.push(node);
    elder = communityIn("elder");
    young = communityIn("young");
  });

  it("says what a founding lacks, and spends nothing before somebody agreed", async () => {
    await begin(elder, node);
    const poor = await elder.call("found", elder.file, "--yes");
    expect(poor.exitCode).toBe(1);
    expect(poor.stderr).toMatch(/the administrator's key 0x[0-9a-f]{40} has 0 ether; send it 0.35 or more/);
    await giveEther(node, elder.place);
    const asked = await elder.call("found", elder.file);
    expect(asked.exitCode).toBe(2);
    expect(asked.stdout).toContain("to do: deploy 14 contracts");
    expect(asked.stdout).toContain("to do: put down €50.00 as margin of ada");
    expect(asked.stderr).toContain("--yes");
    expect(await node.call("eth_blockNumber")).toBe("0x1");
  });

  it("goes on where a founding was killed, and has nothing to do the second time", async () => {
    const killed = elder.start("found", elder.file, "--yes");
    await killed.line(/doing: register/);
    killed.process.kill("SIGKILL");
    await killed.finished;
    const found = await elder.call("found", elder.file, "--yes");
    expect(found.stderr).toBe("");
    expect(found.stdout).toContain("founded: area 1 with 2 members");
    expect(found.stdout).not.toContain("deploy");
    const again = await elder.call("found", elder.file, "--dry-run");
    expect(again.stdout).not.toContain("to do");
  });

  it("joins the contracts of another community, once that one's administrator has admitted it", async () => {
    await begin(young, node, "--contracts", "../elder/deployment.json");
    const members = join(young.place, "members.csv");
    writeFileSync(members, readFileSync(members, "utf8").replaceAll("AT00", "AT10"));
    await giveEther(node, young.place);
    const refused = await young.call("found", young.file, "--yes");
    const [, options = ""] = /admit community.yaml (.*)/.exec(refused.stderr) ?? [];
    expect(options).toMatch(/^--registrar 0x\w{40} --operator 0x\w{40} --certifier 0x\w{40}$/);
    const admitted = await elder.call("admit", elder.file, ...options.split(" "), "--yes");
    expect(admitted.stdout).toContain("admitted");
    const plan = await young.call("found", young.file, "--dry-run");
    const holders = [...plan.stdout.matchAll(/from the tokens of (0x\w{40})/g)].map(
      ([, holder = ""]) => holder,
    );
    expect(holders).toHaveLength(3);
    await giveTokens(node, { place: elder.place, network: elder.network, passphrase: PASSPHRASE, holders });
    const found = await young.call("found", young.file, "--yes");
    expect(found.stderr).toBe("");
    expect(found.stdout).toContain("founded: area 2 with 2 members");
  });

  it("runs in two processes by the chain's clock, is killed, goes on, and its audit is clean", async () => {
    node.hurry(HURRY);
    const operator = young.start("run", young.file, "--role", "operator", "--port", "0");
    const [, api = ""] = await operator.line(/page and API +(http:\S+)/);
    const agents = young.start("run", young.file, "--role", "participant", "--api", api);
    const from = Math.floor((await secondOf(node)) / INTERVAL_SECONDS);
    const next = await meterUntil(young, { node, api, from, settled: operator.line(/in 1 trades/) });
    operator.process.kill("SIGKILL");
    await operator.finished;
    const port = new URL(api).port;
    const again = young.start("run", young.file, "--role", "operator", "--port", port);
    await again.line(/page and API/);
    await meterUntil(young, { node, api, from: next, settled: again.line(/in 1 trades/) });
    for (const { process, finished } of [again, agents]) {
      process.kill("SIGTERM");
      expect((await finished).exitCode).toBe(0);
    }
    const audit = await young.call("audit", "--network", "community", "--json");
    const { verdict, checked } = JSON.parse(audit.stdout) as {
      verdict: string;
      checked: Record<string, number>;
    };
    expect(verdict).toBe("clean");
    expect(checked["pool.payments"]).toBeGreaterThanOrEqual(2);
  });

  it("changes what the contracts let change, with their notice, and says what can't", async () => {
    young.change("penaltyPermille: 1000", "penaltyPermille: 1200");
    young.change("waitingHours: 24", "waitingHours: 48");
    young.addMembers("cyd,Cyd Moss,AT103,5000,0x00000000000000000000000000000000000000c1,here");
    const changed = await young.call("found", young.file, "--yes");
    expect(changed.stderr).toBe("");
    expect(changed.stdout).toContain("can't be changed here: waitingHours: the area waits 86400 s for ever");
    expect(changed.stdout).toContain(
      "to do: announce changed rules of the market, in force after seven days",
    );
    expect(changed.stdout).toContain("to do: register 1 participants: Cyd Moss");
    young.change("penaltyPermille: 1200", "penaltyPermille: 1300");
    const waiting = await young.call("found", young.file, "--dry-run");
    expect(waiting.stdout).toMatch(
      /can't be changed here: market: rules that were announced before wait until/,
    );
    young.change("retailPerKwh: 0.32", "retailPerKwh: 0.33");
    const billed = await young.call("found", young.file, "--dry-run");
    expect(billed.stderr).toContain("prices from the beginning on have begun and stay as they were");
  });
});

describe.skipIf(!hasHardhat())("on Hardhat's node", PATIENCE, () => {
  it("is founded and runs by configuration alone", async () => {
    const node = await startHardhatNode(HARDHAT ?? "");
    nodes.push(node);
    const community = communityIn("hardhat");
    await begin(community, node);
    await giveEther(node, community.place);
    const found = await community.call("found", community.file, "--yes");
    expect(found.stderr).toBe("");
    node.hurry(HURRY);
    const all = community.start("run", community.file, "--port", "0");
    const [, api = ""] = await all.line(/page and API +(http:\S+)/);
    const from = Math.floor((await secondOf(node)) / INTERVAL_SECONDS);
    await meterUntil(community, { node, api, from, settled: all.line(/in 1 trades/) });
    all.process.kill("SIGTERM");
    expect((await all.finished).exitCode).toBe(0);
    const audit = await community.call("audit", "--network", "community", "--json");
    const { verdict, discrepancy } = JSON.parse(audit.stdout) as { verdict: string; discrepancy?: unknown };
    expect({ verdict, discrepancy }).toEqual({ verdict: "clean" });
  });
});
