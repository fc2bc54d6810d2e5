import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AreaTerms, type SettlementPrices, settlementPrices, supplierReserveMicro } from "./area.ts";
import { type MemberSettlement, reserveMicro, settlePosition } from "./settlement.ts";

const CASES = join(import.meta.dirname, "../../../../cases/settlement");

type Input = Record<
  | "localPriceMicroPerKwh"
  | "upstreamPriceMicroPerKwh"
  | "penaltyPermille"
  | "surplusPriceMicroPerKwh"
  | "gridFeeMicroPerKwh",
  number
> &
  Record<"boughtWh" | "soldWh" | "exactPayment" | "importWh" | "exportWh", number[]>;

describe("golden cases", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input: Input = readCase(name, "input.json");
    const prices = pricesOf(input);
    const settled = settleAll(input, prices);
    expect(integersOf(totalsOf(input, prices, settled))).toEqual(readCase(name, "expected.json"));
  });

  it("state books in which everything bought was sold, and every payment goes to somebody", () => {
    for (const name of readdirSync(CASES)) {
      const input: Input = readCase(name, "input.json");
      expect(sum(input.boughtWh.map(BigInt))).toBe(sum(input.soldWh.map(BigInt)));
      expect(sum(input.exactPayment.map(BigInt))).toBe(0n);
    }
  });
});

function readCase(name: string, file: string) {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8"));
}

/** Only the terms that settle; the others are of an area that could have had them. */
function toTerms(input: Input): AreaTerms {
  return {
    intervalSeconds: 900,
    gateClosureSeconds: 300,
    pricing: "midpoint",
    floorMicroPerKwh: BigInt(input.surplusPriceMicroPerKwh),
    ceilingMicroPerKwh: BigInt(input.upstreamPriceMicroPerKwh),
    upstreamPriceMicroPerKwh: BigInt(input.upstreamPriceMicroPerKwh),
    penaltyPermille: BigInt(input.penaltyPermille),
    surplusPriceMicroPerKwh: BigInt(input.surplusPriceMicroPerKwh),
    gridFeeMicroPerKwh: BigInt(input.gridFeeMicroPerKwh),
  };
}

function pricesOf(input: Input): SettlementPrices {
  const localPriceMicroPerKwh = BigInt(input.localPriceMicroPerKwh);
  return settlementPrices(toTerms(input), { localPriceMicroPerKwh, isSupplied: true });
}

function settleAll(input: Input, prices: SettlementPrices) {
  return input.boughtWh.map((boughtWh, i) => {
    const position = {
      boughtWh: BigInt(boughtWh),
      soldWh: BigInt(input.soldWh[i]!),
      exactPayment: BigInt(input.exactPayment[i]!),
    };
    const reading = { importWh: BigInt(input.importWh[i]!), exportWh: BigInt(input.exportWh[i]!) };
    const { netMicro, ...settlement } = settlePosition(position, reading, prices);
    return { ...settlement, paidMicro: netMicro, reserveMicro: reserveMicro(position, prices) };
  });
}

function totalsOf(input: Input, prices: SettlementPrices, settled: ReturnType<typeof settleAll>) {
  const column = (name: Exclude<keyof MemberSettlement, "netMicro"> | "paidMicro" | "reserveMicro") =>
    settled.map((settlement) => settlement[name]);
  const supplierReserve = supplierReserveMicro(sum(input.boughtWh.map(BigInt)), prices);
  return {
    shortfallPriceMicroPerKwh: prices.shortfallMicroPerKwh,
    supplierReserveMicro: supplierReserve,
    reserveMicro: column("reserveMicro"),
    paymentMicro: column("paymentMicro"),
    shortfallWh: column("shortfallWh"),
    shortfallMicro: column("shortfallMicro"),
    unconsumedWh: column("unconsumedWh"),
    surplusMicro: column("surplusMicro"),
    gridFeeMicro: column("gridFeeMicro"),
    paidMicro: column("paidMicro"),
    supplierMicro: supplierReserve + sum(column("shortfallMicro")) - sum(column("surplusMicro")),
    dsoMicro: sum(column("gridFeeMicro")),
    fundMicro: sum(column("paymentMicro")),
  };
}

/** The same with the numbers of JSON; every one of the cases is a safe integer. */
function integersOf(totals: Record<string, bigint | bigint[]>) {
  return Object.fromEntries(
    Object.entries(totals).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(Number) : Number(value),
    ]),
  );
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
