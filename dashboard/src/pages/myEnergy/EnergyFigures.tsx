import type { z } from "zod";
import type { billWire } from "#api/wire.ts";
import { useFormats } from "../../format/locale.tsx";
import { Energy, Money } from "../../parts/Amount.tsx";
import { Figure, Figures } from "../../parts/Figure.tsx";

export type Bill = z.infer<typeof billWire>;

/** Sums of a home's own sub-meters; null without them. */
export type Behind = { readonly loadWh: number; readonly pvWh: number; readonly ownPvWh: number } | null;

/** What one paid or earned, saved, got from neighbours, and used of one's own. */
export function EnergyFigures({ bill, behind }: { bill: Bill; behind: Behind }) {
  const formats = useFormats();
  const cost = BigInt(bill.marketBillMicro);
  const saving = BigInt(bill.savingMicro);
  return (
    <Figures>
      <Figure
        label={cost < 0n ? "You earned" : "You paid"}
        value={<Money micro={cost < 0n ? -cost : cost} />}
        note={`in the market and to the supplier, ${formats.count(bill.intervals)} intervals`}
        meaning="money"
      />
      <Figure
        label={saving < 0n ? "More than by the tariff alone" : "Saved against the tariff alone"}
        value={<Money micro={saving < 0n ? -saving : saving} />}
        note={<TariffNote bill={bill} />}
        meaning="money"
      />
      <LocalShare bill={bill} />
      {behind ? <OwnUse behind={behind} /> : <SoldShare bill={bill} />}
    </Figures>
  );
}

function TariffNote({ bill }: { bill: Bill }) {
  const tariff = BigInt(bill.tariffBillMicro);
  return (
    <>
      without the market you would have {tariff < 0n ? "earned" : "paid"}{" "}
      <Money micro={tariff < 0n ? -tariff : tariff} />
    </>
  );
}

function LocalShare({ bill }: { bill: Bill }) {
  const formats = useFormats();
  const imported = Number(bill.importWh);
  const local = imported - Number(bill.gridImportWh);
  return (
    <Figure
      label="From neighbours"
      value={imported > 0 ? formats.share(local / imported) : "–"}
      note={
        imported > 0 ? (
          <>
            <Energy wh={local} /> of the <Energy wh={imported} /> that came in
          </>
        ) : (
          "nothing came in from outside"
        )
      }
      meaning="local"
    />
  );
}

function OwnUse({ behind }: { behind: NonNullable<Behind> }) {
  const formats = useFormats();
  const { pvWh, ownPvWh } = behind;
  return (
    <Figure
      label="Own generation used"
      value={pvWh > 0 ? formats.share(ownPvWh / pvWh) : "–"}
      note={
        pvWh > 0 ? (
          <>
            <Energy wh={ownPvWh} /> of <Energy wh={pvWh} /> used or stored at home
          </>
        ) : (
          "nothing was generated"
        )
      }
      meaning="sun"
    />
  );
}

function SoldShare({ bill }: { bill: Bill }) {
  const formats = useFormats();
  const exported = Number(bill.exportWh);
  const local = exported - Number(bill.gridExportWh);
  return (
    <Figure
      label="To neighbours"
      value={exported > 0 ? formats.share(local / exported) : "–"}
      note={
        exported > 0 ? (
          <>
            <Energy wh={local} /> of the <Energy wh={exported} /> that went out
          </>
        ) : (
          "nothing went out"
        )
      }
      meaning="local"
    />
  );
}
