import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { registerClient } from "../clientBook.ts";
import type { CallbackPolicy } from "../notify/callbackPolicy.ts";
import { type Method, SCOPES_OF_ROLE, type Scope } from "../rules/operations.ts";
import { clientsFile, openVtn, type Vtn } from "../vtn.ts";
import { createVtnServer } from "./vtnServer.ts";

export type Answer = {
  readonly status: number;
  readonly json: ReturnType<typeof JSON.parse>;
  readonly headers: Record<string, unknown>;
};

/** A VTN in a folder of its own, with clients `business`, `home` and `office`, whose secrets are their ids. */
export type VtnFixture = {
  readonly app: FastifyInstance;
  readonly vtn: Vtn;
  readonly directory: string;
  register(id: string, scopes: readonly Scope[]): void;
  /** A token of a client; of all its scopes when none are said. */
  token(id: string, scope?: string): Promise<string>;
  /** Asks as a client, whose token is got first; null asks without one. */
  ask(as: string | null, method: Method, url: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
  /** Closes it and opens its folder again. */
  reopen(): Promise<VtnFixture>;
};

export type FixtureOptions = {
  readonly directory?: string;
  readonly callbacks?: CallbackPolicy;
  readonly now?: () => number;
  readonly perMinute?: { readonly all: number; readonly tokens: number };
};

const PLENTY = { all: 1_000_000, tokens: 1_000_000 };

export async function openVtnFixture(options: FixtureOptions = {}): Promise<VtnFixture> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "commonwatt-openadr-"));
  const register = (id: string, scopes: readonly Scope[]) =>
    void registerClient(clientsFile(directory), { id, scopes, secret: id });
  register("business", SCOPES_OF_ROLE.business);
  for (const id of ["home", "office"]) register(id, SCOPES_OF_ROLE.ven);
  const { callbacks = "local", now = Date.now, perMinute = PLENTY } = options;
  const vtn = openVtn({ directory, callbacks, now, say: () => undefined, wait: async () => undefined });
  const app = await createVtnServer(vtn, { tokenUrl: () => "http://127.0.0.1:1/auth/token", perMinute });
  const tokens = new Map<string, string>();
  const token = async (id: string, scope?: string) => {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: id });
    if (scope !== undefined) form.set("scope", scope);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await app.inject({
      method: "POST",
      url: "/auth/token",
      headers,
      payload: form.toString(),
    });
    return answer.json().access_token as string;
  };
  const stop = async () => {
    await vtn.webhooks.idle();
    await app.close();
    await vtn.close();
  };
  return {
    ...{ app, vtn, directory, register, token },
    async ask(as, method, url, body) {
      if (as !== null && !tokens.has(as)) tokens.set(as, await token(as));
      const headers = as === null ? {} : { authorization: `Bearer ${tokens.get(as)}` };
      const payload = body === undefined ? {} : { payload: body as object };
      const answer = await app.inject({ method, url, headers, ...payload });
      return { status: answer.statusCode, json: answer.json(), headers: answer.headers };
    },
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
    async reopen() {
      await stop();
      return openVtnFixture({ ...options, directory });
    },
  };
}
