import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { loadScript } from "./api/loadScript.ts";
import { useSessionState } from "./api/session.ts";
import { WithFormats } from "./format/locale.tsx";
import { Icon, type IconName } from "./parts/Icon.tsx";
import { LiveState } from "./parts/LiveState.tsx";
import { Loaded } from "./parts/States.tsx";
import "./Shell.css";

/** The wallet's library is large; the page is there before it. */
const IdentityMenu = lazy(() =>
  loadScript(() => import("./wallet/IdentityMenu.tsx")).then(({ IdentityMenu: component }) => ({
    default: component,
  })),
);

const PAGES = [
  { to: "/", label: "Community", icon: "community" },
  { to: "/me", label: "My energy", icon: "home" },
  { to: "/order", label: "Order", icon: "order" },
  { to: "/operator", label: "Operator", icon: "operator" },
  { to: "/audit", label: "Audit", icon: "audit" },
] as const satisfies readonly { to: string; label: string; icon: IconName }[];

/** What all pages share: where one is and can go, who one is, and whether the figures are live. */
export function Shell() {
  useTitle();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the content
      </a>
      <header className="top">
        <Link to="/" className="brand" aria-label="Commonwatt, the community">
          <img src="/icon.svg" alt="" width="28" height="28" />
          <span>Commonwatt</span>
        </Link>
        <nav className="tabs" aria-label="Pages">
          {PAGES.map(({ to, label, icon }) => (
            <Link key={to} to={to} className="tab" activeOptions={{ exact: to === "/" }}>
              <Icon name={icon} />
              {label}
            </Link>
          ))}
        </nav>
        <div className="top-end">
          <LiveState />
          <WithFormats>
            <Suspense fallback={null}>
              <IdentityMenu />
            </Suspense>
          </WithFormats>
        </div>
      </header>
      <main id="main" className="main" tabIndex={-1}>
        <WithFormats before={<BeforeFormats />}>
          <Outlet />
        </WithFormats>
      </main>
      <footer className="foot">
        <p>
          A trade settles who is credited with locally generated energy, and the money for it. The electricity
          itself flows over the common grid: nobody receives particular electrons.
        </p>
        <p>
          <a href="/docs">API</a> · <a href="/ready">status</a>
        </p>
      </footer>
    </div>
  );
}

/** In the place of every page until its zone and currency are known. */
function BeforeFormats() {
  const session = useSessionState();
  return (
    <Loaded query={session} what="the page">
      {() => null}
    </Loaded>
  );
}

/** The title of the window follows the page's heading, for tabs and screen readers. */
function useTitle(): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const page = PAGES.findLast(({ to }) => path === to || (to !== "/" && path.startsWith(to)));
    document.title = page && page.to !== "/" ? `${page.label} – Commonwatt` : "Commonwatt";
  }, [path]);
}
