/** JSON of facts, with every bigint as a decimal string. */
export function toJson(facts: unknown): string {
  return JSON.stringify(facts, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}
