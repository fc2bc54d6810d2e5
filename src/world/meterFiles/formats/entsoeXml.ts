import { instantTimes } from "../instants.ts";
import { FileRefusedError } from "../question.ts";
import type { TextFormat } from "./format.ts";
import { child, childrenOf, type Element, parseXml, textAt } from "./xml.ts";

const MICRO_PER_KWH_OF_EUR_PER_MWH = 1_000;

/** ENTSO-E's day-ahead prices (Publication_MarketDocument): positions within a period; one that is left out repeats the one before. */
export const entsoeXml: TextFormat = {
  kind: "text",
  name: "entsoe-xml",
  title: "ENTSO-E transparency platform, XML",
  recognises: (text) => /<Publication_MarketDocument[\s>]/.test(text),
  read(text) {
    const series = childrenOf(child(parseXml(text), "Publication_MarketDocument"), "TimeSeries");
    const unit = textAt(series[0], "price_Measure_Unit.name");
    if (unit !== "MWH") throw new FileRefusedError(`its prices are per "${unit}", not per MWh`);
    const points = series.flatMap((each) => childrenOf(each, "Period")).flatMap(readPeriod);
    if (points.length === 0) throw new FileRefusedError("it has no prices");
    const times = instantTimes(
      Float64Array.from(points, ({ at }) => at),
      points.map((_, at) => at + 1),
    );
    const values = Float64Array.from(points, ({ price }) => price * MICRO_PER_KWH_OF_EUR_PER_MWH);
    const currency = textAt(series[0], "currency_Unit.name");
    return [
      {
        meter: null,
        columns: [
          {
            name: "price.amount",
            role: "wholesale",
            quantity: "price",
            unit: `${currency}/MWh`,
            isRegister: false,
            values,
            times,
          },
        ],
        zone: null,
        times: "start",
        stepSeconds: points[0]?.seconds ?? null,
        rows: points.length,
        refused: [],
        facts: [{ what: '"price.amount"', says: `wholesale, ${currency}/MWh, price`, because: "the format" }],
        warnings: [],
      },
    ];
  },
};

type Point = { readonly at: number; readonly seconds: number; readonly price: number };

function readPeriod(period: Element): readonly Point[] {
  const start = Date.parse(textAt(period, "timeInterval", "start")) / 1_000;
  const end = Date.parse(textAt(period, "timeInterval", "end")) / 1_000;
  const seconds = Number(/^PT(\d+)M$/.exec(textAt(period, "resolution"))?.[1]) * 60;
  const given = new Map(
    childrenOf(period, "Point").map((point) => [
      Number(textAt(point, "position")),
      Number(textAt(point, "price.amount")),
    ]),
  );
  const count = Math.round((end - start) / seconds);
  let price = Number.NaN;
  return Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, at) => {
    price = given.get(at + 1) ?? price;
    return { at: start + at * seconds, seconds, price };
  });
}
