import type { IClientOptions, MqttClient } from "mqtt";

const RECONNECT_MS = 2_000;
const CONNECT_MS = 10_000;

export type BrokerLogin = {
  readonly username?: string;
  /** Asked at each connection, since a login ages. */
  readonly password?: () => string;
  /** Certificates of who signed the broker's, PEM; the system's where it is left out. */
  readonly authority?: string;
  /** What the broker says when this client is gone. */
  readonly will?: NonNullable<IClientOptions["will"]>;
  readonly say: (sentence: string) => void;
};

/**
 * A client of a broker of MQTT, `mqtt://…` or `mqtts://…`, which connects again by itself. Name and password may stand in the address.
 * It has not connected yet when this gives it: what it subscribes to it subscribes to at each connection.
 */
export async function connectBroker(address: string, login: BrokerLogin): Promise<MqttClient> {
  const { default: mqtt } = await import("mqtt");
  const { username, password, authority, will, say } = login;
  const options: IClientOptions = {
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_MS,
    manualConnect: true,
    resubscribe: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password() }),
    ...(authority === undefined ? {} : { ca: authority }),
    ...(will === undefined ? {} : { will }),
  };
  const client = mqtt.connect(address, options);
  client.on("error", (error) => say(`${hostOf(address)}: ${error.message || "no connection"}`));
  client.on("reconnect", () => {
    if (password) client.options.password = password();
  });
  client.connect();
  return client;
}

/** An address without name and password. */
function hostOf(address: string): string {
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}
