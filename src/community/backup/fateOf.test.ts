import { expect, it } from "vitest";
import { fateOf } from "./fateOf.ts";

it.each([
  ["an archive that went further", "readings/a.archive", "one, two", "one", "stays"],
  ["an archive as it was", "readings/a.archive", "one", "one", "stays"],
  ["an archive that was cut off", "readings/a.archive", "one", "one, two", "shorter"],
  ["an archive that is damaged", "readings/a.archive", "onf, two", "one", "other"],
  ["a record that was replaced", "agents.json", "two", "one", "stays"],
  // An older one would not know what was sent since.
  ["a journal that was tidied", "senders/0x01.journal", "two", "one, two", "stays"],
])("of %s", (_, name, there, backed, fate) => {
  expect(fateOf(name, Buffer.from(there), Buffer.from(backed))).toBe(fate);
});
