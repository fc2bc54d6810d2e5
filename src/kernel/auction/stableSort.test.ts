import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { createSort } from "./stableSort.ts";

describe("createSort", () => {
  const sort = createSort();
  const lengths = [0, 1, 2, 31, 100, 5_000];
  const bounds = [1, 2, 300, 2 ** 11, 2 ** 19, 2 ** 32];

  it.each(lengths.flatMap((length) => bounds.map((bound) => [length, bound] as const)))(
    "orders %d keys below %d and keeps equal ones in place",
    (length, bound) => {
      const random = seededRandom(length + bound);
      const keys = Uint32Array.from({ length }, () => Math.floor(random() * bound));
      const indices = Uint32Array.from({ length }, (_, i) => 7 * i);
      const expected = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
      const sorted = sort({ indices, keys });
      expect([...sorted.keys]).toEqual(expected.map((i) => keys[i]));
      expect([...sorted.indices]).toEqual(expected.map((i) => 7 * i));
    },
  );
});
