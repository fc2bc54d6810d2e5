import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type ArchivedQuotaOrder, openQuotaOrderArchive } from "./quotaOrderArchive.ts";

const directory = mkdtempSync(join(tmpdir(), "commonwatt-quota-orders-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("keeps orders of a period, each as it was said last, for the one who opens it next", () => {
  const order: ArchivedQuotaOrder = {
    ...{ orderId: `0x${"ab".repeat(32)}`, areaId: 2, period: 970_400, participant: 4 },
    side: "bid",
    ...{ quantity: 2_000, limitPriceMicroPerThousand: 50_000, sequence: 0 },
    ...{ signature: new Uint8Array(64).fill(7), receivedAt: 1_746_720_420, refusal: null },
  };
  const other: ArchivedQuotaOrder = { ...order, orderId: `0x${"cd".repeat(32)}`, participant: 5 };
  const archive = openQuotaOrderArchive({ directory, periodSeconds: 1_800 });
  archive.append([order, other, { ...other, period: 970_401 }]);
  archive.append([{ ...other, refusal: "BidNotCovered" }]);
  const again = openQuotaOrderArchive({ directory, periodSeconds: 1_800 });
  expect(again.ordersOf(2, 970_400)).toEqual([order, { ...other, refusal: "BidNotCovered" }]);
  expect(again.ordersOf(3, 970_400)).toEqual([]);
});
