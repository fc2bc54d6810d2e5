import { lazyPage } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";

/** What each account pays and earns, and why. */
export const billing: PageDomain = {
  name: "billing",
  pages: [
    {
      path: "/me",
      component: lazyPage(() => import("./MyEnergyPage.tsx"), "MyEnergyPage"),
      tab: { label: "My energy", icon: "home" },
    },
  ],
  answers: { bills: /^\/v1\/(participants\/\d+\/((bill|series|periods)\?|concerns$)|bills\?)/ },
  // Who holds no position is billed by the reading at once.
  changedBy: { readingsPublished: ["bills"] },
};
