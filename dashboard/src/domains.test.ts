import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { clearingHouseContract, participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { areaRegistryContract, meterLedgerContract } from "#domains/metering/contracts.generated.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import { answersOf } from "./app/api/answers.ts";
import { createFormats } from "./app/format/formats.ts";
import { foundKindOf } from "./app/parts/FoundLink.tsx";
import { tabsOf } from "./app/Shell.tsx";
import { wordsOf } from "./app/words.ts";
import { PAGE_DOMAINS } from "./domains.ts";

const answers = answersOf(PAGE_DOMAINS);
const words = wordsOf(PAGE_DOMAINS);

/** What only another contract calls, and several calls in one: no transaction has it as its purpose. */
const INNER = new Set(["hold", "tryHold", "release", "forget", "setStation", "multicall"]);

describe("the answers of the API", () => {
  /** Every address that a page keeps up to date, and some event that changes its answer. */
  it.each([
    ["/v1/areas", "areaOpened"],
    ["/v1/areas", "termsAnnounced"],
    ["/v1/session", "participantRegistered"],
    ["/v1/participants?limit=500", "participantRegistered"],
    ["/v1/participants/4", "marginAdded"],
    ["/v1/participants/4", "meterEnrolled"],
    ["/v1/participants/4", "entityLeft"],
    ["/v1/participants/4/devices", "deviceKeyRotated"],
    ["/v1/participants/4/devices", "capacityChanged"],
    ["/v1/participants/4/movements?limit=10&offset=0", "intervalCleared"],
    ["house/0xab/0xcd/65540", "marginWithdrawalAnnounced"],
    ["registry/4", "signerAnnounced"],
    ["/v1/participants/4/bill?from=0&to=86400&limit=16&offset=0", "intervalSettled"],
    ["/v1/participants/4/series?from=0&to=86400", "readingsPublished"],
    ["/v1/participants/4/orders?limit=10&offset=0", "intervalCleared"],
    ["/v1/orders?areaId=1&intervalId=101&account=4", "stepVerified"],
    ["/v1/orders/0xab/explanation", "intervalCleared"],
    ["/v1/orders/0xab/explanation", "intervalReturned"],
    ["/v1/orders/0xab/explanation", "clearingAbandoned"],
    ["/v1/orders/0xab/trail", "pageSettled"],
    ["/v1/intervals/1/101/readings/4/trail", "pageSettled"],
    ["/v1/intervals/1/101", "readingsPublished"],
    ["/v1/intervals/periods?areaId=1&of=interval&from=0&to=900", "intervalCleared"],
    ["/v1/intervals?areaId=1&limit=48", "intervalReturned"],
    ["/v1/trades?areaId=1&intervalId=101&limit=20&offset=0", "intervalCleared"],
    ["/v1/prices", "intervalCleared"],
    ["/v1/community", "intervalSettled"],
    ["/v1/areas/1/grid?from=0&to=86400", "readingsPublished"],
    ["/v1/areas/1/grid/series?from=0&to=86400", "intervalSettled"],
    ["/v1/operator", "intervalSettled"],
    ["/v1/lookup?q=0xab", "deposited"],
    ["/v1/transactions/0xab", "withdrawn"],
  ])("%s is asked for again after %s", (path, kind) => {
    expect(answers.isAnswer(path, answers.changedBy(kind))).toBe(true);
  });

  const kindsThatChange = (path: string) =>
    answers.kinds.filter((kind) => answers.isAnswer(path, answers.changedBy(kind)));

  it("are names, areas and the session only when somebody or an area is new or another", () => {
    expect(kindsThatChange("/v1/participants?limit=500")).toEqual([
      ...["participantRegistered", "ownerChanged", "memberAdded"],
    ]);
    expect(kindsThatChange("/v1/areas")).toEqual([
      ...["areaOpened", "operatorChanged", "gatewayChanged"],
      ...["supplierChanged", "dsoChanged", "fundChanged"],
      ...["termsAnnounced", "supplyAccepted", "supplyWithdrawn"],
    ]);
    // Hours and days, which are of thousands of intervals, are asked for anew with the time that they are of.
    expect(kindsThatChange("/v1/intervals/periods?areaId=1&of=day&from=0&to=900")).toEqual([]);
    expect(kindsThatChange("/v1/session")).not.toContain("intervalCleared");
    // Any event is of a block that came after the last audit.
    expect(kindsThatChange("/v1/audit")).toContain("intervalCleared");
    expect(answers.isAnswer("/v1/audit", answers.all)).toBe(true);
  });

  it("are no bill when a gate closes, and no order when an interval is settled", () => {
    expect(kindsThatChange("/v1/participants/4/bill?from=0&to=1")).not.toContain("intervalCleared");
    expect(kindsThatChange("/v1/participants/4/orders?limit=10")).not.toContain("intervalSettled");
  });

  it("are changed by a field only where they are its own or of a field below", () => {
    const known = new Set<string>();
    for (const { answers: own = {}, changedBy = {}, changedByAny = [] } of PAGE_DOMAINS) {
      for (const name of Object.keys(own)) known.add(name);
      expect(
        [...Object.values(changedBy).flat(), ...changedByAny].filter((name) => !known.has(name)),
      ).toEqual([]);
    }
  });
});

describe("the words", () => {
  it("say of every function that a transaction can call what it was for", () => {
    const names = [
      participantRegistryContract,
      clearingHouseContract,
      areaRegistryContract,
      meterLedgerContract,
      poolMarketContract,
    ]
      .flatMap(({ abi }) => [...abi])
      .filter((part) => part.type === "function")
      .filter(({ stateMutability }) => stateMutability === "nonpayable")
      .map(({ name }) => name)
      .filter((name) => !INNER.has(name));

    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => words.call(name) === name)).toEqual([]);
  });

  it("keep the name of a function of no contract, also one that every object has", () => {
    expect(words.call("toString")).toBe("toString");
    expect(words.call(null)).toBe("call of another contract");
    expect(words.call("settle+clear")).toBe("settlement of a page and clearing");
  });

  it("are given to each name by one field alone", () => {
    const named = PAGE_DOMAINS.flatMap(({ words: own = {}, answers: asked = {}, found = {} }) => [
      ...Object.entries({ ...own, asked, found }).flatMap(([table, entries]) =>
        Object.keys(entries).map((name) => `${table} ${name}`),
      ),
    ]);
    expect(named.filter((name, i) => named.indexOf(name) !== i)).toEqual([]);
  });

  it("say what a contract refused, with its figures", () => {
    const formats = createFormats({ timeZone: "Europe/Berlin", currency: "EUR" });
    const said = words.refusal("InsufficientBalance", [4, 1_500_000n, 2_000_000n], formats);
    expect(said).toBe("The free balance is €1.50, less than €2.00.");
    expect(words.refusal("Paused", [], formats)).toBe("The contract refused: Paused.");
  });
});

