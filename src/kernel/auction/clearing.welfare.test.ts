import highsModule from "highs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { type Book, buildBook } from "./book.ts";
import { clearUniformPrice } from "./clearing.ts";
import type { Order } from "./order.ts";
import { welfareMicro } from "./payments.ts";

const BOOKS = 60;

/** The package declares its module as CommonJS, while Node loads its ES module, whose default export is the loader. */
const loadHighs = highsModule as unknown as typeof highsModule.default;

function randomOrders(random: () => number): Order<number>[] {
  return Array.from({ length: 2 + Math.floor(random() * 14) }, (_, i) => ({
    side: random() < 0.5 ? "bid" : "offer",
    participant: i,
    quantity: 1 + Math.floor(random() * 50),
    limitPriceMicroPerThousand: 1_000 * Math.floor(random() * 30 - 5),
    sequence: 0,
  }));
}

/** Maximise Σ limit × fill of bids − Σ limit × fill of offers; bought = sold; each fill within its order. */
function welfareProgramme({ bids, offers }: Book): string {
  const bidTerms = Array.from(
    bids.limitPriceMicroPerThousand,
    (price, i) => [price / 1_000, `b${i}`, 1] as const,
  );
  const offerTerms = Array.from(
    offers.limitPriceMicroPerThousand,
    (price, i) => [-price / 1_000, `o${i}`, -1] as const,
  );
  const terms = [...bidTerms, ...offerTerms];
  const signed = (factor: number, name: string) => `${factor < 0 ? "-" : "+"} ${Math.abs(factor)} ${name}`;
  const limits = [...bids.quantity, ...offers.quantity];
  return [
    "Maximize",
    ` obj: ${terms.map(([worth, name]) => signed(worth, name)).join(" ")}`,
    "Subject To",
    ` balance: ${terms.map(([, name, sign]) => signed(sign, name)).join(" ")} = 0`,
    "Bounds",
    ...terms.map(([, name], i) => ` 0 <= ${name} <= ${limits[i]}`),
    "End",
  ].join("\n");
}

describe("clearUniformPrice", () => {
  it("reaches the greatest welfare that linear programming finds", async () => {
    const highs = await loadHighs();
    const random = seededRandom(20_260);
    let traded = 0;
    for (let i = 0; i < BOOKS; i++) {
      const book = buildBook(randomOrders(random));
      const clearing = clearUniformPrice(book);
      const solution = highs.solve(welfareProgramme(book));
      expect(solution.Status).toBe("Optimal");
      expect(Number(welfareMicro(book, clearing))).toBe(Math.round(solution.ObjectiveValue));
      if (clearing.clearedQuantity > 0) traded++;
    }
    expect(traded).toBeGreaterThan(BOOKS / 2);
  });
});
