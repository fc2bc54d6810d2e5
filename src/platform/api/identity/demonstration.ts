import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { walletAnswerWire, walletRequestWire } from "#platform/api/wireSession.ts";

/** The demonstration's own keys, for a page to sign with as with a wallet. There are none where a community is real. */
export function addDemonstration(app: Api, { demonstration }: ApiContext): void {
  const summary = "Let a key of the demonstration answer a request of EIP-1193";
  app.post(
    "/v1/demonstration/requests",
    {
      schema: {
        body: walletRequestWire,
        ...describeRoute("demonstration", summary, { body: walletAnswerWire }),
      },
    },
    async ({ body }) => {
      if (demonstration === null) throw new NotFoundError("demonstration here");
      return { result: await demonstration.request(body) };
    },
  );
}
