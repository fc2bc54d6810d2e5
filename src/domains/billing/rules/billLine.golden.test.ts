import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { beyondMicro, billLine, type TradedReading } from "./billLine.ts";
import { type TariffPrices, tariffMicro } from "./tariff.ts";

const CASES = join(import.meta.dirname, "../../../../cases/billing");

const readCase = (name: string, file: string) => JSON.parse(readFileSync(join(CASES, name, file), "utf8"));

describe("a line of a bill", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input: TradedReading & TariffPrices = readCase(name, "input.json");
    const line = billLine(input);
    const amounts = {
      beyondMicro: beyondMicro(line, input),
      tariffMicro: tariffMicro(input.importWh, input.exportWh, input),
    };
    expect({ ...line, ...amounts }).toEqual(readCase(name, "expected.json"));
  });
});
