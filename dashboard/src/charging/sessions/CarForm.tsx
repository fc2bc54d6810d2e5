import { useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { KWH_DECIMALS, readDecimal } from "../../app/format/readDecimal.ts";
import { DecimalField } from "../../app/parts/DecimalField.tsx";
import type { Car } from "./promiseWords.ts";

/** A car, with what it takes at most. */
export type AskingCar = Car & { readonly mostW: number };

const HALF_HOUR = 1_800;
const DEPARTURES = 48;
/** Four hours from now. */
const USUAL_DEPARTURE = 8;
const MOST_WH = 2_000_000n;
const MOST_W = 1_000_000n;
const PER_CENT = 100;

/** What a driver says of its car; null as long as something of it is none. */
export function useCar(now: number): { readonly car: AskingCar | null; readonly fields: CarFieldsProps } {
  const [texts, setTexts] = useState({ capacity: "60", stored: "30", target: "80", power: "11" });
  const firstDeparture = (Math.floor(now / HALF_HOUR) + 1) * HALF_HOUR;
  const [departure, setDeparture] = useState<number | null>(null);
  const departsAt = departure ?? firstDeparture + USUAL_DEPARTURE * HALF_HOUR;
  const capacityWh = kilo(texts.capacity, MOST_WH);
  const mostW = kilo(texts.power, MOST_W);
  const [stored, target] = [percent(texts.stored), percent(texts.target)];
  const isWhole = capacityWh !== null && mostW !== null && stored !== null && target !== null;
  const of = (share: number) => Math.round(((capacityWh ?? 0) * share) / PER_CENT);
  const car =
    isWhole && target > stored
      ? { capacityWh, mostW, storedWh: of(stored), targetWh: of(target), departsAt }
      : null;
  return { car, fields: { texts, setTexts, firstDeparture, departsAt, setDeparture } };
}

type Texts = Readonly<Record<"capacity" | "stored" | "target" | "power", string>>;

export type CarFieldsProps = {
  readonly texts: Texts;
  readonly setTexts: (texts: { capacity: string; stored: string; target: string; power: string }) => void;
  readonly firstDeparture: number;
  readonly departsAt: number;
  readonly setDeparture: (at: number) => void;
};

export function CarFields({ texts, setTexts, firstDeparture, departsAt, setDeparture }: CarFieldsProps) {
  const formats = useFormats();
  const isAbove = (percent(texts.target) ?? PER_CENT) > (percent(texts.stored) ?? 0);
  const field = (key: keyof Texts, label: string, problem: string | null) => (
    <DecimalField
      label={label}
      text={texts[key]}
      problem={problem}
      onText={(text) => setTexts({ ...texts, [key]: text })}
    />
  );
  return (
    <div className="stack">
      {field(
        "capacity",
        "Battery, kWh",
        kilo(texts.capacity, MOST_WH) === null ? "An energy such as 60." : null,
      )}
      {field("stored", "Charged now, %", percent(texts.stored) === null ? "A number from 0 to 100." : null)}
      {field(
        "target",
        "Wanted, %",
        percent(texts.target) === null
          ? "A number from 0 to 100."
          : isAbove
            ? null
            : "More than is charged now.",
      )}
      {field(
        "power",
        "It takes at most, kW",
        kilo(texts.power, MOST_W) === null ? "A power such as 11." : null,
      )}
      <label className="field">
        <span>I leave at</span>
        <select value={departsAt} onChange={({ target }) => setDeparture(Number(target.value))}>
          {Array.from({ length: DEPARTURES }, (_, i) => firstDeparture + i * HALF_HOUR).map((at) => (
            <option key={at} value={at}>
              {formats.time(at)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function kilo(text: string, most: bigint): number | null {
  const value = readDecimal(text, KWH_DECIMALS);
  return value === null || value <= 0n || value > most ? null : Number(value);
}

function percent(text: string): number | null {
  const value = readDecimal(text, 0);
  return value === null || value < 0n || value > BigInt(PER_CENT) ? null : Number(value);
}
