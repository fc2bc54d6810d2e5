import { AccountLink } from "../../accounts/AccountLink.tsx";
import { useSessionState } from "../../app/api/session.ts";
import { durationText } from "../../app/format/durations.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { wordsOf } from "./eventWords.ts";

/** Names of facts whose own words would puzzle. */
const NAMES: Readonly<Record<string, string>> = {
  areaId: "Area",
  kycHash: "Hash of the identity",
  meterId: "Meter",
  participant: "Address",
  deviceKey: "Device’s key",
  claimPurpose: "Claimed as",
  claimant: "Claimed by",
  payableAt: "Payable from",
  bookRoot: "Root of the book",
  root: "Root of the readings",
  localPriceMicroPerKwh: "Local price",
  supplierMicro: "Supplier’s part",
  remainderMicro: "Left by rounding",
  penaltyPermille: "Factor on a shortfall",
  dso: "Grid operator",
  fund: "Community fund",
  upstreamPriceMicroPerKwh: "Supplier’s price",
  surplusPriceMicroPerKwh: "Price of unused energy",
  floorMicroPerKwh: "Lowest price",
  ceilingMicroPerKwh: "Highest price",
};
const UNIT_SUFFIX = /(MicroPerKwh|Micro|Wh|Seconds)$/;
const ACCOUNTS: ReadonlySet<string> = new Set(["entity", "supplier", "dso", "fund"]);
const TIMES: ReadonlySet<string> = new Set(["payableAt"]);
/** Purposes of a claim, by the numbers of the contract `MeterLedger`. */
const CLAIM_PURPOSES: Readonly<Record<string, string>> = { 1: "energy", 2: "attribute", 3: "flexibility" };
const PERMILLE = 1_000;

/** What a fact is called: its name without the unit, which stands with the value. */
export function factName(name: string): string {
  const words = NAMES[name] ?? wordsOf(name.replace(UNIT_SUFFIX, ""));
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** A fact as its name says: money as money, energy as energy, a hash in short. */
export function FactValue({ name, value }: { name: string; value: unknown }) {
  const { count } = useFormats();
  if (value === null || value === undefined) return "none";
  if (typeof value === "string" && value.startsWith("0x")) return <NamedHash value={value} />;
  if (!isWhole(value)) return typeof value === "string" ? textOf(value) : JSON.stringify(value);
  if (name.endsWith("MicroPerKwh")) return <Price micro={value} />;
  if (name.endsWith("Micro")) return <Money micro={value} />;
  if (name.endsWith("Wh")) return <Energy wh={value} />;
  if (name.endsWith("Seconds")) return durationText(Number(value));
  if (name === "penaltyPermille") return `× ${Number(value) / PERMILLE}`;
  if (name === "claimPurpose") return CLAIM_PURPOSES[value] ?? count(value);
  if (ACCOUNTS.has(name)) return <AccountLink account={Number(value)} />;
  if (TIMES.has(name)) return <Time at={Number(value)} form="withZone" />;
  return count(value);
}

/** A hash or address, with the name of the contract that has it. */
function NamedHash({ value }: { value: string }) {
  const { data } = useSessionState();
  const { poolMarket, clearingHouse, meterLedger, registry } = data?.chain ?? {};
  const names = new Map([
    [poolMarket, "market"],
    [clearingHouse, "clearing house"],
    [meterLedger, "meter ledger"],
    [registry, "registry"],
  ]);
  const name = names.get(value);
  return (
    <span className="row sender">
      {name ? <span>the {name}’s contract</span> : null}
      <Hash value={value} />
    </span>
  );
}

function isWhole(value: unknown): value is string | number {
  return typeof value === "number"
    ? Number.isInteger(value)
    : typeof value === "string" && /^-?\d+$/.test(value);
}

function textOf(value: string): string {
  if (value === "uniform") return "one price for all";
  if (value === "marginal") return "the limit that balances";
  if (value === "midpoint") return "middle of each pair";
  return value;
}
