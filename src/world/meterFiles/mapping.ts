import { parse } from "yaml";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { ACCEPTABLE, COLUMN_DUTIES, COLUMN_ROLES, type Hints, UNITS } from "./hints.ts";
import { normaliseName } from "./units.ts";

const columnHint = z.strictObject({
  is: z.enum([...COLUMN_ROLES, ...COLUMN_DUTIES]).optional(),
  unit: z.enum(UNITS).optional(),
  values: z.enum(["register", "interval"]).optional(),
  sign: z.literal("turned").optional(),
});

const mapping = z.strictObject({
  format: z.string().optional(),
  meter: z.coerce.string().optional(),
  zone: z.string().optional(),
  decimal: z.enum([",", "."]).optional(),
  dates: z.enum(["dayFirst", "monthFirst"]).optional(),
  times: z.enum(["start", "end"]).optional(),
  skippedHour: z.enum(["placeholder", "standardTime"]).optional(),
  intervalMinutes: z.number().positive().max(1_440).optional(),
  header: z.literal("none").optional(),
  columns: z.record(z.string(), columnHint).optional(),
  accept: z.array(z.enum(ACCEPTABLE)).optional(),
  connectionW: z.number().positive().optional(),
});

/**
 * Reads a mapping file: what is known of a file beside its text (docs/import.md, "Mapping").
 *
 * @param source named in errors
 * @throws MappingError with every key that is wrong
 */
export function parseMapping(text: string, source: string): Hints {
  const parsed = mapping.safeParse(parseYaml(text, source) ?? {});
  if (!parsed.success)
    throw new MappingError(
      source,
      parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`),
    );
  const columns = Object.entries(parsed.data.columns ?? {}).map(
    ([name, hint]) => [/^#\d+$/.test(name) ? name : normaliseName(name), hint] as const,
  );
  return { ...parsed.data, columns: Object.fromEntries(columns) };
}

function parseYaml(text: string, source: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new MappingError(source, [
      cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
    ]);
  }
}

export class MappingError extends DomainError {
  readonly code = "mapping";

  constructor(source: string, faults: readonly string[]) {
    super(`${source} is no mapping: ${faults.join("; ")}`);
  }
}
