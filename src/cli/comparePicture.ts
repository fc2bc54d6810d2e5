import type { Figure } from "./compareRuns.ts";

/** A run's name and figures, in the same order in all runs. */
export type ComparedRun = { readonly name: string; readonly figures: readonly Figure[] };

const [PANEL_WIDTH, BAR_HEIGHT, GAP, MARGIN, HEAD] = [420, 20, 8, 20, 34] as const;
const [NAME_WIDTH, VALUE_WIDTH] = [130, 80] as const;
const PANELS_A_ROW = 2;
/** Of the longest name that stands beside its bar. */
const MAX_NAME = 20;
const COLOURS = ["#0f766e", "#2563eb", "#a16207", "#7c3aed", "#be123c", "#475569"] as const;

/** Bars of each figure, a panel a figure, as SVG that needs no other file: all bars of a panel begin at zero. */
export function drawComparison(runs: readonly ComparedRun[]): string {
  const figures = runs[0]?.figures ?? [];
  const panelHeight = HEAD + runs.length * (BAR_HEIGHT + GAP) + MARGIN;
  const rows = Math.ceil(figures.length / PANELS_A_ROW);
  const [width, height] = [PANELS_A_ROW * PANEL_WIDTH + MARGIN, rows * panelHeight + MARGIN];
  const panels = figures.map((_, i) => {
    const x = MARGIN + (i % PANELS_A_ROW) * PANEL_WIDTH;
    const y = MARGIN + Math.floor(i / PANELS_A_ROW) * panelHeight;
    return `<g transform="translate(${x} ${y})">${drawPanel(runs, i)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Runs compared">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...panels,
    "</svg>\n",
  ].join("\n");
}

function drawPanel(runs: readonly ComparedRun[], index: number): string {
  const figures = runs.map(({ figures: own }) => own[index] as Figure);
  const [first] = figures;
  const scale = scaleOf(figures.map(({ value }) => value));
  const title = `<text y="14" font-weight="600">${escaped(`${first?.label}, ${first?.unit}`)}</text>`;
  const axis = `<line x1="${scale(0)}" x2="${scale(0)}" y1="${HEAD - GAP}" y2="${HEAD + runs.length * (BAR_HEIGHT + GAP)}" stroke="#94a3b8"/>`;
  const bars = runs.map(({ name }, i) => drawBar({ name, figure: figures[i] as Figure, i, scale }));
  return [title, axis, ...bars].join("");
}

type Bar = { readonly name: string; readonly figure: Figure; readonly i: number; readonly scale: Scale };

function drawBar({ name, figure, i, scale }: Bar): string {
  const y = HEAD + i * (BAR_HEIGHT + GAP);
  const [from, to] = [scale(Math.min(0, figure.value)), scale(Math.max(0, figure.value))];
  const text = y + BAR_HEIGHT - 5;
  return [
    `<text x="0" y="${text}" fill="#334155">${escaped(shortened(name))}</text>`,
    `<rect x="${from}" y="${y}" width="${(to - from).toFixed(1)}" height="${BAR_HEIGHT}" fill="${COLOURS[i % COLOURS.length]}"/>`,
    `<text x="${to + 6}" y="${text}" fill="#0f172a">${escaped(figure.text)}</text>`,
  ].join("");
}

type Scale = (value: number) => number;

/** Places of values between the names and the room for a value's text; zero is always on it. */
function scaleOf(values: readonly number[]): Scale {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = PANEL_WIDTH - MARGIN - NAME_WIDTH - VALUE_WIDTH;
  const span = most - least || 1;
  return (value) => Number((NAME_WIDTH + ((value - least) / span) * room).toFixed(1));
}

function shortened(name: string): string {
  const letters = [...name];
  return letters.length <= MAX_NAME ? name : `${letters.slice(0, MAX_NAME - 1).join("")}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
}
