import { createMemoryHistory } from "@tanstack/react-router";
import { expect, it } from "vitest";
import { answersOf } from "./api/answers.ts";
import type { PageDomain } from "./pageDomain.ts";
import { foundKindOf } from "./parts/FoundLink.tsx";
import { createPageRouter } from "./router.tsx";
import { tabsOf } from "./Shell.tsx";
import { wordsOf } from "./words.ts";

const ground: PageDomain = {
  name: "ground",
  pages: [{ path: "/", component: () => null, tab: { label: "Start", icon: "home" } }],
  answers: { money: /^\/v1\/money$/, records: /^\/v1\/records$/ },
  changedBy: { deposited: ["money"] },
  changedByAny: ["records"],
  words: { events: { deposited: "Money was deposited" } },
};

/** A field that no other file knows. */
const charging: PageDomain = {
  name: "charging",
  pages: [
    { path: "/charging", component: () => null, tab: { label: "Charging", icon: "battery" } },
    { path: "/charging/$stationId", component: () => null },
  ],
  answers: { quotas: /^\/v1\/quotas\?/ },
  changedBy: { quotaCleared: ["quotas", "money"], quotaAnnounced: [] },
  words: {
    events: { quotaCleared: "Charging quotas were cleared" },
    calls: { clearQuotas: "clearing of charging quotas" },
    movements: { quotaPaid: "Paid for a charging quota" },
    facts: {
      quotaW: { name: "Quota" },
      holder: { is: "account" },
      "quotaCleared.holder": { name: "Station" },
    },
    refusals: { QuotaSpent: ({ money }) => `The quota of ${money(0)} is spent.` },
  },
  found: {
    station: {
      name: "Station",
      address: (stationId) => ({ to: "/charging/$stationId", params: { stationId } }),
    },
  },
};

const DOMAINS = [ground, charging];

it("has its pages, with the parts of their addresses", async () => {
  const history = createMemoryHistory({ initialEntries: ["/charging/7"] });
  const router = createPageRouter(DOMAINS, history);
  await router.load();
  expect(router.state.matches.at(-1)).toMatchObject({
    routeId: "/charging/$stationId",
    params: { stationId: "7" },
  });

  history.push("/charging?at=2025-05-12");
  await router.load();
  expect(router.state.matches.at(-1)).toMatchObject({ routeId: "/charging", search: { at: "2025-05-12" } });
});

it("stands in the header after the fields before it", () => {
  expect(tabsOf([charging, ground]).map(({ path }) => path)).toEqual(["/", "/charging"]);
});

it("has its answers asked for again, and those of fields below, by its own events", () => {
  const answers = answersOf(DOMAINS);
  expect(answers.kinds).toEqual(["deposited", "quotaCleared"]);
  expect(answers.changedBy("quotaCleared")).toEqual(["quotas", "money", "records"]);
  expect(answers.changedBy("quotaAnnounced")).toEqual([]);
  expect(answers.isAnswer("/v1/quotas?at=1", answers.changedBy("quotaCleared"))).toBe(true);
  expect(answers.isAnswer("/v1/quotas?at=1", answers.changedBy("deposited"))).toBe(false);
});

it("has its words said, and names without words spelled out", () => {
  const words = wordsOf(DOMAINS);
  expect(words.event("quotaCleared")).toBe("Charging quotas were cleared");
  expect(words.event("quotaAnnounced")).toBe("Quota announced");
  expect(words.call("clearQuotas")).toBe("clearing of charging quotas");
  expect(words.movement("quotaPaid")).toBe("Paid for a charging quota");
  expect(words.factName("quotaW", "quotaCleared")).toBe("Quota");
  expect(words.factName("gridFeeMicro", "quotaCleared")).toBe("Grid fee");
  expect(words.factName("maximumW", "quotaCleared")).toBe("Maximum");
  expect(words.fact("holder", "deposited")).toEqual({ is: "account" });
  expect(words.factName("holder", "quotaCleared")).toBe("Station");
});

it("has what is found of it led to", () => {
  const station = foundKindOf(DOMAINS, "station");
  expect(station).toMatchObject({ name: "Station" });
  expect(foundKindOf(DOMAINS, "programme")).toBeUndefined();
});
