import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";
import { loadScript } from "./api/loadScript.ts";
import { CommunityPage } from "./pages/CommunityPage.tsx";
import { PageFailed, PagePending } from "./parts/PageStates.tsx";
import { Shell } from "./parts/Shell.tsx";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: lazy(() => import("./pages/NotFoundPage.tsx"), "NotFoundPage"),
});

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: CommunityPage }),
  createRoute({
    getParentRoute: () => root,
    path: "/intervals/$areaId/$intervalId",
    component: lazy(() => import("./pages/IntervalPage.tsx"), "IntervalPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/me",
    component: lazy(() => import("./pages/MyEnergyPage.tsx"), "MyEnergyPage"),
    validateSearch: (search: Record<string, unknown>): { span?: string; at?: string } => ({
      ...(typeof search.span === "string" ? { span: search.span } : {}),
      ...(typeof search.at === "string" ? { at: search.at } : {}),
    }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/order",
    component: lazy(() => import("./pages/OrderFormPage.tsx"), "OrderFormPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/orders/$orderId",
    component: lazy(() => import("./pages/OrderPage.tsx"), "OrderPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/operator",
    component: lazy(() => import("./pages/OperatorPage.tsx"), "OperatorPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/audit",
    component: lazy(() => import("./pages/AuditPage.tsx"), "AuditPage"),
    validateSearch: (search: Record<string, unknown>): { q?: string } =>
      typeof search.q === "string" ? { q: search.q } : {},
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/transactions/$hash",
    component: lazy(() => import("./pages/TransactionPage.tsx"), "TransactionPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/participants/$account",
    component: lazy(() => import("./pages/ParticipantPage.tsx"), "ParticipantPage"),
  }),
];

/** A page whose script is fetched when it is first opened. */
function lazy<Name extends string>(
  load: () => Promise<{ readonly [Key in Name]: RouteComponent }>,
  name: Name,
): RouteComponent {
  return lazyRouteComponent(() => loadScript<Record<string, RouteComponent>>(load), name);
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
