import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Aedes, AuthErrorCode, Client } from "aedes";
import { findMeter } from "#domains/metering/queries/meters.ts";
import type { ReadingDesk } from "#domains/metering/readingDesk.ts";
import { type LoginPlace, loginSigner, readLogin } from "#domains/metering/rules/deviceLogin.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { isLoopback, listenAt } from "#platform/system/listenAt.ts";
import { ANSWERS_TOPIC, READINGS_TOPIC } from "./readingTopics.ts";
import { takeReadings } from "./takeReadings.ts";

/** Where devices connect to; without TLS on loopback only. Key and certificate are PEM; port 0 takes a free one. */
export type BrokerListener = {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly certificate: string } | null;
};

export type BrokerOptions = {
  readonly listener: BrokerListener;
  readonly desk: ReadingDesk;
  readonly db: Queryable;
  readonly place: LoginPlace;
  /** The market's time, by which keys are in force, and the world's, by which logins age. */
  readonly now: () => number;
  readonly worldNow: () => number;
  readonly say: (sentence: string) => void;
};

/** An open broker; `url` is what devices connect to. */
export type ReadingsBroker = { readonly url: string; close(): Promise<void> };

const NOT_AUTHORIZED = 5;
/** A device that has not said whom it is by then is cut off. */
const CONNECT_MS = 10_000;

/** Whose device a connection is, since it signed in. */
type Signed = Client & { meterId?: string };

/**
 * A broker of MQTT for the devices of this community and nothing else: a device signs in by its metering point and its key's signature
 * (see passwordOf), publishes its own readings and hears its own answers.
 *
 * @throws InsecureBrokerError for a listener without TLS on anything but loopback
 */
export async function openReadingsBroker(options: BrokerOptions): Promise<ReadingsBroker> {
  const { host, port, tls } = options.listener;
  if (!tls && !isLoopback(host)) throw new InsecureBrokerError(host);
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker({ connectTimeout: CONNECT_MS });
  guard(broker, options);
  hear(broker, options);
  const server: Server = tls
    ? createTlsServer({ key: tls.key, cert: tls.certificate }, broker.handle)
    : createServer(broker.handle);
  const opened = await listenAt(server, { host, port });
  return {
    url: `${tls ? "mqtts" : "mqtt"}://${host.includes(":") ? `[${host}]` : host}:${opened}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
}

function guard(broker: Aedes, options: BrokerOptions): void {
  broker.authenticate = (client, username, password, done) => {
    authenticate(options, String(username ?? ""), password?.toString() ?? "").then(
      (meterId) => {
        if (meterId !== null) (client as Signed).meterId = meterId;
        done(meterId === null ? notAuthorized() : null, meterId !== null);
      },
      () => done(notAuthorized(), false),
    );
  };
  broker.authorizePublish = (client, { topic }, done) => {
    const isOwn = client !== null && topic === `${READINGS_TOPIC}${(client as Signed).meterId}`;
    done(isOwn ? null : new Error(`${topic} is not this device's`));
  };
  broker.authorizeSubscribe = (client, subscription, done) => {
    const isOwn = subscription.topic === `${ANSWERS_TOPIC}${(client as Signed).meterId}`;
    done(null, isOwn ? subscription : null);
  };
}

/** The metering point whose device says that it is it; null when it is not. */
async function authenticate(
  { db, place, now, worldNow }: BrokerOptions,
  username: string,
  password: string,
): Promise<string | null> {
  const login = readLogin(username, password);
  if (login === null) return null;
  const signer = loginSigner(login, place, worldNow());
  if (signer === null) return null;
  const meter = await findMeter(db, { meterId: login.meterId, now: now() });
  return meter?.inForce === signer ? login.meterId : null;
}

function notAuthorized(): Error & { returnCode: AuthErrorCode } {
  return Object.assign(new Error("not authorized"), { returnCode: NOT_AUTHORIZED as AuthErrorCode });
}

function hear(broker: Aedes, { desk, say }: BrokerOptions): void {
  const publish = (topic: string, payload: string) =>
    new Promise<void>((resolve, reject) => {
      const packet = { cmd: "publish", topic, payload, qos: 1, retain: false, dup: false } as const;
      broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  broker.subscribe(
    `${READINGS_TOPIC}+`,
    ({ topic, payload }, done) => {
      // Its sender need not wait for the disk to send the next.
      done();
      void takeReadings({ topic, payload: Buffer.from(payload) }, { desk, publish, say });
    },
    () => {},
  );
}

export class InsecureBrokerError extends DomainError {
  readonly code = "insecureBroker";

  constructor(host: string) {
    super(`a broker at ${host} needs TLS: without it only loopback is listened on`);
  }
}
