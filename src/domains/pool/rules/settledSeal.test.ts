import { expect, it } from "vitest";
import { type Settled, sealOf, settledPage } from "./settledSeal.ts";

const PLACE = { areaId: 1, intervalId: 2_000_000, page: 0 };
const SETTLED: Settled = {
  terms: 1,
  isSupplied: true,
  localPrice: -150_000,
  supplier: 1,
  dso: 2,
  taken: 0n,
  positions: [5n],
  readings: [0n, 7n],
};

it("is another one for each part, and leaves its low 40 bits", () => {
  const others: readonly Partial<Settled>[] = [
    { terms: 2 },
    { isSupplied: false },
    { localPrice: 150_000 },
    { supplier: 2 },
    { dso: 3 },
    { taken: 1n },
    { positions: [1n << 45n] },
    { readings: [0n, 8n] },
    { readings: [0n, 7n, 0n] },
  ];
  const seals = [
    ...others.map((other) => sealOf(PLACE, { ...SETTLED, ...other })),
    ...[{ areaId: 2 }, { intervalId: 2_000_001 }, { page: 1 }].map((other) =>
      sealOf({ ...PLACE, ...other }, SETTLED),
    ),
    sealOf(PLACE, SETTLED),
  ];
  expect(new Set(seals).size).toBe(seals.length);
  for (const seal of seals) expect(BigInt(seal) & ((1n << 40n) - 1n)).toBe(0n);
});

it("has a word for each member to the last that has a position", () => {
  const position = { side: "offer", boughtWh: 0n, soldWh: 5n, exactPayment: -1n } as const;
  const { positions: _, readings: __, ...basis } = SETTLED;
  const word = (member: number) => (BigInt(member) << 240n) | 9n;
  const { readings } = settledPage({
    ...basis,
    positions: [257, 259].map((member) => ({ ...position, member })),
    pricing: "uniform",
    words: [word(257)],
  });
  expect(readings).toEqual([0n, word(257), 0n, 0n]);
});
