import type { z } from "zod";
import type { dayWire } from "#domains/pool/wireCommunity.ts";
import { MICRO_PER_CENT, roundDifference } from "#kernel/units/roundedParts.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { type BillComparison, compareBills } from "../../billing/compareBills.ts";
import "./Worth.css";

/** What all homes together gained or lost; the amount stands before it. */
const WORDS: Readonly<Record<BillComparison["kind"], string>> = {
  paidLess: "saved",
  earnedMore: "more earned",
  earnedInstead: "saved: the homes earned where they would have paid",
  same: "between the two: no difference",
  paidMore: "more paid",
  earnedLess: "less earned",
  paidInstead: "lost: the homes paid where they would have earned",
};

/** The bills of a day with the market and by the tariff alone, and what lies between (R3.9). */
export function Worth({ today }: { today: z.infer<typeof dayWire> }) {
  const formats = useFormats();
  const [tariffMicro, marketMicro] = [BigInt(today.tariffBillMicro), BigInt(today.marketBillMicro)];
  const { kind, differenceMicro } = compareBills({ tariffMicro, marketMicro });
  const shown = roundDifference({ first: tariffMicro, second: marketMicro }, MICRO_PER_CENT).difference;
  const widest = Math.max(1, ...[tariffMicro, marketMicro].map((micro) => Math.abs(Number(micro))));
  const ratio = kind === "paidLess" ? Number(differenceMicro) / Number(tariffMicro) : null;
  return (
    <div className="worth">
      <Bill name="By the tariff alone" micro={tariffMicro} widest={widest} meaning="grid" />
      <Bill name="With the market" micro={marketMicro} widest={widest} meaning="money" />
      <p className="worth-answer">
        <strong>
          <Money micro={differenceMicro} shown={shown < 0n ? -shown : shown} /> {WORDS[kind]}
        </strong>
        {ratio === null ? null : ` (${formats.share(ratio)} of the bills)`} since{" "}
        <Time at={today.from} form="time" />, over {formats.count(today.intervals)} settled{" "}
        {today.intervals === 1 ? "interval" : "intervals"}.
      </p>
      <p className="quiet small">
        Meters took in <Energy wh={today.importWh} /> and gave out <Energy wh={today.exportWh} />;{" "}
        <Energy wh={today.localWh} /> of it went from neighbour to neighbour,{" "}
        {formats.share(today.localShare)}. Grid fees are paid in both.
      </p>
    </div>
  );
}

function Bill({
  name,
  micro,
  widest,
  meaning,
}: {
  name: string;
  micro: bigint;
  widest: number;
  meaning: "grid" | "money";
}) {
  const size = micro < 0n ? -micro : micro;
  return (
    <div className="worth-bill">
      <div className="row spread">
        <span>{name}</span>
        <strong>
          <Money micro={size} /> {micro < 0n ? "earned" : "paid"}
        </strong>
      </div>
      <div className="worth-track" aria-hidden="true">
        <span
          className={`worth-bar worth-${meaning}`}
          style={{ width: `${(Number(size) / widest) * 100}%` }}
        />
      </div>
    </div>
  );
}