describe("the addresses", () => {
  const pages = PAGE_DOMAINS.flatMap(({ pages: own = [] }) => own.map(({ path }) => path));

  it("are each of one page", () => {
    expect(pages.length).toBe(new Set(pages).size);
  });

  it("that a link names are those of pages", () => {
    const folder = fileURLToPath(new URL(".", import.meta.url));
    const named = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
      .flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(/\bto(?:=|: )"(\/[^"]*)"/g)])
      .map(([, path]) => path);

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => path !== undefined && !pages.includes(path))).toEqual([]);
  });

  it("of what a search finds are those of pages, with all their parts", () => {
    for (const kind of ["order", "interval", "participant", "transaction"]) {
      const found = foundKindOf(PAGE_DOMAINS, kind);
      if (!found || !("address" in found)) throw new Error(`${kind} leads nowhere`);
      const { to, params } = found.address("1/2");
      expect(pages).toContain(to);
      expect(Object.keys(params)).toEqual([...to.matchAll(/\$(\w+)/g)].map(([, name]) => name));
    }
  });

  it("in the header begin with the community", () => {
    expect(tabsOf(PAGE_DOMAINS).map(({ label }) => label)).toEqual([
      "Community",
      "My energy",
      "Order",
      "Grid",
      "Transformer",
      "My station",
      "Sessions",
      "Operator",
      "Audit",
    ]);
  });
});
