import { lazyPage } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";

/** What an area exchanges with the grid, for its grid operator. */
export const grid: PageDomain = {
  name: "grid",
  pages: [
    {
      path: "/grid",
      component: lazyPage(() => import("./GridPage.tsx"), "GridPage"),
      tab: {
        label: "Grid",
        icon: "grid",
        isFor: (session) => session?.roles.includes("gridOperator") ?? false,
      },
    },
  ],
  answers: { grid: /^\/v1\/areas\/\d+\/grid[?/]/ },
  changedBy: { readingsPublished: ["grid"], intervalSettled: ["grid"], intervalReturned: ["grid"] },
};
