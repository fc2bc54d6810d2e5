import { expect, it } from "vitest";
import { evidenceOfStory, type IntervalStory } from "#domains/pool/intervalEvidence.fixture.ts";
import { intervalBooks } from "./intervalBooks.ts";

const order = (participant: number, side: "bid" | "offer", limitPriceMicroPerKwh: number) =>
  ({ participant, side, energyWh: 400, limitPriceMicroPerKwh, sequence: participant }) as const;
const story = (orders: IntervalStory["orders"]): IntervalStory => ({
  orders,
  metered: [[400, 0], null],
  maxStepOrders: 12,
  submit: "needed",
  isSupplied: true,
  givesUp: false,
});

it("has everybody's payments, which sum to zero with what was recorded for grid, supplier and fund", () => {
  const evidence = evidenceOfStory("uniform", story([order(4, "bid", 200_000), order(5, "offer", 100_000)]));
  const books = intervalBooks(evidence)!;
  expect(books.members.map(({ member }) => member)).toEqual([4, 5]);
  expect(books.members.map(({ metered }) => metered?.importWh ?? null)).toEqual([400n, null]);
  expect(books).toMatchObject({ isWhole: true, isClaimed: false });
  expect(books.parties.some(({ paysMicro }) => paysMicro > 0n)).toBe(true);
  expect(books.sumMicro).toBe(0n);
  const [page] = evidence.pages;
  const lie = { ...evidence, pages: [{ ...page!, gridFeeMicro: page!.gridFeeMicro + 1n }] };
  expect(intervalBooks(lie)!.sumMicro).not.toBe(0n);
});

it("has nobody's where nothing was traded, and none before the settlement", () => {
  const evidence = evidenceOfStory("uniform", story([order(4, "bid", 200_000)]));
  expect(evidence.stage).toBe("untraded");
  expect(intervalBooks(evidence)).toMatchObject({ members: [], parties: [], sumMicro: 0n });
  expect(intervalBooks({ ...evidence, stage: "cleared" })).toBeNull();
});
