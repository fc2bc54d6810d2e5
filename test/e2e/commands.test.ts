import { createCipheriv, scryptSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readNetwork } from "#community/workspace.ts";
import { fromHex, toHex } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { commonwatt } from "./program.fixture.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-commands-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]) => commonwatt(args, { directory });

it("--help names every command and ends with 0", async () => {
  const { exitCode, stdout } = await run("--help");
  expect(exitCode).toBe(0);
  const markets = [
    "up",
    "clear",
    "simulate",
    "audit",
    "deploy",
    "charge-point",
    "charging-day",
    "station-day",
  ];
  for (const command of [
    ...markets,
    "vtn",
    "vtn-client",
    "ven",
    "meter",
    "init",
    "found",
    "run",
    "admit",
    "baselines",
  ])
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
});

it("--version says the version of the package", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await run("--version")).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
});

describe("wrong usage ends with 2 and says what is wrong:", () => {
  it.each([
    [["nonsense"], /unknown command 'nonsense'/],
    [["simulate"], /required option '--scenario <folder>' not specified/],
    [["simulate", "--scenario", "scenarios/brooklyn", "--days", "many"], /--days many /],
    [
      ["up", "--port", "65536"],
      /--port <number>' argument '65536' is invalid. a whole number from 0 to 65535/,
    ],
    [["charge-point", "--url", "ws://127.0.0.1:9"], /a station at --url needs its --password/],
    [["charge-point", "--charge", "101"], /a whole number from 0 to 100/],
    [["ven", "--url", "http://127.0.0.1:9"], /a VEN at --url needs its --secret/],
    [["vtn", "--public-url", "http://vtn.example"], /begins with https/],
    [["vtn-client", "a", "--scope", "read_everything"], /read_everything is none of the scopes/],
    [
      ["deploy", "--rpc", "x", "--key-file", "x", "--token", "0x12"],
      /argument '0x12' is invalid. an address of 20 bytes/,
    ],
  ])("%j", async (args, words) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("a failure ends with 1 and one clear sentence:", () => {
  it.each([
    [["simulate", "--scenario", "no/such/folder"], /no\/such\/folder.scenario\.yaml can't be read/],
    [
      ["simulate", "--scenario", "scenarios/recorded", "--data", "no/such/data"],
      /no\/such\/data can't be read/,
    ],
    [["audit"], /there is no network in .* yet/],
    [
      ["charge-point", "--url", "ws://127.0.0.1:9", "--password", "a-password-of-24-letters"],
      /no central system takes the station at ws:\/\/127.0.0.1:9\/station-1/,
    ],
    [["vtn", "--host", "0.0.0.0", "--port", "0"], /a VTN on 0.0.0.0 would take secrets in the clear/],
    [
      ["ven", "--url", "http://127.0.0.1:9", "--secret", "a"],
      /http:\/\/127.0.0.1:9\/auth\/server does not answer/,
    ],
    [["audit", "--network", "nowhere"], /there is no network nowhere in /],
    [["deploy", "--rpc", "http://127.0.0.1:9", "--key-file", "no-key"], /the key file no-key can't be used/],
  ])("%j", async (args, words) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^commonwatt: /);
  });
});

describe("deploy", () => {
  const PASSPHRASE = "correct horse";
  let chain: EmbeddedChain;
  let plain: string;
  let encrypted: string;

  beforeAll(async () => {
    const place = { directory: join(directory, "a-chain"), chainId: 52_019, genesisTimestamp: 1_700_000_000 };
    chain = await startEmbeddedChain(place);
    plain = join(directory, "plain.key");
    encrypted = join(directory, "encrypted.json");
    writeFileSync(plain, `${chain.fundingPrivateKey}\n`);
    writeFileSync(encrypted, JSON.stringify(encryptKey(chain.fundingPrivateKey, PASSPHRASE)));
  });
  afterAll(async () => {
    await chain?.stop();
  });

  it("puts the contracts where it says, and writes the network's record", async () => {
    const { exitCode, stdout, stderr } = await run(
      "deploy",
      "--rpc",
      chain.rpcUrl,
      "--key-file",
      plain,
      "--json",
    );
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/holds its key in clear/)]);
    const deployment = JSON.parse(stdout) as Deployment;
    expect(deployment.chainId).toBe(52_019);
    expect(readNetwork(directory, "chain-52019")).toMatchObject({
      rpcUrl: chain.rpcUrl,
      scenario: null,
      deployment,
    });
    const audit = await run("audit");
    expect([audit.exitCode, audit.stderr]).toEqual([0, expect.stringMatching(/auditing chain-52019/)]);
  });

  it("opens an encrypted key file with the passphrase of the environment, and takes a currency that is there", async () => {
    const token = addressOf(readNetwork(directory, "chain-52019")!.deployment, "token");
    const args = ["--rpc", chain.rpcUrl, "--key-file", encrypted, "--name", "second", "--token", token];
    const environment = { COMMONWATT_PASSPHRASE: PASSPHRASE };
    const done = await commonwatt(["deploy", ...args], { directory, environment });
    expect([done.exitCode, done.stderr]).toEqual([0, expect.not.stringMatching(/in clear/)]);
    const second = readNetwork(directory, "second")!.deployment;
    expect(addressOf(second, "token")).toBe(token);
    const market = addressOf(second, "poolMarket");
    expect(market).not.toBe(addressOf(readNetwork(directory, "chain-52019")!.deployment, "poolMarket"));
    expect(done.stdout).toContain(`poolMarket  ${market}`);
  });

  it("says when the passphrase is wrong, or the currency is none, and leaves no record", async () => {
    const place = ["deploy", "--rpc", chain.rpcUrl, "--name", "third"];
    const environment = { COMMONWATT_PASSPHRASE: "wrong" };
    const wrong = await commonwatt([...place, "--key-file", encrypted], { directory, environment });
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringMatching(/passphrase does not open it/)]);
    const nobody = "0x00000000000000000000000000000000000000aa";
    const unfit = await run(...place, "--key-file", plain, "--token", nobody);
    expect([unfit.exitCode, unfit.stderr]).toEqual([1, expect.stringMatching(/no ERC-20 at 0x0+aa/)]);
    expect(readNetwork(directory, "third")).toBeNull();
  });

  it("says when no chain answers", async () => {
    const rpc = `http://127.0.0.1:${await closedPort()}`;
    const { exitCode, stderr } = await run("deploy", "--rpc", rpc, "--key-file", plain);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`no chain answers at ${rpc}`)]);
  });

  it("audit refuses a node of another chain than the record's", async () => {
    const folder = join(directory, "another-chain");
    const other = await startEmbeddedChain({
      directory: folder,
      chainId: 52_020,
      genesisTimestamp: 1_700_000_000,
    });
    try {
      const { exitCode, stderr } = await run("audit", "--network", "second", "--rpc", other.rpcUrl);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/has chain id 52020, not 52019/)]);
    } finally {
      await other.stop();
    }
  });

  it("names a network's record that is damaged", async () => {
    const path = join(directory, "networks", "second", "network.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 50));
    const { exitCode, stderr } = await run("audit", "--network", "second");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/network\.json can't be used: it is no JSON/),
    ]);
  });
});

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Web3 Secret Storage, version 3, with the smallest cost that is of use to a test. */
function encryptKey(key: `0x${string}`, passphrase: string) {
  const [salt, iv] = [Buffer.alloc(32, 1), Buffer.alloc(16, 2)];
  const derived = scryptSync(passphrase, salt, 32, { N: 1_024, r: 8, p: 1 });
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(fromHex(key)), cipher.final()]);
  const kdfparams = { n: 1_024, r: 8, p: 1, dklen: 32, salt: salt.toString("hex") };
  return {
    version: 3,
    id: "00000000-0000-4000-8000-000000000000",
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: iv.toString("hex") },
      ciphertext: ciphertext.toString("hex"),
      kdf: "scrypt",
      kdfparams,
      mac: toHex(keccak256(derived.subarray(16, 32), ciphertext)).slice(2),
    },
  };
}
