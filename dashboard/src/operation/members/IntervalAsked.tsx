import type { z } from "zod";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import { MICRO_PER_FINE, roundParts } from "#kernel/units/roundedParts.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Facts } from "../../app/parts/Facts.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { useAreas } from "../../metering/areas.ts";
import { IntervalLink } from "../../metering/IntervalLink.tsx";

/** More than a member has metering points in one interval. */
const MOST_LINES = 20;

/** The interval that a caller asks about: what was metered, what it cost, and why. */
export function IntervalAsked({ account, at }: { account: number; at: number }) {
  const formats = useFormats();
  const areas = useAreas();
  return (
    <Card title={`The interval of ${formats.withZone(at)}`}>
      <Loaded query={areas} what="the areas">
        {({ areas: list }) => (
          <Lines
            account={account}
            at={at}
            seconds={Math.max(...list.map(({ terms }) => terms.intervalSeconds))}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** Intervals begin at whole multiples of their length. */
function Lines({ account, at, seconds }: { account: number; at: number; seconds: number }) {
  const from = Math.floor(at / seconds) * seconds;
  const query = useGet<z.infer<typeof explainedBillWire>>(
    `/v1/participants/${account}/bill?from=${from}&to=${from + seconds}&limit=${MOST_LINES}`,
  );
  return (
    <Loaded query={query} what="the line">
      {({ lines }) =>
        lines.length === 0 ? (
          <Empty>It is not billed yet, or nothing was metered then.</Empty>
        ) : (
          lines.map((line) => (
            <div key={`${line.areaId} ${line.intervalId} ${line.member}`} className="stack">
              <p>
                <strong>{line.reason}</strong>
              </p>
              <Facts
                facts={[
                  {
                    name: "Interval",
                    value: <IntervalLink areaId={line.areaId} intervalId={line.intervalId} />,
                  },
                  { name: "Metered", value: <Metered line={line} /> },
                  { name: "On the bill", value: <Billed line={line} /> },
                ]}
              />
            </div>
          ))
        )
      }
    </Loaded>
  );
}

type Line = z.infer<typeof explainedBillWire>["lines"][number];

function Metered({ line }: { line: Line }) {
  return (
    <>
      <Energy wh={line.importWh} form="fine" /> imported, <Energy wh={line.exportWh} form="fine" /> exported
      {line.isReadingMissing ? "; no reading came in time" : ""}
    </>
  );
}

function Billed({ line }: { line: Line }) {
  if (line.beyondMicro === null) return <>the tariff is not known</>;
  const parts = [BigInt(line.netMicro), BigInt(line.beyondMicro)] as const;
  const shown = roundParts(parts, { unit: MICRO_PER_FINE });
  const [net, beyond] = shown.parts;
  return (
    <>
      <Money micro={parts[0] + parts[1]} shown={shown.total} form="fine" />, of it{" "}
      <Money micro={parts[0]} shown={net ?? parts[0]} form="fine" /> through the account and{" "}
      <Money micro={parts[1]} shown={beyond ?? parts[1]} form="fine" /> by the supplier
    </>
  );
}
