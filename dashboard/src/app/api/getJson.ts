import type { Problem } from "#platform/api/wire.ts";

/** Whatever the server refused or failed at, in its own words (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  readonly reason: string | null;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null) {
    super(problem?.detail ?? problem?.title ?? `the server answered ${status}`);
    this.status = status;
    this.reason = problem?.reason ?? null;
    this.problem = problem;
  }
}

/** The server did not answer at all. */
export class ServerGoneError extends Error {
  constructor(cause: unknown) {
    super("the server does not answer", { cause });
  }
}

/**
 * Fetches JSON from the API of this page's own server.
 *
 * @throws ProblemError for an answer that is none of success; ServerGoneError without an answer
 */
export async function getJson<Body>(
  path: string,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Body> {
  return askJson<Body>(path, { headers, ...(signal ? { signal } : {}) });
}

/** Sends JSON to the API and gives its answer; null where there is none. */
export async function sendJson<Body>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Body> {
  const content =
    body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return askJson<Body>(path, { method, ...content });
}

async function askJson<Body>(path: string, options: RequestInit): Promise<Body> {
  const answer = await fetch(path, { credentials: "same-origin", ...options }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServerGoneError(error);
  });
  const text = await answer.text();
  const body: unknown = text === "" ? null : readJson(text);
  if (!answer.ok) throw new ProblemError(answer.status, body as Problem | null);
  return body as Body;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
