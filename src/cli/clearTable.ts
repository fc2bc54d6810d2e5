import { formatMicro } from "#kernel/units/money.ts";
import { alignColumns } from "./alignColumns.ts";
import type { ClearReport } from "./clearReport.ts";

const DECIMALS = 6;

/** A clearing for people: money in currency units, energy in Wh, one table for the trades and one for the participants. */
export function renderClearing(report: ClearReport): string {
  const sections = [
    renderSummary(report),
    renderTrades(report),
    renderParticipants(report),
    renderRefusals(report),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderSummary({ pricing, clearingPriceMicroPerKwh, clearedWh, welfareMicro }: ClearReport): string {
  const price =
    clearingPriceMicroPerKwh === null
      ? []
      : [["clearing price", money(clearingPriceMicroPerKwh), "currency/kWh"]];
  return alignColumns(
    [
      ["pricing", pricing, ""],
      ...price,
      ["cleared energy", clearedWh, "Wh"],
      ["welfare", money(welfareMicro), "currency"],
    ],
    "lrl",
  );
}

function renderTrades({ trades }: ClearReport): string {
  if (trades.length === 0) return "No bid reaches an offer: nothing is traded.";
  return alignColumns(
    [
      ["buyer", "seller", "energy (Wh)", "price (currency/kWh)", "payment (currency)"],
      ...trades.map((trade) => [
        trade.buyer,
        trade.seller,
        trade.energyWh,
        money(trade.priceMicroPerKwh),
        money(trade.paymentMicro),
      ]),
    ],
    "llrrr",
  );
}

function renderParticipants({ participants, remainderMicro, clearedWh }: ClearReport): string {
  const rows = Object.entries(participants).map(([id, total]) => [
    id,
    total.boughtWh,
    total.soldWh,
    money(total.paymentMicro),
  ]);
  return alignColumns(
    [
      ["participant", "bought (Wh)", "sold (Wh)", "pays (currency)"],
      ...rows,
      ["total", clearedWh, clearedWh, money(remainderMicro)],
    ],
    "lrrr",
  );
}

function renderRefusals({ rejected }: ClearReport): string {
  return rejected.map(({ line, reason }) => `line ${line} is refused: ${reason}`).join("\n");
}

function money(micro: string): string {
  return formatMicro(BigInt(micro), DECIMALS);
}
