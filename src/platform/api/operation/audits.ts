import type { z } from "zod";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import {
  createEventStreams,
  describeStream,
  type EventSource,
} from "#platform/api/transport/eventStreams.ts";
import { auditWire } from "#platform/api/wireAudit.ts";
import { progressOf } from "#platform/store/project.ts";
import type { Audits } from "./auditRuns.ts";

/** The auditor's last result, and an audit anew with its progress (R2.3, R6.3). */
export function addAudits(app: Api, context: ApiContext): void {
  app.get(
    "/v1/audit",
    {
      schema: describeRoute("audit", "What the last audit found, and the one that runs", { body: auditWire }),
    },
    async () => stateNow(requireAudits(context), context),
  );
  app.post(
    "/v1/audit",
    {
      schema: describeRoute("audit", "Audits the network, unless an audit runs already", {
        status: 202,
        body: auditWire,
      }),
    },
    async (_request, reply) => {
      const audits = requireAudits(context);
      audits.run();
      return reply.code(202).send(await stateNow(audits, context));
    },
  );
  const streams = createEventStreams(app);
  app.get(
    "/v1/audit/events",
    {
      // A HEAD would hold a stream open that nothing is ever written to.
      exposeHeadRoute: false,
      schema: describeStream(
        "audit",
        "Progress of an audit and its result, live (text/event-stream)",
        PROGRESS_EXAMPLE,
      ),
    },
    async (request, reply) => streams.open(request, reply, changesOf(requireAudits(context), context)),
  );
}

/** As the documentation shows it. */
const PROGRESS_EXAMPLE = `event: progress
data: {"state":"running","progress":{"block":120,"lastBlock":3911},"last":null}

`;

/** The state at once and after each change; what a slow reader missed in between is gone, the newest counts. */
function changesOf(audits: Audits, context: ApiContext): EventSource {
  let sent = "";
  return {
    subscribe: audits.subscribe,
    async next() {
      const state = await stateNow(audits, context);
      const text = `event: ${state.state === "running" ? "progress" : "result"}\ndata: ${JSON.stringify(state)}\n\n`;
      const isNew = text !== sent;
      sent = text;
      return { text: isNew ? text : "", hasMore: false };
    },
  };
}

/** The state, with how many blocks the store knows after the last that was audited. */
async function stateNow(
  { state }: Audits,
  { store }: Pick<ApiContext, "store">,
): Promise<z.infer<typeof auditWire>> {
  const [known, audited] = [(await progressOf(store.db))?.block ?? null, state().last?.toBlock ?? null];
  const blocksSince = known === null || audited === null ? null : Math.max(0, known - audited);
  return { ...state(), blocksSince };
}

/** @throws NotFoundError where no audit can be run */
function requireAudits({ audits }: ApiContext): Audits {
  if (audits === null) throw new NotFoundError("audit to be run from here; commonwatt audit does it");
  return audits;
}
