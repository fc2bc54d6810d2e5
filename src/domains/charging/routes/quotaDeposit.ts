import type { z } from "zod";
import { listQuotaPeriods, listQuotaTerms } from "#domains/charging/queries/quotaPeriods.ts";
import { depositNeededMicro, energyWhOf, feeMicro, penaltyMicro } from "#domains/charging/rules/charges.ts";
import { bidMicro } from "#domains/charging/rules/quotaOrderFault.ts";
import { quotaDepositQuery, quotaDepositWire } from "#domains/charging/wire.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";

/** What a station has to put down for a demand, and why, before it commits itself (AMB-23). */
export function addQuotaDeposit(app: Api, context: ApiContext): void {
  app.get(
    "/v1/areas/:areaId/quota-deposit",
    {
      schema: {
        params: areaParams,
        querystring: quotaDepositQuery,
        ...describeRoute("charging", "Deposit that a demand needs, and the worst case of its penalty", {
          body: quotaDepositWire,
        }),
      },
    },
    async ({ params, query }) => depositBody(context, { ...params, ...query }),
  );
}

type Asked = {
  readonly areaId: number;
  readonly demandW: number;
  readonly bidW: number;
  readonly limitPriceMicroPerKw: number;
};

/** By the tariff that was said last. */
async function depositBody(
  { store: { db }, currency }: ApiContext,
  { areaId, demandW, bidW, limitPriceMicroPerKw }: Asked,
): Promise<z.infer<typeof quotaDepositWire>> {
  const [last] = await listQuotaPeriods(db, { areaId, limit: 1 });
  const terms = (await listQuotaTerms(db, areaId)).find(({ version }) => version === last?.termsVersion);
  if (!last || !terms) throw new NotFoundError(`tariff of charging in area ${areaId}`);
  const { penaltyPermille, periodSeconds } = terms;
  const { tariffMicroPerKwh } = last;
  const prices = { tariffMicroPerKwh, penaltyPermille: BigInt(penaltyPermille) };
  const auctionMicro = bidMicro({ quantity: bidW, limitPriceMicroPerThousand: limitPriceMicroPerKw });
  const quotaW = demandW + bidW;
  const depositMicro = depositNeededMicro({ prices, periodSeconds, demandW, quotaW, auctionMicro });
  const parts = {
    feeMicro: feeMicro(prices, energyWhOf(quotaW, periodSeconds)),
    penaltyMicro: penaltyMicro(prices, energyWhOf(demandW, periodSeconds)),
    auctionMicro,
  };
  return {
    demandW,
    tariffMicroPerKwh: String(tariffMicroPerKwh),
    tariffOfPeriod: last.period,
    penaltyPermille,
    feeMicro: String(parts.feeMicro),
    penaltyMicro: String(parts.penaltyMicro),
    auctionMicro: String(auctionMicro),
    depositMicro: String(depositMicro),
    sentence: sentenceOf({ ...parts, depositMicro, demandW, currency }),
  };
}

const W_PER_KW = 1_000;

function sentenceOf({
  depositMicro,
  feeMicro: fee,
  penaltyMicro: penalty,
  auctionMicro,
  demandW,
  currency,
}: {
  readonly depositMicro: bigint;
  readonly feeMicro: bigint;
  readonly penaltyMicro: bigint;
  readonly auctionMicro: bigint;
  readonly demandW: number;
  readonly currency: string;
}): string {
  const { money } = moneyWords(currency);
  const bid = auctionMicro > 0n ? `, and at most ${money(auctionMicro)} in the auction` : "";
  return `${money(depositMicro)} are put down for ${demandW / W_PER_KW} kW: ${money(fee)} if all of it is drawn by right, ${money(penalty)} if nothing of it is granted and all of it is drawn nevertheless${bid}. What is not owed comes back.`;
}
