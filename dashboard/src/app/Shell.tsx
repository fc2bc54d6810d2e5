import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { whenTold } from "./api/answer.ts";
import { type Session, useSessionState } from "./api/session.ts";
import { useGet } from "./api/useGet.ts";
import { WithFormats } from "./format/locale.tsx";
import { lazyPart } from "./lazyPart.ts";
import type { Page, PageDomain } from "./pageDomain.ts";
import { usePageDomains } from "./pageDomains.tsx";
import { Icon } from "./parts/Icon.tsx";
import { LiveState } from "./parts/LiveState.tsx";
import { Loaded } from "./parts/States.tsx";
import "./Shell.css";

/** The wallet's library is large; the page is there before it. */
const IdentityMenu = lazyPart(() => import("./wallet/IdentityMenu.tsx"), "IdentityMenu");

/** What all pages share: where one is and can go, who one is, and whether the figures are live. */
export function Shell() {
  const { domains } = usePageDomains();
  const tabs = tabsOf(domains);
  const state = useSessionState();
  const isShown = ({ isFor }: Tab) =>
    isFor === undefined || whenTold(state, ({ session }) => isFor(session), false);
  useTitle(tabs);
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
          {tabs.filter(isShown).map((tab) => (
            <TabLink key={tab.path} tab={tab} />
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
        <ExactFigures />
        <p>
          {domains.flatMap(({ pages = [] }) =>
            pages.map(({ path, foot }) =>
              foot ? (
                <span key={path}>
                  <Link to={path}>{foot}</Link> ·{" "}
                </span>
              ) : null,
            ),
          )}
          <a href="/docs">API</a>
        </p>
      </footer>
    </div>
  );
}

function TabLink({ tab: { path, label, icon, asks } }: { tab: Tab }) {
  const state = useSessionState();
  const answer = useGet<unknown>(asks?.path ?? null);
  const isShown = (session: Session | null) =>
    asks === undefined || whenTold(answer, (body) => asks.isShown(body, session), false);
  if (!whenTold(state, ({ session }) => isShown(session), asks === undefined)) return null;
  return (
    <Link to={path} className="tab" activeOptions={{ exact: path === "/" }}>
      <Icon name={icon} />
      {label}
    </Link>
  );
}

/** A figure shows what it is exactly on pointing; this shows it to those who can't point, of all at once. */
function ExactFigures() {
  const [isExact, setExact] = useState(false);
  useEffect(() => {
    document.documentElement.classList.toggle("exact", isExact);
  }, [isExact]);
  return (
    <p>
      <button type="button" className="button" aria-pressed={isExact} onClick={() => setExact(!isExact)}>
        Exact figures
      </button>
    </p>
  );
}

type Tab = NonNullable<Page["tab"]> & Pick<Page, "path">;

/** The pages that the header leads to, in the order of the fields, and the first of them at `/`. */
export function tabsOf(domains: readonly PageDomain[]): readonly Tab[] {
  const tabs = domains.flatMap(({ pages = [] }) =>
    pages.flatMap(({ path, tab }) => (tab ? [{ path, ...tab }] : [])),
  );
  return [...tabs.filter(({ path }) => path === "/"), ...tabs.filter(({ path }) => path !== "/")];
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
function useTitle(tabs: readonly Tab[]): void {
  const at = useRouterState({ select: (state) => state.location.pathname });
  const label = tabs.findLast(({ path }) => path !== "/" && at.startsWith(path))?.label;
  useEffect(() => {
    document.title = label === undefined ? "Commonwatt" : `${label} – Commonwatt`;
  }, [label]);
}
