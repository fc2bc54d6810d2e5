import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { RefusedRequestError } from "../refusedRequest.ts";

/**
 * Which addresses the VTN calls. `local`: this machine, also without TLS, and public addresses over TLS, for a VTN that only this
 * machine reaches. `public`: public addresses over TLS. `proven`: the same, each of which first has to answer a challenge
 * (OpenADR 3.1, webhooks).
 */
export const CALLBACK_POLICIES = ["local", "public", "proven"] as const;
export type CallbackPolicy = (typeof CALLBACK_POLICIES)[number];

/** Special-purpose addresses of IANA's registries (RFC 6890): no server of the public internet has one. */
const RESERVED: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 96, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const reserved = new BlockList();
for (const [net, bits, family] of RESERVED) reserved.addSubnet(net, bits, family);

/** Whether the VTN may call an address of the internet protocol. */
export function mayCall(address: string, policy: CallbackPolicy): boolean {
  if (policy === "local" && isOfThisMachine(address)) return true;
  // BlockList takes a mapped address ("::ffff:10.0.0.1") for the one of version 4 that it is.
  return !reserved.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function isOfThisMachine(address: string): boolean {
  if (address === "::1" || /^127\./.test(address)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}

/**
 * Refuses an address that the VTN never calls, by what is written in it; names are looked up when they are called.
 *
 * @throws RefusedRequestError
 */
export function requireCallable(text: string, policy: CallbackPolicy): void {
  const { protocol, hostname, username } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, "");
  const refuse = (why: string) => new RefusedRequestError(400, `callbackUrl ${text}: ${why}`);
  if (username !== "") throw refuse("a name or password stands in it; use bearerToken");
  if (isIP(host) !== 0 && !mayCall(host, policy)) throw refuse("it is no public address");
  const isLocal = policy === "local" && (host === "localhost" || (isIP(host) !== 0 && isOfThisMachine(host)));
  if (host === "localhost" && !isLocal) throw refuse("it is no public address");
  if (protocol !== "https:" && !(protocol === "http:" && isLocal)) throw refuse("it is not https");
}

/** Looks a name up as the system does, and fails for addresses that the VTN may not call: the one that is called is the one that was judged. */
export function guardedLookup(policy: CallbackPolicy): LookupFunction {
  return (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, "", 0);
      const allowed = addresses.filter(({ address }) => mayCall(address, policy));
      const [first] = allowed;
      if (first === undefined) return done(new Error(`${hostname} has no public address`), "", 0);
      if (options.all) return done(null, allowed);
      done(null, first.address, first.family);
    });
  };
}
