import { lazyPage } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";

/** The operator's work: what needs a person, and the cards of all fields. */
export const operation: PageDomain = {
  name: "operation",
  pages: [
    {
      path: "/operator",
      component: lazyPage(() => import("./OperatorPage.tsx"), "OperatorPage"),
      tab: { label: "Operator", icon: "operator" },
    },
    {
      path: "/status",
      component: lazyPage(() => import("./StatusPage.tsx"), "StatusPage"),
      foot: "status",
    },
    {
      path: "/members",
      component: lazyPage(() => import("./members/MembersPage.tsx"), "MembersPage"),
    },
    {
      path: "/members/$account",
      component: lazyPage(() => import("./members/MemberPage.tsx"), "MemberPage"),
    },
  ],
  answers: { operator: /^\/v1\/operator$/, status: /^\/v1\/status$/ },
  changedByAny: ["operator", "status"],
};
