import { z } from "zod";
import { event, OPERATIONS, objectType, program, report, resource, subscription, ven } from "./objects.ts";
import { targets } from "./payloads.ts";
import { scopeText, token, uri } from "./scalars.ts";

/* What the VTN answers besides its objects (OpenADR 3.1.1). */

const LEAST_STATUS = 100;
const MOST_STATUS = 599;

/** An error, as OpenADR writes it. */
export const problem = z.object({
  type: uri.optional(),
  title: z.string().optional(),
  status: z.int32().min(LEAST_STATUS).max(MOST_STATUS).optional(),
  detail: z.string().optional(),
  instance: uri.min(3).optional(),
});
export type Problem = z.infer<typeof problem>;

/** What went wrong at the token's address, by RFC 6749. */
const TOKEN_FAULTS = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "invalid_scope",
  "unauthorized_client",
  "unsupported_grant_type",
] as const;

export const authError = z.object({
  error: z.enum(TOKEN_FAULTS),
  error_description: z.string().optional(),
  error_uri: uri.optional(),
});

export type AuthError = z.infer<typeof authError>;

export const authServerInfo = z.object({ tokenURL: uri });

export const clientCredentialRequest = z.object({
  grant_type: z.literal("client_credentials"),
  client_id: token,
  client_secret: token,
  scope: scopeText.optional(),
});

export type ClientCredentialRequest = z.infer<typeof clientCredentialRequest>;

export const clientCredentialResponse = z.object({
  access_token: token,
  token_type: z.literal("Bearer"),
  expires_in: z.int().optional(),
  refresh_token: token.optional(),
  scope: scopeText.optional(),
});
export type ClientCredentialResponse = z.infer<typeof clientCredentialResponse>;

/** How clients may be told of changes: by webhook alone. */
export const notifiersResponse = z.object({ WEBHOOK: z.boolean() });
export type NotifiersResponse = z.infer<typeof notifiersResponse>;

/** What is sent to a callback. */
export const notification = z.object({
  objectType,
  operation: z.enum(OPERATIONS),
  object: z.union([program, report, event, subscription, ven, resource]),
  targets: targets.optional(),
});
export type Notification = z.infer<typeof notification>;
