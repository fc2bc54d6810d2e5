import fc from "fast-check";
import { expect, it } from "vitest";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { accountOf, decodeState, encodeState, slotOf, withDumpedAccounts } from "./accountState.ts";

const HOUSE: Address = "0x00000000000000000000000000000000000000aa";
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

function dumpOf(storage: ReadonlyMap<bigint, bigint>, nonce = 1) {
  const slots = Object.fromEntries([...storage].map(([place, value]) => [word(place), word(value)]));
  return { [HOUSE]: { nonce, balance: "0x5", code: "0x6001", storage: slots } };
}

it("keeps of every slot what was written last, and none that was set to zero", async () => {
  const writes = fc.array(fc.array(fc.tuple(fc.bigInt(0n, 30n), fc.bigInt(0n, 3n)), { maxLength: 12 }), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(writes, async (rounds) => {
      const expected = new Map<bigint, bigint>();
      let state = withDumpedAccounts(new Map(), {});
      for (const round of rounds) {
        state = withDumpedAccounts(state, dumpOf(new Map(round)));
        for (const [place, value] of round) expected.set(place, value);
      }
      const read = decodeState(await encodeState(state));
      for (let place = 0n; place <= 31n; place += 1n)
        expect(slotOf(accountOf(read, HOUSE), place)).toBe(word(expected.get(place) ?? 0n));
      const kept = [...expected.values()].filter((value) => value !== 0n).length;
      expect(accountOf(read, HOUSE).slots.length).toBe(64 * kept);
    }),
  );
});

it("is as large as what is stored, however often it was written", async () => {
  let state = withDumpedAccounts(new Map(), dumpOf(new Map([[1n, 1n]])));
  const { length } = await encodeState(state);
  for (let round = 2; round < 500; round += 1)
    state = withDumpedAccounts(state, dumpOf(new Map([[1n, BigInt(round % 7) + 1n]]), 1));
  expect((await encodeState(state)).length).toBeLessThanOrEqual(length + 1);
});

it("drops accounts without anything, and gives an unknown one as empty", () => {
  const nothing = { nonce: 0, balance: "0x0", code: "0x", storage: {} };
  const state = withDumpedAccounts(new Map(), {
    ...dumpOf(new Map()),
    "0x00000000000000000000000000000000000000bb": nothing,
  });
  expect([...state.keys()]).toEqual([HOUSE]);
  expect(accountOf(state, "0x00000000000000000000000000000000000000BB")).toMatchObject({
    nonce: 0,
    code: "0x",
  });
  expect(accountOf(state, HOUSE.toUpperCase().replace("0X", "0x"))).toMatchObject({ nonce: 1, balance: 5n });
});
