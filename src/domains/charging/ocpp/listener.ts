import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { DomainError } from "#kernel/units/domainError.ts";
import { isLoopback, listenAt } from "#platform/system/listenAt.ts";

/**
 * Profiles of OCPP 2.0.1 part 2, A00 (for 1.6: the security whitepaper): 1 a password, 2 a password over TLS, 3 certificates of
 * both sides.
 */
export type SecurityProfile = 1 | 2 | 3;

/** Certificates and keys are PEM. */
export type ListenerSecurity =
  | { readonly profile: 1 }
  | { readonly profile: 2; readonly key: string; readonly certificate: string }
  | {
      readonly profile: 3;
      readonly key: string;
      readonly certificate: string;
      /** Who signs the stations' certificates. */
      readonly stationAuthority: string;
    };

/** Where stations connect to; port 0 takes a free one. */
export type Listener = {
  readonly host: string;
  readonly port: number;
  readonly security: ListenerSecurity;
};

/** An open listener; `url` is that which a station's name is added to. */
export type OpenListener = { readonly url: string; close(): Promise<void> };

/** Headers of one request: far more than a station sends. */
const MAX_HEADER_BYTES = 8_192;
/** A station that has not said whom it is by then is cut off. */
const HANDSHAKE_MS = 10_000;

/**
 * Opens a listener; `upgrade` takes each request for a WebSocket, and what it throws ends that one connection.
 *
 * @throws InsecureListenerError for passwords in the clear on anything but loopback
 */
export async function openListener(
  { host, port, security }: Listener,
  upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => Promise<void>,
): Promise<OpenListener> {
  if (security.profile === 1 && !isLoopback(host)) throw new InsecureListenerError(host);
  const server = createServerOf(security);
  server.on("request", (_, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket, head) => {
    upgrade(request, socket as Socket, head).catch(() => socket.destroy());
  });
  // A handshake that fails is the business of the one who tried it.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  const opened = await listenAt(server, { host, port });
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${security.profile === 1 ? "ws" : "wss"}://${name}:${opened}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function createServerOf(security: ListenerSecurity): Server {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: HANDSHAKE_MS,
    headersTimeout: HANDSHAKE_MS,
  };
  if (security.profile === 1) return createServer({ ...limits, noDelay: true });
  const { key, certificate } = security;
  const tls = { key, cert: certificate, minVersion: "TLSv1.2" as const, handshakeTimeout: HANDSHAKE_MS };
  if (security.profile === 2) return createTlsServer({ ...limits, ...tls });
  const clients = { ca: security.stationAuthority, requestCert: true, rejectUnauthorized: true };
  return createTlsServer({ ...limits, ...tls, ...clients });
}

export class InsecureListenerError extends DomainError {
  readonly code = "insecureListener";

  constructor(host: string) {
    super(
      `security profile 1 sends passwords in the clear: it is for loopback only, and ${host} needs profile 2 or 3`,
    );
  }
}
