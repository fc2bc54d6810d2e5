import { type Command, Option } from "commander";
import { PRICINGS } from "#kernel/auction/order.ts";
import type { ScenarioRules } from "#world/simulation/scenarioFile.ts";
import { UsageError } from "./exit.ts";

type Section = "market" | "tariff" | null;

/** A rule of a scenario that a flag sets: the flag is its key in words with dashes. */
type RuleFlag = {
  readonly section: Section;
  readonly key: string;
  readonly unit: string;
  readonly says: string;
};

const PRICE = "micro per kWh";
const RULES: readonly RuleFlag[] = [
  { section: null, key: "intervalMinutes", unit: "minutes", says: "length of a delivery interval" },
  {
    section: "market",
    key: "gateClosureMinutes",
    unit: "minutes",
    says: "time from gate closure to delivery",
  },
  {
    section: "market",
    key: "penaltyPermille",
    unit: "thousandths",
    says: "factor on the price of a shortfall",
  },
  { section: "market", key: "gridFeeMicroPerKwh", unit: PRICE, says: "grid fee on local energy" },
  { section: "market", key: "floorMicroPerKwh", unit: PRICE, says: "lowest price of an order" },
  { section: "market", key: "ceilingMicroPerKwh", unit: PRICE, says: "highest price of an order" },
  { section: "market", key: "upstreamPriceMicroPerKwh", unit: PRICE, says: "what replaced energy costs" },
  { section: "market", key: "surplusPriceMicroPerKwh", unit: PRICE, says: "what unconsumed energy brings" },
  {
    section: "tariff",
    key: "feedInMicroPerKwh",
    unit: PRICE,
    says: "the supplier's price for energy fed in",
  },
  {
    section: "tariff",
    key: "retailMicroPerKwh",
    unit: PRICE,
    says: "the supplier's price for energy from the grid",
  },
];

/** Adds flags for the rules of a scenario's market and tariff. */
export function addRuleFlags(command: Command): Command {
  command
    .addOption(new Option("--pricing <rule>", "pricing instead of the scenario's").choices(PRICINGS))
    .addOption(new Option("--forecast <kind>", "what homes know beforehand").choices(["learned", "perfect"]));
  for (const { key, unit, says } of RULES)
    command.option(`--${dashed(key)} <number>`, `${says}, ${unit}`, (text) => wholeNumber(key, unit, text));
  return command;
}

/** The rules that were set; those left out stay as the scenario has them. */
export function rulesOf(options: Readonly<Record<string, unknown>>): ScenarioRules {
  const { pricing, forecast } = options;
  return {
    ...keysOf(null, options),
    ...(typeof forecast === "string" && { forecast }),
    market: { ...keysOf("market", options), ...(pricing !== undefined && { pricing }) },
    tariff: keysOf("tariff", options),
  };
}

function keysOf(section: Section, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const set = RULES.filter((rule) => rule.section === section && options[rule.key] !== undefined);
  return Object.fromEntries(set.map(({ key }) => [key, options[key]]));
}

function wholeNumber(key: string, unit: string, text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new UsageError(`--${dashed(key)} ${text} is not a whole number (${unit})`);
  return value;
}

function dashed(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
