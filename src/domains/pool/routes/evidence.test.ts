import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import { type ChangeChoice, changeOneByte } from "#domains/pool/check/changeOneByte.ts";
import { CHECK_KEYS, type CheckReport, checkInterval } from "#domains/pool/check/intervalCheck.ts";
import type { AsJson, IntervalEvidenceJson } from "#domains/pool/check/intervalEvidenceJson.ts";
import { readIntervalEvidence } from "#domains/pool/check/readIntervalEvidence.ts";
import type { evidenceWire } from "#domains/pool/wireEvidence.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import type { Deployment } from "#platform/chain/deployment.ts";

let fixture: ApiFixture;

beforeAll(async () => {
  fixture = await openApiFixture();
});
afterAll(async () => {
  await fixture.close();
});

async function evidenceOf(intervalId: number): Promise<IntervalEvidenceJson> {
  const answer = await fixture.app.inject(`/v1/intervals/1/${intervalId}/evidence`);
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

/** The last report of each step. */
function check(json: IntervalEvidenceJson): Map<string, CheckReport> {
  return new Map([...checkInterval(readIntervalEvidence(json))].map((report) => [report.key, report]));
}

/** A body that nobody changes, as its readers take it. */
type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Frozen<Value[Name]> }
    : Value;

it("what is sent is what the check's readers take, field by field", () => {
  type Sent = Frozen<z.infer<typeof evidenceWire>>;
  type Taken = Omit<IntervalEvidenceJson, "deployment">;
  expectTypeOf<Omit<Sent, "deployment">>().toExtend<Taken>();
  expectTypeOf<Taken>().toExtend<Omit<Sent, "deployment">>();
  expectTypeOf<Sent["deployment"]>().toEqualTypeOf<AsJson<Deployment>>();
});

describe("the evidence of an interval", () => {
  it("passes every step when the interval is settled", async () => {
    const reports = check(await evidenceOf(100));
    expect([...reports.keys()]).toEqual(CHECK_KEYS);
    for (const report of reports.values()) expect(report).toMatchObject({ status: "passed" });
    const checked = Object.fromEntries([...reports].map(([key, report]) => [key, report.checked]));
    expect(checked).toMatchObject({
      orderSignatures: 5,
      positions: 4,
      deviceSignatures: 4,
      readingProofs: 4,
      settlement: 4,
    });
  });

  it("says what is not possible yet when the interval is only cleared", async () => {
    const reports = check(await evidenceOf(102));
    const possible = CHECK_KEYS.slice(0, 6);
    for (const key of CHECK_KEYS)
      expect(reports.get(key)).toMatchObject({ status: possible.includes(key) ? "passed" : "notPossible" });
    expect(reports.get("omittedOrders")).toMatchObject({ checked: 1 });
    expect(reports.get("money")).toMatchObject({ reason: "the interval is not settled yet" });
  });

  it.each<ChangeChoice>(["order", "reading", "position", "payment"])(
    "fails by name on one changed byte of one %s",
    async (choice) => {
      const changed = changeOneByte(await evidenceOf(101), choice, 7)!;
      const failed = [...check(changed.json).values()].filter((report) => report.status === "failed");
      expect(failed.map(({ subject }) => subject)).toContainEqual(expect.objectContaining(changed.subject));
    },
  );

  it("says who signed for an account before the interval, and which key its device had then", async () => {
    const { steps, openedReadings } = await evidenceOf(100);
    for (const { signer, formerSigners, isTradable } of steps[0]!.signers)
      expect([signer, formerSigners, isTradable]).toEqual([expect.stringMatching(/^0x/), [], true]);
    for (const { deviceKey } of openedReadings) expect(deviceKey).toMatch(/^0x[0-9a-f]{40}$/);
  });
});
