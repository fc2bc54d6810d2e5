import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { BaselineInputs } from "./baselineInputs.ts";
import type { BaselineMethod } from "./baselineMethod.ts";
import { computeBaseline } from "./computeBaseline.ts";
import { type EventInterval, type EventTerms, settleEvent } from "./eventSettlement.ts";

const CASES = join(import.meta.dirname, "../../../../../cases/baselines");

type Baseline = { readonly method: BaselineMethod; readonly inputs: BaselineInputs };
type Numbers<T> = { readonly [K in keyof T]: T[K] extends string ? T[K] : number | null };
type Event = { readonly terms: Numbers<EventTerms>; readonly intervals: readonly Numbers<EventInterval>[] };

it.each(readdirSync(CASES))("golden case %s (R8.38, R8.42, R8.43, AMB-20, AMB-21)", (name) => {
  const input = readCase<Baseline | Event>(name, "input.json");
  const result = "method" in input ? computeBaseline(input.method, input.inputs) : settle(input);
  expect(result).toEqual(readCase(name, "expected.json"));
});

function settle({ terms, intervals }: Event) {
  const settlement = settleEvent(intervals.map(wholes<EventInterval>), wholes<EventTerms>(terms));
  const text = JSON.stringify(settlement, (_, value) => (typeof value === "bigint" ? Number(value) : value));
  return JSON.parse(text) as unknown;
}

function wholes<T extends object>(numbers: Numbers<T>): T {
  const fields = Object.entries(numbers).map(([key, value]) => [
    key,
    typeof value === "number" ? BigInt(value) : value,
  ]);
  return Object.fromEntries(fields) as T;
}

function readCase<T>(name: string, file: string): T {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8")) as T;
}
