import type { ReactNode } from "react";
import { Energy, Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Notice } from "../app/parts/States.tsx";
import { itemsOfCharges } from "./charges.ts";
import type { Bill } from "./EnergyFigures.tsx";
import { ExactMoney } from "./ExactMoney.tsx";

type Item = { readonly name: string; readonly note?: ReactNode; readonly micro: bigint };

/** How the total is made: its parts to the micro, which add up on screen, and the tariff alone beside it. */
export function Statement({ bill, summary }: { bill: Bill; summary: string | null }) {
  const items = itemsOf(bill).filter(({ micro }) => micro !== 0n);
  const total = items.reduce((sum, { micro }) => sum + micro, 0n);
  const saving = BigInt(bill.tariffBillMicro) - total;
  return (
    <Card title="How the total is made">
      {summary ? <p>{summary}</p> : null}
      <table className="statement">
        <caption className="visually-hidden">Parts of the bill, to the millionth</caption>
        <tbody>
          {items.map(({ name, note, micro }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {note ? <span className="quiet small"> {note}</span> : null}
              </th>
              <td>
                <ExactMoney micro={micro} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <Sum name="Total" micro={total} />
          <Sum name="By the tariff alone" micro={BigInt(bill.tariffBillMicro)} />
          <Sum
            name={saving < 0n ? "Worse than the tariff alone by" : "Better than the tariff alone by"}
            micro={saving < 0n ? -saving : saving}
          />
        </tfoot>
      </table>
      <p className="quiet small">
        What you pay counts up, what you receive counts down. The quiet digits are below a cent, so that the
        column adds up exactly.
      </p>
      {bill.linesWithoutTariff > 0 ? <TariffUnknown bill={bill} /> : null}
    </Card>
  );
}

function TariffUnknown({ bill }: { bill: Bill }) {
  return (
    <Notice tone="watch">
      <p>
        The tariff of {bill.linesWithoutTariff} intervals is not known here. Their energy beyond the market is
        in no sum; with them left out, the bill is <Money micro={bill.marketBillMicro} />.
      </p>
    </Notice>
  );
}

function Sum({ name, micro }: { name: string; micro: bigint }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <ExactMoney micro={micro} />
      </td>
    </tr>
  );
}

function itemsOf(bill: Bill): Item[] {
  return [
    ...itemsOfCharges(bill.charges).map(({ name, energyWh, micro }) => ({
      name,
      note: energyWh === null ? null : <Energy wh={energyWh} />,
      micro,
    })),
    { name: "From the grid", note: <Energy wh={bill.gridImportWh} />, micro: BigInt(bill.gridMicro) },
    { name: "Fed into the grid", note: <Energy wh={bill.gridExportWh} />, micro: -BigInt(bill.feedInMicro) },
  ];
}
