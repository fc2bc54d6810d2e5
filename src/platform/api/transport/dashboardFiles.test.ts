import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";

const PAGE = "<!doctype html><title>Commonwatt</title>";
const SCRIPT = `console.log("${"x".repeat(200)}");`;

let directory: string;
let api: ApiFixture;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-dashboard-"));
  mkdirSync(join(directory, "assets"));
  const files = {
    "index.html": PAGE,
    "icon.svg": "<svg/>",
    "assets/index-1a2b.js": SCRIPT,
    "assets/check.worker-3c4d.js": SCRIPT,
    "assets/index-5e6f.css": "body{}",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  writeFileSync(join(directory, "assets/index-1a2b.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(directory, "index.html.gz"), gzipSync(PAGE));
  api = await openApiFixture({ dashboardDirectory: directory });
});
afterAll(async () => {
  await api?.close();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (url: string, headers: Record<string, string> = {}) => api.app.inject({ url, headers });

test.each([
  "/",
  "/?lang=de",
  "/intervals/1/100",
  "/me",
  "/me/statement",
  "/order",
  "/orders/0x12",
  "/operator",
  "/audit",
  "/participants/4",
  "/transactions/0x12",
])("the page is at %s, asked for anew each time", async (url) => {
  const answer = await ask(url);
  expect([answer.statusCode, answer.body]).toEqual([200, PAGE]);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-cache");
  expect((await ask(url, { "if-none-match": String(answer.headers.etag) })).statusCode).toBe(304);
});

test("the page runs no script of its own text, and speaks to this host alone", async () => {
  const { headers } = await ask("/");
  expect(headers["content-security-policy"]).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
});

test("only the worker that checks may speak to a node that its reader names", async () => {
  const policy = async (name: string) => (await ask(`/assets/${name}`)).headers["content-security-policy"];
  expect(await policy("check.worker-3c4d.js")).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:",
  );
  expect(await policy("index-1a2b.js")).toContain("connect-src 'self';");
});

test("a hashed file is kept for ever, and sent compressed to anyone who takes it so", async () => {
  const plain = await ask("/assets/index-1a2b.js");
  expect(plain.body).toBe(SCRIPT);
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  const packed = await ask("/assets/index-1a2b.js", { "accept-encoding": "gzip, br" });
  expect(packed.headers).toMatchObject({
    "content-encoding": "gzip",
    "content-type": "application/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
  expect(packed.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(gunzipSync(packed.rawPayload).toString()).toBe(SCRIPT);
  const page = await ask("/me", { "accept-encoding": "gzip" });
  expect(page.headers).toMatchObject({ "content-encoding": "gzip", "cache-control": "no-cache" });
});

test("what lies beside the page is found, and may change", async () => {
  const icon = await ask("/icon.svg");
  expect(icon.headers).toMatchObject({ "content-type": "image/svg+xml", "cache-control": "no-cache" });
});

test.each(["/assets/none.js", "/nothing", "/mean", "/v1/nothing", "/assets", "/index.html.gz"])(
  "there is nothing at %s, which is not kept",
  async (url) => {
    const answer = await ask(url);
    expect([answer.statusCode, answer.json().reason]).toEqual([404, "notFound"]);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.headers["cache-control"]).toBeUndefined();
  },
);

test("who reads pages is told by the page that there is none; a program is told as any is", async () => {
  const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const lost = await ask("/nothing?a=b", browser);
  expect([lost.statusCode, lost.body]).toEqual([404, PAGE]);
  expect(lost.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(lost.headers["cache-control"]).toBe("no-cache");
  for (const url of ["/v1/nothing", "/assets/none.js", "/docs/nothing"])
    expect((await ask(url, browser)).headers["content-type"]).toContain("application/problem+json");
  const posted = await api.app.inject({ method: "POST", url: "/nothing", headers: browser });
  expect(posted.headers["content-type"]).toContain("application/problem+json");
});

test.each(["/assets/../../secret", "/assets/%2e%2e/%2e%2e/secret", "/assets/..%2f..%2fsecret"])(
  "nobody leaves the folder by %s",
  async (url) => {
    writeFileSync(join(directory, "..", "secret"), "secret");
    const answer = await ask(url);
    expect([403, 404]).toContain(answer.statusCode);
    expect(answer.body).not.toBe("secret");
    rmSync(join(directory, "..", "secret"));
  },
);

test("without a dashboard a line says where the API is", async () => {
  const bare = await openApiFixture();
  const answer = await bare.app.inject("/");
  expect([answer.statusCode, answer.body]).toEqual([200, expect.stringMatching(/^[^\n]*\/docs\n$/)]);
  expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect((await bare.app.inject("/me")).statusCode).toBe(404);
  await bare.close();
});
