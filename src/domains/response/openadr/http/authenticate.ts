import type { FastifyRequest } from "fastify";
import { RefusedRequestError } from "../refusedRequest.ts";
import { type Scope, suffices } from "../rules/operations.ts";
import { principalOf, type Vtn } from "../vtn.ts";
import type { Principal } from "../vtnDesk.ts";

/**
 * The client of a request's token, when the token is for the scope that is needed. A scope that its client no longer has counts no
 * more, nor does the token of a client that is gone.
 *
 * @throws RefusedRequestError 401 without a token that is valid, 403 for want of the scope
 */
export function authenticate(
  { headers }: Pick<FastifyRequest, "headers">,
  needed: Scope,
  { tokens, clients }: Pick<Vtn, "tokens" | "clients">,
): Principal {
  const [, token = ""] = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token === "")
    throw new RefusedRequestError(401, "a bearer token is needed; /auth/server says where to get one");
  const grant = tokens.find(token);
  const client = grant && clients.find(grant.clientID);
  const who = client && principalOf(client.clientID, clients);
  if (!grant || !client || !who)
    throw new RefusedRequestError(401, "the bearer token is not valid, or no longer");
  const scopes = new Set(grant.scopes.filter((scope) => client.scopes.includes(scope)));
  if (!suffices(scopes, needed))
    throw new RefusedRequestError(403, `the token is not for the scope ${needed}`);
  return who;
}
