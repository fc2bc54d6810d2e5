import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LOOPBACK, openTestSystem, PASSWORD, STATIONS, type TestSystem } from "./centralSystem.fixture.ts";
import { connectRaw } from "./rawStation.fixture.ts";
import { enrolStation } from "./station.ts";

let system: TestSystem | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

describe("security profile 1", () => {
  it("is for loopback alone", async () => {
    await expect(openTestSystem({ listeners: [{ ...LOOPBACK, host: "0.0.0.0" }] })).rejects.toThrow(
      "security profile 1 sends passwords in the clear",
    );
  });

  it.each([
    ["a wrong password", { stationId: "station-1", password: "another-password-1" }, "wrongPassword", 401],
    ["no password", { stationId: "station-1" }, "wrongPassword", 401],
    ["a stranger", { stationId: "station-9", password: PASSWORD }, "unknownStation", 401],
    [
      "another protocol",
      { stationId: "station-1", password: PASSWORD, version: "ocpp1.5" },
      "noCommonVersion",
      400,
    ],
    ["no protocol", { stationId: "station-1", password: PASSWORD, version: [] }, "noCommonVersion", 400],
  ])("refuses %s", async (_, who, reason, status) => {
    system = await openTestSystem();
    await expect(connectRaw(system.url, who)).rejects.toThrow(`HTTP ${status}`);
    expect(await system.told("refusedConnection")).toMatchObject({ stationId: who.stationId, reason });
  });

  it("refuses a station that is enrolled with more", async () => {
    system = await openTestSystem({ stations: [{ ...STATIONS[0]!, securityProfile: 2 }] });
    await expect(connectRaw(system.url, { stationId: "station-1", password: PASSWORD })).rejects.toThrow(
      "HTTP 401",
    );
    expect(await system.told("refusedConnection")).toMatchObject({ reason: "securityDowngrade" });
  });

  it("takes the newer of two connections of a station", async () => {
    system = await openTestSystem();
    const old = await connectRaw(system.url, { stationId: "station-1", password: PASSWORD });
    const newer = await connectRaw(system.url, { stationId: "station-1", password: PASSWORD });
    await old.closed;
    expect((await newer.call("Heartbeat", {}))[0]).toBe(3);
    expect(system.events.map(({ kind }) => kind)).not.toContain("disconnected");
  });

  it.each([
    [{ stationId: "a/b" }, "its name"],
    [{ password: "short" }, "16 to 40 characters, not 5"],
    [{ evses: 0 }, "1 to 64 charging points, not 0"],
    [{ safeLimitW: 30_000 }, "from 0 to its rating, 22000 W"],
  ])("cannot enrol a station with %j", (wrong, sentence) => {
    const right = {
      stationId: "a",
      password: PASSWORD,
      securityProfile: 1 as const,
      evses: 1,
      ratedW: 22_000,
      safeLimitW: 0,
    };
    expect(() => enrolStation({ ...right, ...wrong })).toThrow(sentence);
  });
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!hasOpenssl)("security profiles 2 and 3 (skipped: no openssl)", () => {
  const folder = mkdtempSync(join(tmpdir(), "commonwatt-certificates-"));
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  beforeAll(() => makeCertificates(folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const open = (directory?: string) => {
    const server = { key: pem("server.key"), certificate: pem("server.crt") };
    return openTestSystem({
      ...(directory !== undefined && { directory }),
      listeners: [
        LOOPBACK,
        { ...LOOPBACK, security: { profile: 2, ...server } },
        { ...LOOPBACK, security: { profile: 3, ...server, stationAuthority: pem("authority.crt") } },
      ],
    });
  };
  const certificate = (name: string) => ({
    ca: pem("authority.crt"),
    cert: pem(`${name}.crt`),
    key: pem(`${name}.key`),
  });

  it("take a password over TLS, and then no longer without", async () => {
    system = await open();
    const [clear = "", tls = ""] = system.central.urls;
    const who = { stationId: "station-1", password: PASSWORD };
    const raw = await connectRaw(tls, { ...who, options: { ca: pem("authority.crt") } });
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
    expect(await system.told("securityRaised")).toMatchObject({ profile: 2 });
    await expect(connectRaw(clear, who)).rejects.toThrow("HTTP 401");
    expect(await system.told("refusedConnection")).toMatchObject({ reason: "securityDowngrade" });
  });

  it("take no less after a restart than before it", async () => {
    const directory = join(folder, "workspace");
    system = await open(directory);
    const who = { stationId: "station-1", password: PASSWORD };
    const raw = await connectRaw(system.central.urls[1]!, { ...who, options: { ca: pem("authority.crt") } });
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
    await system.close();
    system = await open(directory);
    await expect(connectRaw(system.central.urls[0]!, who)).rejects.toThrow("HTTP 401");
    expect(await system.told("refusedConnection")).toMatchObject({ reason: "securityDowngrade" });
  });

  it("take a certificate of the station's own name instead of a password", async () => {
    system = await open();
    const url = system.central.urls[2]!;
    const raw = await connectRaw(url, { stationId: "station-1", options: certificate("station-1") });
    expect((await raw.call("Heartbeat", {}))[0]).toBe(3);
    expect(await system.told("connected")).toMatchObject({ profile: 3 });
    await expect(
      connectRaw(url, { stationId: "station-2", options: certificate("station-1") }),
    ).rejects.toThrow("HTTP 401");
    expect(await system.told("refusedConnection")).toMatchObject({ reason: "wrongCertificate" });
  });

  it("refuse a station without a certificate of the authority", async () => {
    system = await open();
    const url = system.central.urls[2]!;
    const password = { stationId: "station-1", password: PASSWORD };
    await expect(connectRaw(url, { ...password, options: { ca: pem("authority.crt") } })).rejects.toThrow();
    await expect(connectRaw(url, { ...password, options: certificate("stranger") })).rejects.toThrow();
    expect(system.events.filter(({ kind }) => kind === "connected")).toEqual([]);
  });
});

/** An authority, a server on loopback, a station that the authority signed, and a stranger that it did not. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const selfSigned = (name: string, subject: string) =>
    openssl(
      "req",
      "-x509",
      ...key,
      "-subj",
      `/CN=${subject}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
    );
  const signed = (name: string, ...extensions: string[]) =>
    openssl(
      "req",
      "-x509",
      ...key,
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
      "-CA",
      "authority.crt",
      "-CAkey",
      "authority.key",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
      ...extensions,
    );
  selfSigned("authority", "authority");
  selfSigned("stranger", "station-1");
  signed("server", "-addext", "subjectAltName=IP:127.0.0.1");
  signed("station-1");
}
