import { afterAll, beforeAll, expect, it } from "vitest";
import { MalformedEvidenceError } from "#kernel/crypto/jsonReader.ts";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { readIntervalEvidence } from "./readIntervalEvidence.ts";

let fixture: ApiFixture;
let sent: Record<string, unknown>;

beforeAll(async () => {
  fixture = await openApiFixture();
  sent = (await fixture.app.inject("/v1/intervals/1/100/evidence")).json();
});
afterAll(async () => {
  await fixture.close();
});

/** The evidence with the value at a path replaced. */
function withValue(path: readonly (string | number)[], value: unknown): unknown {
  const changed = structuredClone(sent);
  const holder = path
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>(
      (object, name) => object[name] as Record<string | number, unknown>,
      changed,
    );
  holder[path.at(-1)!] = value;
  return changed;
}

it("reads what the server sends", () => {
  expect(readIntervalEvidence(sent)).toMatchObject({
    areaId: 1,
    intervalId: 100,
    stage: "settled",
    chainId: 31_337,
  });
});

it.each([
  [["steps", 0, "outcome", "marginalBid"], "200000", "steps[0].outcome.marginalBid is not a whole number"],
  [["steps", 0, "outcome", "lastMember"], 2 ** 16, "steps[0].outcome.lastMember is outside 0…65535"],
  [["steps", 0, "bids"], "0x00", "steps[0].bids is not in orders of 75 bytes"],
  [["positions", 0, "words", 0], "0x00", "positions[0].words[0] is not 32 bytes in lower-case hexadecimal"],
  [["attempt"], 256, "attempt is outside 0…255"],
  [["termsVersion"], 0, "termsVersion is outside 1…65535"],
  [["cleared", "isSupplied"], null, "cleared.isSupplied is neither true nor false"],
  [
    ["steps", 0, "transactionHash"],
    `0x${"ab".repeat(32)}`,
    "steps[0] is of a transaction that is not listed",
  ],
  [["steps", 0, "signers", 0, "isTradable"], 1, "steps[0].signers[0].isTradable is neither true nor false"],
  [["steps"], {}, "steps is not a list"],
  [["book"], [], "book is not an object"],
  [
    ["status"],
    "done",
    "status is none of collecting, clearing, cleared, untraded, settling, settled, returning, returned",
  ],
  [
    ["cleared", "localPriceMicroPerKwh"],
    "99999999999",
    "cleared.localPriceMicroPerKwh is outside -2147483648…2147483647",
  ],
  [["openedReadings", 0, "importWh"], "-1", "openedReadings[0].importWh does not fit 32 bits"],
  [["pages", 0, "shown", "lists", 0], `1${"0".repeat(78)}`, "pages[0].shown.lists[0] does not fit 256 bits"],
  [["pages", 0, "shown", "lists"], ["0"], "pages[0].shown.lists is not two sets of members"],
  [
    ["pages", 0, "shown", "leaves"],
    "0x0",
    "pages[0].shown.leaves is not whole bytes in lower-case hexadecimal",
  ],
  [["pages", 0, "missing"], "-1", "pages[0].missing does not fit 256 bits"],
  [["pages", 0, "gridFeeMicro"], "1e3", "pages[0].gridFeeMicro is not a whole number in decimal digits"],
  [["movements", 0, "kind"], null, "movements[0].kind is not a text"],
  [
    ["steps", 0, "operator"],
    `0x${"AB".repeat(20)}`,
    "steps[0].operator is not 20 bytes in lower-case hexadecimal",
  ],
])("names the place of what is malformed: %j", (path, value, sentence) => {
  expect(() => readIntervalEvidence(withValue(path, value))).toThrow(sentence);
  expect(() => readIntervalEvidence(withValue(path, value))).toThrow(MalformedEvidenceError);
});

it.each([[null], [undefined], ["evidence"], [[]]])("refuses %j", (json) => {
  expect(() => readIntervalEvidence(json)).toThrow("the evidence is not an object");
});

it("reads no evidence with a field missing", () => {
  for (const name of Object.keys(sent).filter((field) => field !== "deployment"))
    expect(() => readIntervalEvidence(withValue([name], undefined)), name).toThrow(MalformedEvidenceError);
});
