import { lazyRouteComponent, type RouteComponent } from "@tanstack/react-router";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { loadScript } from "./api/loadScript.ts";

/** A page whose script is fetched when it is first opened, or somebody is about to. */
export function lazyPage<Name extends string>(
  load: () => Promise<{ readonly [Key in Name]: RouteComponent }>,
  name: Name,
): RouteComponent {
  return lazyRouteComponent(() => loadScript<Record<string, RouteComponent>>(load), name);
}

/** A part of a page whose script is fetched when it is first shown, within a Suspense. */
export function lazyPart<Props, Name extends string>(
  load: () => Promise<{ readonly [Key in Name]: ComponentType<Props> }>,
  name: Name,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(() => loadScript(load).then((script) => ({ default: script[name] })));
}
