import type { Network } from "#platform/chain/network.ts";
import type { Api } from "./apiContext.ts";
import { sendProblem } from "./problem.ts";

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const RESOURCES = "/v1/";
/** Signing in and out changes nothing that depends on the chain. */
const SESSION = "/v1/session";
/** Seconds after which a client tries again: a node that was restarted is back by then. */
const RETRY_AFTER_SECONDS = 15;

/** While the chain holds work back, what would become work is refused with 503, and when to come again. */
export function refuseWhileHeldBack(app: Api, network: Pick<Network, "heldBack">): void {
  app.addHook("onRequest", async ({ method, url }, reply) => {
    if (READS.has(method) || !url.startsWith(RESOURCES) || url.startsWith(SESSION)) return;
    const held = network.heldBack();
    if (held === null) return;
    reply.header("retry-after", String(RETRY_AFTER_SECONDS));
    return sendProblem(reply, { status: 503, reason: held.code, detail: held.detail });
  });
}
