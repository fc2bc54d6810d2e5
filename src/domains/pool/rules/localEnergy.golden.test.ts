import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { beyondMicro, gridEnergy } from "#domains/billing/rules/billLine.ts";
import { type TariffPrices, tariffMicro } from "#domains/billing/rules/tariff.ts";
import { localEnergy, type TradedEnergy } from "./localEnergy.ts";

const CASES = join(import.meta.dirname, "../../../../cases/billing");

const readCase = (name: string, file: string) => JSON.parse(readFileSync(join(CASES, name, file), "utf8"));

describe("a line of a bill", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input: { importWh: number; exportWh: number } & TradedEnergy & TariffPrices = readCase(
      name,
      "input.json",
    );
    const local = localEnergy(input);
    const grid = gridEnergy(input, local);
    const amounts = {
      beyondMicro: beyondMicro(grid, input),
      tariffMicro: tariffMicro(input.importWh, input.exportWh, input),
    };
    expect({ ...local, ...grid, ...amounts }).toEqual(readCase(name, "expected.json"));
  });
});
