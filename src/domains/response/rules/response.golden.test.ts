import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settleDelivery } from "./delivery.ts";
import { drPriceOf } from "./drPrice.ts";
import { paymentMicro, settleFinally } from "./finalSettlement.ts";

const CASES = join(import.meta.dirname, "../../../../cases/response");

type Input = Record<
  "priceMicroPerKwh" | "alphaPermille" | "upstreamMicroPerKwh" | "penaltyPermille",
  number
> &
  Record<"demandWh" | "capacityWh" | "newDemandWh", number[]> &
  Record<"importWh" | "exportWh", (number | null)[]>;

describe("golden cases of the final settlement (E7.6, E7.4, R7.19)", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    expect(integersOf(settle(readCase(name, "input.json")))).toEqual(readCase(name, "expected.json"));
  });
});

function settle(input: Input) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const { drMicroPerKwh } = drPriceOf({
    ...input,
    demandWh: sum(input.demandWh),
    capacityWh: sum(input.capacityWh),
  });
  const prices = {
    priceMicroPerKwh: BigInt(input.priceMicroPerKwh),
    drMicroPerKwh: BigInt(drMicroPerKwh),
    upstreamMicroPerKwh: BigInt(input.upstreamMicroPerKwh),
  };
  const commitments = input.demandWh.map((demandWh, i) => ({
    member: i + 1,
    demandWh: BigInt(demandWh),
    capacityWh: BigInt(input.capacityWh[i]!),
    newDemandWh: BigInt(input.newDemandWh[i]!),
  }));
  const settlement = settleFinally(commitments, prices);
  const { prosumers, importWh, upstreamMicro, fundMicro, remainderMicro } = settlement;
  const penaltyPermille = BigInt(input.penaltyPermille);
  const deliveries = prosumers.map((each, i) =>
    settleDelivery(each, meteredOf(input, i), { prices, penaltyPermille }),
  );
  return {
    drMicroPerKwh,
    drWh: prosumers.map(({ drWh }) => drWh),
    servedWh: prosumers.map(({ servedWh }) => servedWh),
    soldWh: prosumers.map(({ soldWh }) => soldWh),
    importWh,
    costMicro: prosumers.map(({ costMicro }) => costMicro),
    paymentMicro: prosumers.map(paymentMicro),
    upstreamMicro,
    fundMicro,
    remainderMicro,
    shortfallWh: deliveries.map(({ shortfallWh }) => shortfallWh),
    undeliveredDrWh: deliveries.map(({ undeliveredDrWh }) => undeliveredDrWh),
    penaltyMicro: deliveries.map(({ penaltyMicro }) => penaltyMicro),
  };
}

function meteredOf({ importWh, exportWh }: Input, i: number) {
  const [imported, exported] = [importWh[i], exportWh[i]];
  return imported == null || exported == null
    ? null
    : { importWh: BigInt(imported), exportWh: BigInt(exported) };
}

function readCase(name: string, file: string) {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8"));
}

function integersOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)));
}
