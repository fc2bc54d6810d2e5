import type { ReactNode } from "react";
import { Energy, Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Notice } from "../app/parts/States.tsx";
import { itemsOfCharges } from "./charges.ts";
import type { Bill } from "./EnergyFigures.tsx";
import { shownStatement } from "./shownSums.ts";

type Item = { readonly name: string; readonly note?: ReactNode; readonly micro: bigint };

/** How the total is made: its parts, which add up as they are shown, and the tariff alone beside it. */
export function Statement({ bill, summary }: { bill: Bill; summary: string | null }) {
  const items = itemsOf(bill).filter(({ micro }) => micro !== 0n);
  const total = items.reduce((sum, { micro }) => sum + micro, 0n);
  const tariff = BigInt(bill.tariffBillMicro);
  const shown = shownStatement(
    items.map(({ micro }) => micro),
    tariff,
  );
  return (
    <Card title="How the total is made">
      {summary ? <p>{summary}</p> : null}
      <table className="statement">
        <caption className="visually-hidden">Parts of the bill</caption>
        <tbody>
          {items.map(({ name, note, micro }, i) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {note ? <span className="quiet small"> {note}</span> : null}
              </th>
              <td>
                <Money micro={micro} shown={shown.parts[i] ?? micro} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <Sum name="Total" micro={total} shown={shown.total} />
          <Sum name="By the tariff alone" micro={tariff} shown={shown.tariff} />
          <Sum
            name={tariff < total ? "Worse than the tariff alone by" : "Better than the tariff alone by"}
            micro={sizeOf(tariff - total)}
            shown={sizeOf(shown.saving)}
          />
        </tfoot>
      </table>
      <p className="quiet small">
        What you pay counts up, what you receive counts down. Each figure is rounded to a cent beside it, so
        that the column adds up; “Exact figures” below has them to the micro.
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

function sizeOf(micro: bigint): bigint {
  return micro < 0n ? -micro : micro;
}

function Sum({ name, micro, shown }: { name: string; micro: bigint; shown: bigint }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Money micro={micro} shown={shown} />
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
