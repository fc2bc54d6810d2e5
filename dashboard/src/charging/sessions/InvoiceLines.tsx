import { durationText } from "#kernel/units/durations.ts";
import { MICRO_PER_CENT, roundParts } from "#kernel/units/roundedParts.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { DataTable } from "../../app/parts/DataTable.tsx";
import { Facts } from "../../app/parts/Facts.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Notice } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import type { SessionInvoice } from "./sessions.ts";

type Line = SessionInvoice["lines"][number];

const COMPONENTS: Readonly<Record<Line["component"], string>> = {
  session: "Session",
  energy: "Energy",
  time: "Time of charging",
  idle: "Standing there afterwards",
};

/** A session's invoice, and how it follows from what the station's meter said and its module signed. */
export function InvoiceLines({ invoice }: { invoice: SessionInvoice }) {
  const { lines, totalMicro, amountMicro } = invoice;
  const shown = roundParts(
    lines.map((line) => BigInt(line.amountMicro)),
    { unit: MICRO_PER_CENT },
  );
  return (
    <div className="stack">
      <DataTable
        caption="Components of the invoice"
        rows={lines.map((line, i) => ({ ...line, shown: shown.parts[i] ?? 0n }))}
        keyOf={({ component, priceMicro }) => `${component} ${priceMicro}`}
        columns={[
          {
            head: "For",
            cell: (line) => (
              <span className="wrapping">
                {COMPONENTS[line.component]}{" "}
                <span className="quiet small">
                  <Quantity line={line} />
                </span>
              </span>
            ),
          },
          {
            head: "Amount",
            isNumber: true,
            cell: (line) => <Money micro={line.amountMicro} shown={line.shown} />,
          },
        ]}
      />
      <p data-invoice-total>
        In all <Money micro={totalMicro} shown={shown.total} />
        {BigInt(amountMicro) < BigInt(totalMicro) ? (
          <>
            ; charged <Money micro={amountMicro} />, the most that was agreed to
          </>
        ) : null}
        , taxes included.
      </p>
      <MeterCheck invoice={invoice} />
      <Meter invoice={invoice} />
    </div>
  );
}

/** How much of it, at which price. */
function Quantity({ line: { component, quantity, priceMicro } }: { line: Line }) {
  const formats = useFormats();
  if (quantity === null || priceMicro === null) return null;
  return component === "energy" ? (
    <>
      <Energy wh={quantity} form="fine" /> at {formats.price(priceMicro)}
    </>
  ) : (
    `${durationText(Number(quantity))} at ${formats.money(priceMicro)}/h`
  );
}

function Meter({ invoice }: { invoice: SessionInvoice }) {
  const { startedAt, endedAt, fromWh, toWh, moduleKey, signature, tariffId } = invoice;
  return (
    <Facts
      facts={[
        {
          name: "From, to",
          value: (
            <>
              <Time at={startedAt} /> – <Time at={endedAt} />
            </>
          ),
        },
        {
          name: "Meter’s register",
          value: (
            <>
              <Energy wh={fromWh} form="fine" /> – <Energy wh={toWh} form="fine" />
            </>
          ),
        },
        { name: "Tariff", value: tariffId },
        {
          name: "Signed by the module",
          value: moduleKey === null ? "not yet: nothing is charged before" : <Hash value={moduleKey} />,
        },
        { name: "Signature", value: signature === null ? "–" : <Hash value={signature} /> },
      ]}
    />
  );
}

/** What the reader can add up itself: register, energy, lines, total. */
function MeterCheck({ invoice: { lines, fromWh, toWh, energyWh, totalMicro } }: { invoice: SessionInvoice }) {
  const formats = useFormats();
  const ofLines = lines
    .filter(({ component }) => component === "energy")
    .reduce((sum, { quantity }) => sum + BigInt(quantity ?? "0"), 0n);
  const added = lines.reduce((sum, { amountMicro }) => sum + BigInt(amountMicro), 0n);
  const risenWh = BigInt(toWh) - BigInt(fromWh);
  const isRight = risenWh === BigInt(energyWh) && ofLines === risenWh && added === BigInt(totalMicro);
  return (
    <Notice tone={isRight ? "good" : "act"}>
      <p data-adds-up={isRight}>
        {isRight
          ? `The register rose by ${formats.fineEnergy(risenWh)}, which is the energy above; the components add up to the total, to the micro.`
          : `This does not add up: the register rose by ${formats.fineEnergy(risenWh)}, the lines have ${formats.fineEnergy(ofLines)}. Dispute it.`}
      </p>
    </Notice>
  );
}
