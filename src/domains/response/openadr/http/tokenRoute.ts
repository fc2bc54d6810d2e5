import type { FastifyReply, FastifyRequest } from "fastify";
import type { RegisteredClient } from "../clientBook.ts";
import type { AuthError, ClientCredentialResponse, Problem } from "../model/answers.ts";
import { SCOPES, type Scope } from "../rules/operations.ts";
import { TOKEN_SECONDS } from "../tokenBook.ts";
import type { Vtn } from "../vtn.ts";

type Fault = Required<Pick<AuthError, "error" | "error_description">>;
const MOST_CHARACTERS = 4_096;

/**
 * Gives a token for a client's id and secret, in the form of RFC 6749 §4.4: the credentials in the header or in the form. Without
 * a scope the token is for all that the client has; with one, for what of it the client has.
 */
export async function answerToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { clients, tokens }: Pick<Vtn, "clients" | "tokens">,
): Promise<FastifyReply> {
  reply.header("cache-control", "no-store");
  const form = request.body instanceof URLSearchParams ? request.body : null;
  if (form === null) return refuse(reply, fault("invalid_request", "the body is no form"));
  const fields = formFields(form);
  if (fields === null)
    return refuse(reply, fault("invalid_request", "a parameter comes twice, or is too long"));
  if (fields.grant_type === undefined)
    return refuse(reply, fault("invalid_request", "grant_type is missing"));
  if (fields.grant_type !== "client_credentials")
    return refuse(reply, fault("unsupported_grant_type", "grant_type must be client_credentials"));
  const credentials = credentialsOf(request.headers.authorization, fields);
  if (credentials === null)
    return refuse(reply, fault("invalid_request", "client_id and client_secret are missing"));
  const client = clients.authenticate(credentials.id, credentials.secret);
  if (client === null) return refuse(reply, fault("invalid_client", "no client has this id and this secret"));
  const scopes = grantedScopes(client, fields.scope);
  if (scopes.length === 0)
    return refuse(reply, fault("invalid_scope", "the client has none of these scopes"));
  const answer: ClientCredentialResponse = {
    access_token: await tokens.issue({ clientID: client.clientID, scopes }),
    token_type: "Bearer",
    expires_in: TOKEN_SECONDS,
    scope: scopes.join(" "),
  };
  return reply.send(answer);
}

function formFields(form: URLSearchParams): Readonly<Record<string, string>> | null {
  const entries = [...form.entries()];
  const isPlain = new Set(entries.map(([key]) => key)).size === entries.length;
  return isPlain && entries.every(([, value]) => value.length <= MOST_CHARACTERS)
    ? Object.fromEntries(entries)
    : null;
}

function credentialsOf(
  authorization: string | undefined,
  { client_id: id, client_secret: secret }: Readonly<Record<string, string>>,
): { readonly id: string; readonly secret: string } | null {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization ?? "") ?? [];
  if (encoded !== undefined) {
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const colon = text.indexOf(":");
    return colon < 0 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  }
  return id === undefined || secret === undefined ? null : { id, secret };
}

function grantedScopes({ scopes }: RegisteredClient, asked: string | undefined): readonly Scope[] {
  const names = (asked ?? "").split(" ").filter((name) => name !== "");
  if (names.length === 0) return scopes;
  return SCOPES.filter((scope) => names.includes(scope) && scopes.includes(scope));
}

function fault(error: Fault["error"], description: string): Fault {
  return { error, error_description: description };
}

/** An error of RFC 6749 that is a problem of OpenADR as well, since the description names either. */
function refuse(reply: FastifyReply, { error, error_description }: Fault): FastifyReply {
  const isStranger = error === "invalid_client";
  const status = isStranger ? 401 : 400;
  if (isStranger) reply.header("www-authenticate", 'Basic realm="OpenADR"');
  const title = isStranger ? "Unauthorized" : "Bad Request";
  const problem: Problem = { type: "about:blank", title, status, detail: error_description };
  return reply.code(status).send({ ...problem, error, error_description });
}
