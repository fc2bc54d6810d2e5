import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditNetwork } from "#domains/audit.ts";
import type { DomainEvent } from "#domains/domains.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { signOrder } from "#domains/pool/rules/signedOrder.ts";
import { type AuditedCommunity, runAuditedCommunity } from "./auditedCommunity.fixture.ts";
import { type Archives, firstTraded, keyOfMember, sourcesOf, unsubmittedOf } from "./tampering.fixture.ts";

let community: AuditedCommunity;
let events: DomainEvent[];

beforeAll(async () => {
  community = await runAuditedCommunity("riverside", { intervals: 3 });
  events = await community.events();
});
afterAll(() => community.stop());

const audit = (changed: Archives) =>
  auditNetwork({
    network: community.node.network,
    deployment: community.node.founded.deployment,
    ...sourcesOf(community, changed),
  });

const placeOf = (kind: "readingsPublished" | "intervalCleared", intervalId: number) => {
  const { block, transactionHash } = events.find(
    (event) => event.kind === kind && event.intervalId === intervalId,
  )!;
  return { block, transactionHash, areaId: 1, intervalId };
};

describe("the archive of readings changed", () => {
  const place = (intervalId: number) => placeOf("readingsPublished", intervalId);
  const auditReadings = async (edit: (reading: SignedReading) => SignedReading, index: number) => {
    const readings = community.archive.with(index, edit(community.archive[index]!));
    const report = await audit({ readings });
    return report.verdict === "discrepancy" ? report.discrepancy : report;
  };

  it.each([
    ["importWh", (r: SignedReading) => ({ ...r, importWh: r.importWh ^ 1 })],
    ["exportWh", (r: SignedReading) => ({ ...r, exportWh: r.exportWh ^ 0x100 })],
    ["quality", (r: SignedReading) => ({ ...r, quality: "estimated" as const })],
    ["a negative energy", (r: SignedReading) => ({ ...r, importWh: -1 })],
    [
      "its signature",
      (r: SignedReading) => ({ ...r, signature: r.signature.with(33, r.signature[33]! ^ 1) }),
    ],
  ])("names the reading: %s", async (_what, edit) => {
    const index = 30;
    const { member, intervalId } = community.archive[index]!;
    expect(await auditReadings(edit, index)).toMatchObject({
      rule: "readingSignature",
      ...place(intervalId),
      member,
    });
  });

  it("names a reading that is put down to another member", async () => {
    const { member, intervalId } = community.archive[30]!;
    expect(await auditReadings((r) => ({ ...r, member: r.member + 1 }), 30)).toMatchObject({
      rule: "readingPlace",
      ...place(intervalId),
      member: member + 1,
    });
  });

  it("names a reading that is missing, and one too many", async () => {
    const { member, intervalId } = community.archive[30]!;
    expect(await audit({ readings: community.archive.toSpliced(30, 1) })).toMatchObject({
      discrepancy: { rule: "readingMissing", ...place(intervalId), member },
    });
    const double = { ...community.archive[30]!, importWh: 1 };
    const readings = [...community.archive, double];
    expect(await audit({ readings })).toMatchObject({ verdict: "discrepancy" });
  });

  it("does not mind a reading that was archived twice", async () => {
    const readings = [...community.archive, community.archive[30]!];
    expect(await audit({ readings })).toMatchObject({ verdict: "clean" });
  });
});

describe("the archive of orders changed", () => {
  const place = (intervalId: number) => placeOf("intervalCleared", intervalId);
  const auditOrders = async (orders: readonly OpenOrder[]) => {
    const report = await audit({ orders });
    return report.verdict === "discrepancy" ? report.discrepancy : report;
  };

  it.each<[string, (order: OpenOrder) => OpenOrder]>([
    ["its energy", (order) => ({ ...order, energyWh: order.energyWh ^ 1 })],
    ["its limit price", (o) => ({ ...o, limitPriceMicroPerKwh: o.limitPriceMicroPerKwh ^ 0x100 })],
    ["its sequence", (order) => ({ ...order, sequence: order.sequence ^ 1 })],
    ["its side", (order) => ({ ...order, side: order.side === "bid" ? "offer" : "bid" })],
    ["its signature", (o) => ({ ...o, signature: o.signature.with(33, o.signature[33]! ^ 1) })],
  ])("names the order: %s, whether it was submitted or not", async (_what, edit) => {
    const spare = unsubmittedOf(community, events)[0]!;
    const submitted = community.orders.find((order) => !unsubmittedOf(community, events).includes(order))!;
    for (const order of [spare, submitted]) {
      const changed = edit(order);
      const { participant: member, intervalId } = order;
      const found = await auditOrders(community.orders.with(community.orders.indexOf(order), changed));
      expect(found).toMatchObject({
        rule: "orderSignature",
        ...place(intervalId),
        member,
        side: changed.side,
      });
    }
  });

  it("does not take another book than the one under the root: an order is missing", async () => {
    const [spare] = unsubmittedOf(community, events);
    const orders = community.orders.filter((order) => order !== spare);
    expect(await auditOrders(orders)).toMatchObject({ rule: "bookRoot", ...place(spare!.intervalId) });
  });

  it("names a better order that is not in the clearing", async () => {
    const { intervalId, submission } = firstTraded(events);
    const [best] = submission!.bids;
    const { ceilingMicroPerKwh } = community.scenario.terms;
    const omitted: OpenOrder = {
      ...community.orders[0]!,
      ...signOrder(
        { ...best!, limitPriceMicroPerKwh: Number(ceilingMicroPerKwh), sequence: 9 },
        { separator: community.roles.separator, areaId: 1, intervalId },
        keyOfMember(community, best!.participant).privateKey,
      ),
      intervalId,
    };
    expect(await auditOrders([...community.orders, omitted])).toMatchObject({
      rule: "omittedOrder",
      ...place(intervalId),
      member: best!.participant,
      side: "bid",
      position: 1,
      sentence: expect.stringContaining("moreover the available orders do not give the recorded root"),
    });
  });

  it("does not mind an order that was archived twice", async () => {
    expect(await auditOrders([...community.orders, unsubmittedOf(community, events)[0]!])).toMatchObject({
      verdict: "clean",
    });
  });
});
