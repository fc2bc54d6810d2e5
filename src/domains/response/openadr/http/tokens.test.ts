import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { registerClient } from "../clientBook.ts";
import { TOKEN_SECONDS } from "../tokenBook.ts";
import { clientsFile } from "../vtn.ts";
import { openVtnFixture, type VtnFixture } from "./vtnServer.fixture.ts";

/* Tokens by OAuth 2.0's client credentials (RFC 6749 §4.4), and what outlives a process. */

let vtn: VtnFixture;
let time = Date.parse("2025-05-12T00:00:00Z");
beforeEach(async () => {
  vtn = await openVtnFixture({ now: () => time });
});
afterEach(() => vtn.close());

const FORM = "application/x-www-form-urlencoded";

async function ask(payload: string, headers: Record<string, string> = {}) {
  const answer = await vtn.app.inject({
    ...{ method: "POST", url: "/auth/token", payload },
    headers: { "content-type": FORM, ...headers },
  });
  return { status: answer.statusCode, json: answer.json(), headers: answer.headers };
}

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
const GRANT = "grant_type=client_credentials";

it("a token comes for an id and a secret, in the form or in the header, with all scopes or those asked for", async () => {
  const inForm = await ask(`${GRANT}&client_id=home&client_secret=home`);
  expect(inForm.json).toMatchObject({ token_type: "Bearer", expires_in: TOKEN_SECONDS });
  expect(inForm.headers["cache-control"]).toBe("no-store");
  const inHeader = await ask(`${GRANT}&scope=read_targets+read_all`, basic("home:home"));
  expect([inHeader.status, inHeader.json.scope]).toEqual([200, "read_targets"]);
});

it.each([
  ["", {}, 400, "invalid_request"],
  ["grant_type=password", basic("home:home"), 400, "unsupported_grant_type"],
  [GRANT, {}, 400, "invalid_request"],
  [`${GRANT}&${GRANT}`, basic("home:home"), 400, "invalid_request"],
  [GRANT, basic("home"), 400, "invalid_request"],
  [GRANT, basic("home:wrong"), 401, "invalid_client"],
  [GRANT, basic("nobody:nobody"), 401, "invalid_client"],
  [`${GRANT}&scope=write_programs`, basic("home:home"), 400, "invalid_scope"],
  ["{}", { "content-type": "application/json" }, 400, "invalid_request"],
] as const)("%j with %j is refused with %i %s", async (payload, headers, status, error) => {
  const answer = await ask(payload, headers);
  expect([answer.status, answer.json.status, answer.json.error]).toEqual([status, status, error]);
  expect(answer.json.error_description).toBe(answer.json.detail);
});

it("a token of few scopes is for these alone, though its client has more", async () => {
  const token = await vtn.token("business", "read_all");
  const headers = { authorization: `Bearer ${token}` };
  expect((await vtn.app.inject({ url: "/events", headers })).statusCode).toBe(200);
  const created = await vtn.app.inject({
    method: "POST",
    url: "/programs",
    headers,
    payload: { programName: "a" },
  });
  expect(created.statusCode).toBe(403);
});

it("a token is over after its hour, and when its client has other scopes or another secret and none", async () => {
  const headers = { authorization: `Bearer ${await vtn.token("home")}` };
  const status = async () => (await vtn.app.inject({ url: "/events", headers })).statusCode;
  expect(await status()).toBe(200);
  registerClient(clientsFile(vtn.directory), { id: "home", scopes: ["read_ven_objects"], secret: "new" });
  expect(await status()).toBe(403);
  expect((await ask(GRANT, basic("home:home"))).status).toBe(401);
  registerClient(clientsFile(vtn.directory), { id: "home", scopes: ["read_targets"], secret: "new" });
  expect(await status()).toBe(200);
  time += TOKEN_SECONDS * 1_000;
  expect(await status()).toBe(401);
});

it("no file holds a secret or a token", async () => {
  const secret = registerClient(clientsFile(vtn.directory), { id: "new", scopes: ["read_all"] });
  expect(secret.length).toBeGreaterThan(40);
  const token = await vtn.token("home");
  for (const name of ["clients.json", "tokens.journal", "objects.journal"]) {
    const path = join(vtn.directory, name);
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, "latin1");
    expect(text).not.toContain(secret);
    expect(text).not.toContain(token);
  }
});

it("objects and tokens are there again after a restart, changed and deleted ones as they were left", async () => {
  const headers = { authorization: `Bearer ${await vtn.token("business")}` };
  const ids: string[] = [];
  for (const programName of ["kept", "changed", "deleted"])
    ids.push((await vtn.ask("business", "POST", "/programs", { programName })).json.id);
  await vtn.ask("business", "PUT", `/programs/${ids[1]}`, { programName: "changed twice" });
  await vtn.ask("business", "DELETE", `/programs/${ids[2]}`);
  const before = (await vtn.ask("business", "GET", "/programs")).json;
  vtn = await vtn.reopen();
  const after = await vtn.app.inject({ url: "/programs", headers });
  expect(after.json()).toEqual(before);
  expect(before.map((each: { programName: string }) => each.programName)).toEqual(["changed twice", "kept"]);
});

it("who asks too often is told to wait, by a problem", async () => {
  const busy = await openVtnFixture({ perMinute: { all: 5, tokens: 2 } });
  const statuses: number[] = [];
  for (let i = 0; i < 6; i += 1) statuses.push((await busy.app.inject("/auth/server")).statusCode);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  const tokens = [await busy.token("home"), await busy.token("home"), await busy.token("home")];
  expect(tokens.map((token) => typeof token)).toEqual(["string", "string", "undefined"]);
  await busy.close();
});
