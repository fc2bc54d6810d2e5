/**
 * Whose node an address leads to, as far as the address tells: this server's gateway, another program on this server's
 * machine, or another place. A name that leads back to this server, or a node that asks it, can't be told from here.
 */
export type NodeOf = "gateway" | "sameHost" | "elsewhere";

/** Whose node is at `rpcUrl`, for a page of `pageOrigin`; null where the address is none. */
export function nodeOf(rpcUrl: string, pageOrigin: string): NodeOf | null {
  const [node, page] = [placeOf(rpcUrl), placeOf(pageOrigin)];
  if (node === null || page === null) return null;
  if (node.host !== page.host) return "elsewhere";
  if (node.port === page.port) return "gateway";
  // On the reader's own machine a node beside the page may well be the reader's.
  return node.host === LOOPBACK ? "elsewhere" : "sameHost";
}

/** All names of the machine itself are one. */
const LOOPBACK = "loopback";
/** Addresses that a machine answers itself by: 127.0.0.0/8, 0.0.0.0, and both within IPv6 as a URL writes them. */
const OWN_ADDRESS =
  /^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(7f..:[0-9a-f]+|0:0)\])$/;
const PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

function placeOf(text: string): { readonly host: string; readonly port: string } | null {
  if (!URL.canParse(text)) return null;
  const { hostname, port, protocol } = new URL(text);
  const usual = PORTS[protocol];
  if (usual === undefined) return null;
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return { host: OWN_ADDRESS.test(host) ? LOOPBACK : host, port: port === "" ? usual : port };
}
