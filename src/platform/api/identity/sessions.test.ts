import { expect, test } from "vitest";
import { createSessions } from "./sessions.ts";

const ADDRESS = "0x00000000000000000000000000000000000000aa";

test("memory holds ten thousand sessions and nonces, and drops the oldest", () => {
  const sessions = createSessions(() => 1_000);
  const ids = Array.from({ length: 10_001 }, () => sessions.open(ADDRESS).id);
  expect(new Set(ids).size).toBe(10_001);
  expect(ids.slice(0, 2).map((id) => sessions.find(id)?.address)).toEqual([undefined, ADDRESS]);
  const nonces = Array.from({ length: 10_001 }, () => sessions.issueNonce().nonce);
  expect(nonces.slice(0, 2).map(sessions.takeNonce)).toEqual([false, true]);
});

test("a nonce lasts 5 minutes and a session 12 hours", () => {
  let now = 1_000;
  const sessions = createSessions(() => now);
  const [first, second] = [sessions.issueNonce(), sessions.issueNonce()];
  const { id, session } = sessions.open(ADDRESS);
  expect(session).toEqual({ address: ADDRESS, expiresAt: 1_000 + 43_200 });
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  now = 1_299;
  expect(sessions.takeNonce(first.nonce)).toBe(true);
  now = 1_300;
  expect(sessions.takeNonce(second.nonce)).toBe(false);
  now = 1_000 + 43_199;
  expect(sessions.find(id)).toEqual(session);
  now += 1;
  expect(sessions.find(id)).toBeNull();
});
