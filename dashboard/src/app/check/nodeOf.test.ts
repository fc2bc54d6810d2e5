import { expect, it } from "vitest";
import { nodeOf } from "./nodeOf.ts";

const LOCAL = "http://127.0.0.1:8080";
const PUBLIC = "https://community.example";

it.each([
  ["http://127.0.0.1:8080/rpc", LOCAL],
  ["http://localhost:8080/rpc", LOCAL],
  ["http://LOCALHOST:8080", LOCAL],
  ["http://localhost.:8080", LOCAL],
  ["http://127.1:8080/rpc", LOCAL],
  ["http://2130706433:8080/rpc", LOCAL],
  ["http://127.0.0.2:8080/rpc", LOCAL],
  ["http://0.0.0.0:8080/rpc", LOCAL],
  ["http://[::1]:8080/rpc", LOCAL],
  ["http://[::ffff:127.0.0.1]:8080/rpc", LOCAL],
  ["http://user:word@localhost:8080/another/path?x=1", LOCAL],
  ["http://127.0.0.1:8080/rpc", "http://localhost:8080"],
  ["https://community.example/rpc", PUBLIC],
  ["https://community.example:443/other", PUBLIC],
  ["https://Community.Example./rpc", PUBLIC],
  ["https://community.example:8443/rpc", "https://community.example:8443"],
])("%s is the own gateway of %s", (rpcUrl, origin) => {
  expect(nodeOf(rpcUrl, origin)).toBe("gateway");
});

it.each([
  ["http://community.example/rpc", PUBLIC],
  ["https://community.example:8545", PUBLIC],
])("%s is on the machine of %s", (rpcUrl, origin) => {
  expect(nodeOf(rpcUrl, origin)).toBe("sameHost");
});

it.each([
  ["https://node.example/rpc", PUBLIC],
  ["https://rpc.community.example", PUBLIC],
  ["http://localhost:8545", PUBLIC],
  ["http://localhost:8545", LOCAL],
  ["http://10.0.0.7:8080/rpc", LOCAL],
  ["http://localhost.example:8080", LOCAL],
])("%s is elsewhere than %s", (rpcUrl, origin) => {
  expect(nodeOf(rpcUrl, origin)).toBe("elsewhere");
});

it.each(["", "localhost:8080", "ftp://127.0.0.1:8080", "http://"])("%j is no node's address", (rpcUrl) => {
  expect(nodeOf(rpcUrl, LOCAL)).toBeNull();
});
