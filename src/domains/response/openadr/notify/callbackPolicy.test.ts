import { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import { guardedLookup, mayCall, requireCallable } from "./callbackPolicy.ts";
import { callCallback } from "./callCallback.ts";

/* The VTN is no way into a network that its clients do not reach themselves. */

it.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "::ffff:10.0.0.1",
  "::ffff:127.0.0.1",
  "64:ff9b::a00:1",
  "fd00::1",
  "fe80::1",
  "ff02::1",
])("%s is not called", (address) => {
  expect(mayCall(address, "public")).toBe(false);
  expect(mayCall(address, "proven")).toBe(false);
});

it.each(["1.1.1.1", "172.32.0.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])(
  "%s may be called",
  (address) => {
    expect(mayCall(address, "public")).toBe(true);
  },
);

it("by `local` this machine is called as well, and its network is not", () => {
  const own = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  for (const address of ["127.0.0.1", "::1", ...own]) expect(mayCall(address, "local")).toBe(true);
  const neighbour = ["10.255.255.254", "192.168.255.254"].find((address) => !own.includes(address));
  expect(mayCall(neighbour ?? "169.254.169.254", "local")).toBe(false);
});

it.each([
  ["https://example.com/a", true, true],
  ["http://example.com/a", false, false],
  ["http://127.0.0.1:80/a", false, true],
  ["https://127.0.0.1/a", false, true],
  ["http://localhost/a", false, true],
  ["http://[::1]/a", false, true],
  ["http://2130706433/a", false, true],
  ["http://10.0.0.1/a", false, false],
  ["https://[fd00::1]/a", false, false],
  ["https://name:password@example.com/a", false, false],
  ["ftp://example.com/a", false, false],
  ["file:///etc/passwd", false, false],
])("%s: by `public` %s, by `local` %s", (url, isPublic, isLocal) => {
  const isTaken = (policy: "public" | "local") => {
    try {
      requireCallable(url, policy);
      return true;
    } catch {
      return false;
    }
  };
  expect([isTaken("public"), isTaken("local")]).toEqual([isPublic, isLocal]);
});

it("a name that stands for this machine is refused when it is called", async () => {
  const found = (policy: "public" | "local") =>
    new Promise<string>((resolve) => {
      guardedLookup(policy)("localhost", {}, (error, address) => resolve(error?.message ?? String(address)));
    });
  expect(await found("public")).toMatch(/no public address/);
  expect(["127.0.0.1", "::1"]).toContain(await found("local"));
  await expect(callCallback(new URL("http://127.0.0.1:9/"), { policy: "public" })).rejects.toThrow(
    /no public address/,
  );
  await expect(callCallback(new URL("http://localhost:9/"), { policy: "public" })).rejects.toThrow(
    /no public address/,
  );
});
