import type { TwoStageReport } from "#world/response/twoStageReport.ts";

/** A line of a panel: a value for each hour. */
type Line = {
  readonly name: string;
  readonly values: readonly number[];
  readonly colour: string;
  readonly isDashed?: boolean;
};

type Panel = {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly kind: "steps" | "bars";
  /** Panels that are to be compared have the same scale. */
  readonly range: Range;
};

type Range = { readonly least: number; readonly most: number };

const [WIDTH, HEIGHT, MARGIN, HEAD, FOOT, LEFT] = [520, 230, 24, 46, 34, 46] as const;
const PANELS_A_ROW = 2;
const HOURS = 24;
const HOUR_MARKS = [0, 6, 12, 18, 24] as const;
const MOST_MARKS = 6;
const [OURS, THEIRS, LOAD] = ["#0f766e", "#b45309", "#2563eb"] as const;

/** Figures 5–9 as SVG that needs no other file: prices under both schemes on two days, then price, load before and load after of the first. */
export function drawTwoStage(report: TwoStageReport): string {
  const panels = panelsOf(report);
  const rows = Math.ceil(panels.length / PANELS_A_ROW);
  const [width, height] = [PANELS_A_ROW * (WIDTH + MARGIN) + MARGIN, rows * (HEIGHT + MARGIN) + MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Two-stage market: prices and loads">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...panels.map((panel, i) => {
      const x = MARGIN + (i % PANELS_A_ROW) * (WIDTH + MARGIN);
      const y = MARGIN + Math.floor(i / PANELS_A_ROW) * (HEIGHT + MARGIN);
      return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
    }),
    "</svg>\n",
  ].join("\n");
}

function panelsOf({ prices, market, load, participation }: TwoStageReport): readonly Panel[] {
  const priceRange = rangeOf([...prices.decentralised, ...prices.centralised, ...market.localWithout].flat());
  const loadRange = rangeOf([...load.stage1, ...load.stage2]);
  const compared = prices.decentralised.map(
    (ours, day): Panel => ({
      title: `Figure ${5 + day}: price paid, day ${day + 1}`,
      unit: "a kWh",
      kind: "steps",
      range: priceRange,
      lines: [
        { name: "market", values: ours, colour: OURS },
        { name: "aggregator", values: prices.centralised[day] ?? [], colour: THEIRS, isDashed: true },
      ],
    }),
  );
  const loadPanel = (title: string, values: readonly number[]): Panel => ({
    title,
    unit: "kWh",
    kind: "bars",
    range: loadRange,
    lines: [{ name: "all prosumers", values, colour: LOAD }],
  });
  return [
    ...compared,
    {
      title: "Figure 7: local price, day 1",
      unit: "a kWh",
      kind: "steps",
      range: priceRange,
      lines: [{ name: "without answers", values: market.localWithout[0] ?? [], colour: OURS }],
    },
    loadPanel("Figure 8: load of the first stage", load.stage1),
    loadPanel(`Figure 9: load when ${Math.round(participation * 100)} % answer`, load.stage2),
  ];
}

function drawPanel({ title, unit, lines, kind, range }: Panel): string {
  const x = (hour: number) => Math.round(LEFT + (hour / HOURS) * (WIDTH - LEFT));
  const y = (value: number) =>
    Number((HEAD + ((range.most - value) / (range.most - range.least)) * (HEIGHT - HEAD - FOOT)).toFixed(1));
  const heading = `<text y="14" font-weight="600" font-size="14">${title}, ${unit}</text>`;
  const legend = lines.map(
    ({ name, colour }, i) =>
      `<rect x="${LEFT + i * 110}" y="25" width="12" height="4" fill="${colour}"/><text x="${LEFT + i * 110 + 17}" y="32" fill="#334155">${name}</text>`,
  );
  const marks = marksOf(range).map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" stroke="${value === 0 ? "#64748b" : "#e2e8f0"}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end" fill="#475569">${shown(value)}</text>`,
  );
  const hours = HOUR_MARKS.map(
    (hour) =>
      `<text x="${x(hour)}" y="${HEIGHT - 14}" text-anchor="${hour === HOURS ? "end" : "middle"}" fill="#475569">${hour}:00</text>`,
  );
  const drawn = lines.map((line) => (kind === "bars" ? drawBars(line, { x, y }) : drawSteps(line, { x, y })));
  return [heading, ...legend, ...marks, ...hours, ...drawn].join("");
}

type Scales = { readonly x: (hour: number) => number; readonly y: (value: number) => number };

/** A price holds for its hour. */
function drawSteps({ values, colour, isDashed = false }: Line, { x, y }: Scales): string {
  const path = values.map((value, hour) => `${hour === 0 ? "M" : "L"}${x(hour)} ${y(value)}H${x(hour + 1)}`);
  return `<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="2"${isDashed ? ' stroke-dasharray="5 4"' : ""}/>`;
}

function drawBars({ values, colour }: Line, { x, y }: Scales): string {
  return values
    .map(
      (value, hour) =>
        `<rect x="${x(hour) + 2}" y="${y(value)}" width="${x(hour + 1) - x(hour) - 4}" height="${(y(0) - y(value)).toFixed(1)}" fill="${colour}"/>`,
    )
    .join("");
}

/** From the least to the most value, zero within, up to whole steps of the marks. */
function rangeOf(values: readonly number[]): Range {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = stepOf({ least, most });
  return { least: Math.floor(least / step) * step, most: Math.ceil(most / step) * step || step };
}

function marksOf(range: Range): number[] {
  const step = stepOf(range);
  const from = Math.round(range.least / step);
  return Array.from({ length: Math.round(range.most / step) - from + 1 }, (_, i) => (from + i) * step);
}

/** 1, 2 or 5 times a power of ten: the least of which no more marks than fit are needed. */
function stepOf({ least, most }: Range): number {
  const rough = (most - least) / MOST_MARKS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10) * power;
}

function shown(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
