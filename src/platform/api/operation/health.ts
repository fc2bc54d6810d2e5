import type { Api, ApiContext, ReadinessCheck } from "#platform/api/apiContext.ts";
import { describeRoute, PROBLEMS } from "#platform/api/routeSchema.ts";
import { healthWire, readyWire } from "#platform/api/wire.ts";
import { rawStatement } from "#platform/store/createTables.ts";

/** Whether the process runs, and whether it can do its work. */
export function addHealth(app: Api, context: ApiContext): void {
  app.get(
    "/health",
    { schema: describeRoute("service", "The process is up", { body: healthWire }) },
    async () => ({
      status: "up" as const,
    }),
  );
  app.get(
    "/ready",
    {
      schema: {
        tags: ["service"],
        summary: "The chain, the database and the roles are there",
        response: {
          ...PROBLEMS,
          200: readyWire.describe("Ready"),
          503: readyWire.describe("Not ready; the checks say why"),
        },
      },
    },
    async (_request, reply) => {
      const checks = [...(await checkReadiness(context))];
      const isReady = checks.every((check) => check.isReady);
      const status = isReady ? ("ready" as const) : ("notReady" as const);
      return reply.code(isReady ? 200 : 503).send({ status, checks });
    },
  );
}

/** What the service needs, and whether it is there. */
export async function checkReadiness(context: ApiContext): Promise<readonly ReadinessCheck[]> {
  return [await checkDatabase(context), ...(await context.readiness())];
}

async function checkDatabase({ store }: ApiContext): Promise<ReadinessCheck> {
  try {
    await store.db.execute(rawStatement("SELECT 1"));
    return { name: "database", isReady: true, detail: "answers" };
  } catch {
    return { name: "database", isReady: false, detail: "does not answer" };
  }
}
