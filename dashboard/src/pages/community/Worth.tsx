import type { z } from "zod";
import type { dayWire } from "#api/wireCommunity.ts";
import { useFormats } from "../../format/locale.tsx";
import { Energy, Money } from "../../parts/Amount.tsx";
import { Empty } from "../../parts/States.tsx";
import { Time } from "../../parts/Time.tsx";
import "./Worth.css";

/** The bills of a day with the market and by the tariff alone, and what lies between (R3.9). */
export function Worth({ today }: { today: z.infer<typeof dayWire> }) {
  const formats = useFormats();
  if (today.intervals === 0)
    return <Empty>No interval of today is settled yet; each one adds to the comparison.</Empty>;
  const [tariff, market] = [Number(today.tariffBillMicro), Number(today.marketBillMicro)];
  const widest = Math.max(1, Math.abs(tariff), Math.abs(market));
  const ratio = tariff > 0 ? (tariff - market) / tariff : null;
  return (
    <div className="worth">
      <Bill name="By the tariff alone" micro={today.tariffBillMicro} width={tariff / widest} meaning="grid" />
      <Bill name="With the market" micro={today.marketBillMicro} width={market / widest} meaning="money" />
      <p className="worth-answer">
        <strong>
          <Money micro={today.savingMicro} /> saved
        </strong>
        {ratio === null ? null : ` (${formats.share(ratio)} of the bills)`} since{" "}
        <Time at={today.from} form="time" />, over {formats.count(today.intervals)} settled intervals.
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
  width,
  meaning,
}: {
  name: string;
  micro: string;
  width: number;
  meaning: "grid" | "money";
}) {
  return (
    <div className="worth-bill">
      <div className="row spread">
        <span>{name}</span>
        <strong>
          <Money micro={micro} />
        </strong>
      </div>
      <div className="worth-track" aria-hidden="true">
        <span className={`worth-bar worth-${meaning}`} style={{ width: `${Math.abs(width) * 100}%` }} />
      </div>
      {width < 0 ? <span className="quiet small">a credit: more was earned than paid</span> : null}
    </div>
  );
}
