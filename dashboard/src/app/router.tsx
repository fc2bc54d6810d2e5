import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";
import { CommunityPage } from "../pool/CommunityPage.tsx";
import { loadScript } from "./api/loadScript.ts";
import { PageFailed, PagePending } from "./parts/PageStates.tsx";
import { Shell } from "./Shell.tsx";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: lazy(() => import("./NotFoundPage.tsx"), "NotFoundPage"),
});

const routes = [
  page("/", CommunityPage),
  page(
    "/intervals/$areaId/$intervalId",
    lazy(() => import("../pool/IntervalPage.tsx"), "IntervalPage"),
  ),
  page(
    "/me",
    lazy(() => import("../billing/MyEnergyPage.tsx"), "MyEnergyPage"),
    textsOf("span", "at"),
  ),
  page(
    "/order",
    lazy(() => import("../pool/OrderFormPage.tsx"), "OrderFormPage"),
  ),
  page(
    "/orders/$orderId",
    lazy(() => import("../pool/OrderPage.tsx"), "OrderPage"),
  ),
  page(
    "/operator",
    lazy(() => import("../operation/OperatorPage.tsx"), "OperatorPage"),
  ),
  page(
    "/audit",
    lazy(() => import("../audit/AuditPage.tsx"), "AuditPage"),
    textsOf("q"),
  ),
  page(
    "/transactions/$hash",
    lazy(() => import("../audit/TransactionPage.tsx"), "TransactionPage"),
  ),
  page(
    "/participants/$account",
    lazy(() => import("../accounts/ParticipantPage.tsx"), "ParticipantPage"),
  ),
];

type Search<Name extends string> = { readonly [Key in Name]?: string };

/** A page at its address; `validateSearch` takes what it knows of the address's query. */
function page<const Path extends string, Name extends string = never>(
  path: Path,
  component: RouteComponent,
  validateSearch: (search: Record<string, unknown>) => Search<Name> = () => ({}),
) {
  return createRoute({ getParentRoute: () => root, path, component, validateSearch });
}

/** Takes these texts from a query, and nothing else. */
function textsOf<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): Search<Name> =>
    Object.fromEntries(
      names.filter((name) => typeof search[name] === "string").map((name) => [name, search[name]]),
    ) as Search<Name>;
}

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
