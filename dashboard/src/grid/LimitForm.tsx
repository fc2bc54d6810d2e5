import { useState } from "react";
import { useFormats } from "../app/format/locale.tsx";
import { readDecimal } from "../app/format/readDecimal.ts";
import { Card } from "../app/parts/Card.tsx";
import { DecimalField } from "../app/parts/DecimalField.tsx";
import type { GridExchange } from "./exchange.ts";
import { hoursText } from "./hoursText.ts";

const KW_DECIMALS = 3;

/** The limit that the loading is measured against: one that the reader assumes, else the connections together. */
export function LimitForm({
  exchange,
  onLimit,
}: {
  exchange: GridExchange;
  onLimit: (limitW: bigint | null) => void;
}) {
  const formats = useFormats();
  const { limit } = exchange;
  const [text, setText] = useState("");
  const read = (typed: string) => {
    const watts = readDecimal(typed, KW_DECIMALS);
    return watts !== null && watts > 0n ? watts : null;
  };
  const change = (typed: string) => {
    setText(typed);
    onLimit(read(typed));
  };
  const problem = text !== "" && read(text) === null ? "A power above zero in kW, such as 40 or 12.5." : null;
  return (
    <Card title="Loading">
      <DecimalField
        label="Limit of the area’s connection, kW (your assumption)"
        text={text}
        problem={problem}
        onText={change}
      />
      <p>
        {limit.basis === "stated"
          ? `Measured against ${formats.capacity(limit.powerW)}, which you assume.`
          : `Measured against ${formats.capacity(limit.powerW)}, all connections in use together: the chain knows no limit of the line or transformer before them.`}{" "}
        {aboveText(exchange)}
      </p>
    </Card>
  );
}

/** Where nothing is measured nothing is said of it. */
function aboveText({ intervals, overLimitSeconds }: GridExchange): string {
  if (intervals === 0) return "Nothing of this time is measured yet.";
  return overLimitSeconds > 0
    ? `Above it for ${hoursText(overLimitSeconds)}.`
    : "Never above it in this time.";
}
