import { lazyPage } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";

/** Whether anything is wrong, and everything on record. */
export const audit: PageDomain = {
  name: "audit",
  pages: [
    {
      path: "/audit",
      component: lazyPage(() => import("./AuditPage.tsx"), "AuditPage"),
      tab: { label: "Audit", icon: "audit" },
    },
    {
      path: "/transactions/$hash",
      component: lazyPage(() => import("./TransactionPage.tsx"), "TransactionPage"),
    },
  ],
  answers: {
    records: /^\/v1\/(lookup\?|transactions\/)/,
    /** The auditor tells of its work in a stream of its own; how many blocks came since changes with any event. */
    audit: /^\/v1\/audit$/,
  },
  changedByAny: ["records", "audit"],
  found: {
    transaction: {
      name: "Transaction",
      address: (hash) => ({ to: "/transactions/$hash", params: { hash } }),
    },
  },
};
