import { describe, expect, it } from "vitest";
import { CONTRACTS } from "#domains/domains.ts";
import type { ContractSpec } from "./contractSpec.ts";
import { DEPLOYER } from "./contractSpec.ts";
import { orderOfDeployment } from "./deployment.ts";

const spec = (name: string, needs: Partial<ContractSpec> = {}): ContractSpec => ({
  ...{ name, abi: [], bytecode: "0x", links: {} },
  ...needs,
});
const namesOf = (specs: readonly ContractSpec[]) => orderOfDeployment(specs).map(({ name }) => name);

describe("contracts", () => {
  it("stand after those that they are constructed with, else in their order", () => {
    const house = spec("house", { construct: ["registry", "areas"] });
    const areas = spec("areas", { construct: ["registry", "ledger"] });
    const list = [spec("token"), spec("registry", { construct: [DEPLOYER] }), house, spec("ledger"), areas];
    expect(namesOf(list)).toEqual(["token", "registry", "ledger", "areas", "house"]);
  });

  it("stand after the libraries that they are linked to", () => {
    expect(namesOf([spec("market", { links: { MarketLib: [1] } }), spec("marketLib")])).toEqual([
      "marketLib",
      "market",
    ]);
  });

  it("that need each other are a mistake", () => {
    const list = [spec("a", { construct: ["b"] }), spec("b", { construct: ["a"] })];
    expect(() => orderOfDeployment(list)).toThrow("not constructed with itself");
  });

  it("of this system each find what they need", () => {
    const names = namesOf(CONTRACTS);
    expect([...names].sort()).toEqual(CONTRACTS.map(({ name }) => name).sort());
    expect(names.indexOf("clearingHouse")).toBeGreaterThan(names.indexOf("areaRegistry"));
  });
});
