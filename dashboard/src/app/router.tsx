import { createRootRoute, createRoute, createRouter, type RouterHistory } from "@tanstack/react-router";
import { lazyPage } from "./lazyPart.ts";
import type { Page, PageDomain } from "./pageDomain.ts";
import { PageFailed, PagePending } from "./parts/PageStates.tsx";
import { Shell } from "./Shell.tsx";

/** Leads to the pages of all fields, each at its address. */
export function createPageRouter(domains: readonly PageDomain[], history?: RouterHistory) {
  const root = createRootRoute({
    component: Shell,
    notFoundComponent: lazyPage(() => import("./NotFoundPage.tsx"), "NotFoundPage"),
  });
  const routeOf = ({ path, component }: Page) => createRoute({ getParentRoute: () => root, path, component });
  return createRouter({
    routeTree: root.addChildren(domains.flatMap(({ pages = [] }) => pages.map(routeOf))),
    defaultPreload: "intent",
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
    ...(history ? { history } : {}),
  });
}
