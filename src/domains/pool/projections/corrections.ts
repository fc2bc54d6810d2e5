import { movedIn } from "#domains/accounts/projections/moveMoney.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { writeBillLines } from "#domains/billing/projections/bills.ts";
import { addCharge } from "#domains/billing/projections/charges.ts";
import { writeGridFee } from "#domains/billing/projections/gridFees.ts";
import { readingsOfMembers } from "#domains/metering/projections/openedReadings.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { correctPosition, energyOfWord } from "#domains/pool/rules/correction.ts";
import { localEnergy } from "#domains/pool/rules/localEnergy.ts";
import { CORRECTION, GRID_FEE } from "#domains/pool/rules/poolCharges.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { changeInterval, intervalOf } from "./intervals.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { holdingsOf } from "./positions.ts";
import { areaOf, pricesOf } from "./terms.ts";

/**
 * A corrected reading settled: its difference is a charge of its own beside those of the settlement, the line shows what the meter
 * registered after all, and the money that moved for it is the interval's.
 */
export async function projectPositionCorrected({
  tx,
  event,
  sources,
}: PoolProjection<"positionCorrected">): Promise<void> {
  const { areaId, intervalId, member, supplierMicro, gridFeeMicro: moreFeeMicro } = event;
  const interval = await intervalOf(tx, event);
  const gridFeeMicro = interval.gridFeeMicro + moreFeeMicro;
  await changeInterval(tx, event, { gridFeeMicro });
  await writeGridFee(tx, interval, { kind: GRID_FEE, amountMicro: gridFeeMicro });
  claimTransfers(tx, event);
  const holdings = await holdingsOf(tx, { areaId, intervalId, attempt: interval.attempt });
  const holding = holdings.find((each) => each.member === member);
  if (holding === undefined) return;
  const { account } = holding;
  const amountMicro = supplierMicro + moreFeeMicro;
  await addCharge(tx, interval, { kind: CORRECTION, member, account, energyWh: null, amountMicro });
  const prices = pricesOf(await areaOf(tx, event), interval);
  const { settlement } = correctPosition(holding, event, prices);
  const known = (await readingsOfMembers(tx, event, [member])).get(member);
  const { importWh, exportWh } = known ?? energyOfWord(event.corrected);
  await writeBillLines(tx, {
    interval,
    tariff: sources.tariffOf(areaId, intervalId),
    lines: [
      {
        reading: { member, account, importWh: Number(importWh), exportWh: Number(exportWh) },
        local: localEnergy({
          boughtWh: Number(holding.boughtWh),
          soldWh: Number(holding.soldWh),
          shortfallWh: Number(settlement.shortfallWh),
          unconsumedWh: Number(settlement.unconsumedWh),
        }),
      },
    ],
  });
}

/** The transfers of a transaction stand before what they were for: they are given its interval, and the member's its cause. */
function claimTransfers(tx: Queryable, event: PoolEvent<"positionCorrected">): void {
  const { areaId, intervalId, member, logIndex, transactionHash } = event;
  const own = seatOf({ areaId, member });
  const moved = movedIn(tx);
  moved.forEach((row, i) => {
    const isBefore = row.transactionHash === transactionHash && row.logIndex < logIndex;
    if (!isBefore || row.kind !== "transferred" || row.intervalId !== null) return;
    moved[i] = { ...row, kind: row.seat === own ? "corrected" : row.kind, areaId, intervalId };
  });
}
