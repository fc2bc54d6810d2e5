import { lazyPage, lazyPart } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";

/** The operator's work: what needs a person, and what the market's work costs. */
export const operation: PageDomain = {
  name: "operation",
  pages: [
    {
      path: "/operator",
      component: lazyPage(() => import("./OperatorPage.tsx"), "OperatorPage"),
      tab: { label: "Operator", icon: "operator" },
    },
  ],
  operatorCards: [{ place: "side", component: lazyPart(() => import("./Spending.tsx"), "Spending") }],
  answers: { operator: /^\/v1\/operator$/ },
  changedByAny: ["operator"],
};
