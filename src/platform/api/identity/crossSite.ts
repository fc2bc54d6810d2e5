import type { FastifyRequest } from "fastify";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Api } from "#platform/api/apiContext.ts";

const READING_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses whatever another site's page makes a reader's browser send, but to the paths of `openPaths`. Programs that are
 * no browser send neither header and are let through: they have no session that they don't know of.
 */
export function refuseCrossSite(app: Api, openPaths: ReadonlySet<string>): void {
  app.addHook("onRequest", async (request) => {
    if (READING_METHODS.has(request.method) || openPaths.has(request.routeOptions.url ?? "")) return;
    if (isCrossSite(request)) throw new CrossSiteRequestError();
  });
}

/** Browsers say `sec-fetch-site` where the page came over https or from this machine, and `origin` everywhere. */
function isCrossSite({ headers, host }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (headers.origin === undefined) return false;
  // `null` of a page in a sandbox is no address. A scheme's own port may be written or left out.
  if (!URL.canParse(headers.origin)) return true;
  const origin = new URL(headers.origin);
  const own = `${origin.protocol}//${host}`;
  return !URL.canParse(own) || origin.host !== new URL(own).host;
}

export class CrossSiteRequestError extends DomainError {
  readonly code = "crossSiteRequest";

  constructor() {
    super("the page of another site may not do this");
  }
}
