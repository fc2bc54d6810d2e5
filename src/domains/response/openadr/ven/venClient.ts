import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import {
  authServerInfo,
  type ClientCredentialRequest,
  clientCredentialResponse,
  problem,
} from "../model/answers.ts";
import { type ObjectOf, type ObjectType, type RequestOf, vtnObject } from "../model/objects.ts";

/** Where a VTN is, and as whom a VEN comes to it. */
export type VenAccess = { readonly url: string; readonly clientID: string; readonly secret: string };

/** A client of a VTN. Its functions throw VtnAnswerError and VtnUnreachableError. */
export type VenClient = {
  list<Type extends ObjectType>(type: Type, query?: Record<string, string>): Promise<ObjectOf<Type>[]>;
  create<Type extends ObjectType>(type: Type, request: RequestOf<Type>): Promise<ObjectOf<Type>>;
  remove(type: ObjectType, id: string): Promise<void>;
};

const PATHS: Record<ObjectType, string> = {
  PROGRAM: "programs",
  EVENT: "events",
  REPORT: "reports",
  SUBSCRIPTION: "subscriptions",
  VEN: "vens",
  RESOURCE: "resources",
};
const TIMEOUT_MS = 30_000;
const PAGE = 50;
/** Lists are read up to so many objects. */
const MOST_LISTED = 10_000;
const UNAUTHORIZED = 401;

/** A client that gets its tokens where the VTN says, and another when one is over. */
export function createVenClient(access: VenAccess): VenClient {
  const base = access.url.replace(/\/$/, "");
  let token: string | null = null;
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    for (const isLast of [false, true]) {
      token ??= await fetchToken(base, access);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await reach(`${base}/${path}`, { method, headers, ...content });
      if (response.status === UNAUTHORIZED && !isLast) token = null;
      else return readAnswer(response, `${method} ${path}`);
    }
    return null;
  };
  return {
    async list<Type extends ObjectType>(type: Type, query: Record<string, string> = {}) {
      const all: ObjectOf<Type>[] = [];
      while (all.length < MOST_LISTED) {
        const page = new URLSearchParams({ ...query, skip: String(all.length), limit: String(PAGE) });
        const found = z.array(vtnObject).parse(await send("GET", `${PATHS[type]}?${page}`));
        all.push(...(found as ObjectOf<Type>[]));
        if (found.length < PAGE) break;
      }
      return all;
    },
    async create<Type extends ObjectType>(type: Type, request: RequestOf<Type>) {
      return vtnObject.parse(await send("POST", PATHS[type], request)) as ObjectOf<Type>;
    },
    async remove(type, id) {
      await send("DELETE", `${PATHS[type]}/${id}`);
    },
  };
}

async function fetchToken(base: string, { clientID, secret }: VenAccess): Promise<string> {
  const server = await readAnswer(await reach(`${base}/auth/server`, { method: "GET" }), "GET auth/server");
  const { tokenURL } = authServerInfo.parse(server);
  const asked = {
    grant_type: "client_credentials",
    client_id: clientID,
    client_secret: secret,
  } satisfies ClientCredentialRequest;
  const body = new URLSearchParams(asked);
  const answer = await readAnswer(await reach(tokenURL, { method: "POST", body }), "POST auth/token");
  return clientCredentialResponse.parse(answer).access_token;
}

/** Asks twice where that changes nothing: a connection that was kept may be gone. */
async function reach(url: string, options: RequestInit): Promise<Response> {
  const once = () => fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  try {
    return await once().catch((error: unknown) =>
      options.method === "GET" ? once() : Promise.reject(error),
    );
  } catch (cause) {
    throw new VtnUnreachableError(url, cause);
  }
}

async function readAnswer(response: Response, asked: string): Promise<unknown> {
  if (response.ok) return response.json();
  const said = problem.safeParse(await response.json().catch(() => null));
  throw new VtnAnswerError(asked, response.status, said.success ? (said.data.detail ?? "") : "");
}

/** The VTN did not answer. */
export class VtnUnreachableError extends DomainError {
  readonly code = "vtnUnreachable";

  constructor(url: string, cause: unknown) {
    super(`${url} does not answer`, { cause });
  }
}

/** The VTN answered with an error. */
export class VtnAnswerError extends DomainError {
  readonly code = "vtnRefused";
  readonly status: number;

  constructor(asked: string, status: number, detail: string) {
    super(`the VTN answered ${asked} with ${status}${detail === "" ? "" : `: ${detail}`}`);
    this.status = status;
  }
}
