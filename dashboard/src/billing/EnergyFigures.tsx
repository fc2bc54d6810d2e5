import type { z } from "zod";
import type { billWire } from "#domains/billing/wire.ts";
import { MICRO_PER_CENT, roundDifference } from "#kernel/units/roundedParts.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Energy, Money } from "../app/parts/Amount.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { type BillComparison, compareBills } from "./compareBills.ts";

export type Bill = z.infer<typeof billWire>;

/** Sums of a home's own sub-meters; null without them. */
export type Behind = { readonly loadWh: number; readonly pvWh: number; readonly ownPvWh: number } | null;

/** What the amount between the two bills is. */
const COMPARED: Readonly<Record<BillComparison["kind"], string>> = {
  paidLess: "Saved against the tariff alone",
  earnedMore: "Earned more than by the tariff alone",
  earnedInstead: "Better off than by the tariff alone",
  same: "The same as by the tariff alone",
  paidMore: "Paid more than by the tariff alone",
  earnedLess: "Earned less than by the tariff alone",
  paidInstead: "Worse off than by the tariff alone",
};

/** What one paid or earned, saved, got from neighbours, and used of one's own. */
export function EnergyFigures({ bill, behind }: { bill: Bill; behind: Behind }) {
  const formats = useFormats();
  const cost = BigInt(bill.marketBillMicro);
  const tariffMicro = BigInt(bill.tariffBillMicro);
  const { kind, differenceMicro } = compareBills({ tariffMicro, marketMicro: cost });
  // What the tariff alone would have cost is the bill and what was saved: as it is shown, too.
  const shown = roundDifference({ first: tariffMicro, second: cost }, MICRO_PER_CENT);
  return (
    <Figures>
      <Figure
        label={cost < 0n ? "You earned" : "You paid"}
        value={<Money micro={absolute(cost)} shown={absolute(shown.second)} />}
        note={`in the market and to the supplier, ${formats.count(bill.intervals)} intervals`}
        meaning="money"
      />
      <Figure
        label={COMPARED[kind]}
        value={<Money micro={differenceMicro} shown={absolute(shown.difference)} />}
        note={<TariffNote micro={tariffMicro} shown={shown.first} />}
        meaning="money"
      />
      <LocalShare bill={bill} />
      {behind ? <OwnUse behind={behind} /> : <SoldShare bill={bill} />}
    </Figures>
  );
}

function TariffNote({ micro, shown }: { micro: bigint; shown: bigint }) {
  return (
    <>
      without the market you would have {micro < 0n ? "earned" : "paid"}{" "}
      <Money micro={absolute(micro)} shown={absolute(shown)} />
    </>
  );
}

function absolute(micro: bigint): bigint {
  return micro < 0n ? -micro : micro;
}

function LocalShare({ bill }: { bill: Bill }) {
  const imported = Number(bill.importWh);
  return (
    <ShareFigure
      label="From neighbours"
      partWh={imported - Number(bill.gridImportWh)}
      wholeWh={imported}
      words="that came in"
      without="nothing came in from outside"
      meaning="local"
    />
  );
}

function OwnUse({ behind: { pvWh, ownPvWh } }: { behind: NonNullable<Behind> }) {
  return (
    <ShareFigure
      label="Own generation used"
      partWh={ownPvWh}
      wholeWh={pvWh}
      words="generated, used or stored at home"
      without="nothing was generated"
      meaning="sun"
    />
  );
}

function SoldShare({ bill }: { bill: Bill }) {
  const exported = Number(bill.exportWh);
  return (
    <ShareFigure
      label="To neighbours"
      partWh={exported - Number(bill.gridExportWh)}
      wholeWh={exported}
      words="that went out"
      without="nothing went out"
      meaning="local"
    />
  );
}

/** A part of some energy as a percentage, with both in kWh. */
function ShareFigure({
  label,
  partWh,
  wholeWh,
  words,
  without,
  meaning,
}: {
  label: string;
  partWh: number;
  wholeWh: number;
  /** What the whole is. */
  words: string;
  /** Stands there when there is no energy of which it could be a part. */
  without: string;
  meaning: "local" | "sun";
}) {
  const { share } = useFormats();
  if (wholeWh === 0) return <Figure label={label} value="–" note={without} meaning={meaning} />;
  return (
    <Figure
      label={label}
      value={share(partWh / wholeWh)}
      note={
        <>
          <Energy wh={partWh} /> of the <Energy wh={wholeWh} /> {words}
        </>
      }
      meaning={meaning}
    />
  );
}
