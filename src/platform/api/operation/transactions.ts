import type { FastifyRequest } from "fastify";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { visibleNames } from "#platform/api/identity/visibleNames.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { transactionParams, transactionWire } from "#platform/api/wireAudit.ts";
import { areaWords } from "#platform/api/words.ts";
import { findTransaction, listEventsOf, type TransactionView } from "#platform/store/queries/transactions.ts";
import { finalBlockOf } from "#platform/store/undo/heads.ts";

/** A transaction of the contracts, with all that it did. */
export function addTransactions(app: Api, context: ApiContext): void {
  const { db } = context.store;
  app.get(
    "/v1/transactions/:hash",
    {
      schema: {
        params: transactionParams,
        ...describeRoute("audit", "One transaction with all that it did", { body: transactionWire }),
      },
    },
    async (request) => {
      const hash = request.params.hash.toLowerCase();
      const transaction = await findTransaction(db, hash);
      if (transaction === null) throw new NotFoundError(`transaction ${hash} of Commonwatt's contracts`);
      const { block, timestamp, sender, purpose, gasUsed, areaId, intervalId } = transaction;
      const events = await listEventsOf(db, transaction);
      return {
        transactionHash: hash,
        block,
        isFinal: block <= ((await finalBlockOf(db)) ?? block),
        timestamp,
        sender,
        senderName: await senderName(context, request, transaction),
        purpose,
        gasUsed: String(gasUsed),
        areaId,
        intervalId,
        events: events.map(({ kind, account, facts }) => ({ kind, account, facts: JSON.parse(facts) })),
      };
    },
  );
}

/** The operator of an area, the gateway, or a participant's name for anyone who may see it; null when none is known. */
async function senderName(
  context: ApiContext,
  request: FastifyRequest,
  { sender, purpose }: Pick<TransactionView, "sender" | "purpose">,
): Promise<string | null> {
  const { directory } = context;
  // The meter ledger takes roots from nobody else.
  if (purpose === "publish") return "Meter gateway";
  const operated = (await directory.areas()).find(({ operator }) => operator === sender);
  if (operated) return `Operator of ${areaWords(context, operated.areaId)}`;
  const participant = await directory.byAddress(sender);
  if (participant === null) return null;
  return (await visibleNames(context, request)).get(participant.account) ?? null;
}
