import { z } from "zod";
import { type ReadStates, whOf } from "./registerStates.ts";

const UNITS = { Wh: 1, kWh: 1_000, MWh: 1_000_000 } as const;

/**
 * One register as a topic of MQTT has it: where in the message it stands (`ENERGY.Total`; nothing where the message is the number
 * itself), its unit, and its direction. Registers of one direction, such as tariffs or phases, add up.
 */
const register = z.strictObject({
  topic: z.string().min(1),
  path: z.string().min(1).optional(),
  unit: z.enum(["Wh", "kWh", "MWh"]),
  direction: z.enum(["import", "export"]),
});

export const registerTemplate = z
  .strictObject({ registers: z.array(register).min(1).max(32) })
  .refine(({ registers }) => registers.some(({ direction }) => direction === "import"), {
    message: "no register of direction import",
  });
export type RegisterTemplate = z.infer<typeof registerTemplate>;

/** The newest value of each register of a template, Wh, null before its first. */
export type TemplateValues = readonly (number | null)[];

/** Values before any message. */
export function noValues({ registers }: RegisterTemplate): TemplateValues {
  return registers.map(() => null);
}

/** Topics to subscribe to, each once. */
export function topicsOf({ registers }: RegisterTemplate): readonly string[] {
  return [...new Set(registers.map(({ topic }) => topic))];
}

/** Values after a message, and the registers' sums once all of them are known; a fault where the message lacks one that it should have. */
export function takeMessage(
  { registers }: RegisterTemplate,
  values: TemplateValues,
  { topic, text }: { readonly topic: string; readonly text: string },
): { readonly values: TemplateValues; readonly states: ReadStates | null } {
  const next = [...values];
  for (const [i, { topic: own, path, unit }] of registers.entries()) {
    if (!matches(own, topic)) continue;
    const value = numberAt(text, path);
    if (value === null) {
      const place = path === undefined ? "the message" : `"${path}"`;
      return { values, states: { fault: `${topic}: ${place} is not a number of ${unit}` } };
    }
    next[i] = unit === "Wh" ? value : whOf((value * UNITS[unit]) / UNITS.kWh);
  }
  if (next.some((value) => value === null)) return { values: next, states: null };
  const sumOf = (direction: "import" | "export") =>
    registers.reduce((sum, each, i) => (each.direction === direction ? sum + (next[i] ?? 0) : sum), 0);
  return {
    values: next,
    states: { importWh: sumOf("import"), exportWh: sumOf("export"), saidAt: null },
  };
}

/** Whether a topic is one of a filter with `+` and `#`. */
function matches(filter: string, topic: string): boolean {
  const levels = filter.split("/");
  const named = topic.split("/");
  for (const [i, level] of levels.entries()) {
    if (level === "#") return true;
    if (level !== "+" && level !== named[i]) return false;
    if (named[i] === undefined) return false;
  }
  return levels.length === named.length;
}

/** The number at a path of names and positions; null where there is none. */
function numberAt(text: string, path: string | undefined): number | null {
  if (path === undefined) return numberOf(text.trim());
  let at: unknown = parsed(text);
  let rest = path;
  while (rest !== "") {
    if (typeof at !== "object" || at === null) return null;
    const fields = at as Record<string, unknown>;
    // A name may hold dots and colons: the longest that there is counts.
    const name = Object.keys(fields)
      .filter((key) => rest === key || rest.startsWith(`${key}.`))
      .sort((a, b) => b.length - a.length)[0];
    if (name === undefined) return null;
    at = fields[name];
    rest = rest.slice(name.length + 1);
  }
  return numberOf(at);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "string" && value === "") return null;
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? number : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
