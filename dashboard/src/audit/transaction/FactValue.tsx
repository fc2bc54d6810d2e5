import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { durationText } from "#kernel/units/durations.ts";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { whenTold } from "../../app/api/answer.ts";
import { useSessionState } from "../../app/api/session.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Time } from "../../app/parts/Time.tsx";

const PERMILLE = 1_000;

/** A fact as its name says: money as money, energy as energy, a hash in short. */
export function FactValue({ kind, name, value }: { kind: string; name: string; value: unknown }) {
  const { count, capacity } = useFormats();
  const fact = useWords().fact(name, kind);
  if (value === null || value === undefined) return "none";
  if (typeof value === "string" && value.startsWith("0x")) return <NamedHash value={value} />;
  const { is, values = {} } = fact;
  if (Object.hasOwn(values, String(value))) return values[String(value)];
  if (!isWhole(value)) return typeof value === "string" ? value : JSON.stringify(value);
  if (name.endsWith("MicroPerKwh")) return <Price micro={value} />;
  if (name.endsWith("Micro")) return <Money micro={value} />;
  if (name.endsWith("Wh")) return <Energy wh={value} />;
  if (name.endsWith("W")) return capacity(value);
  if (name.endsWith("Seconds")) return durationText(Number(value));
  if (is === "permille") return `× ${Number(value) / PERMILLE}`;
  if (is === "account") return <AccountLink account={Number(value)} />;
  if (is === "seat") return seatWords(Number(value));
  if (is === "bits") return count(bitsSet(BigInt(value)));
  if (is === "time") return <Time at={Number(value)} form="withZone" />;
  return count(value);
}

/** A hash or address, with the name of the contract that has it. */
function NamedHash({ value }: { value: string }) {
  const contracts = whenTold(useSessionState(), ({ chain }) => chain.contracts, {});
  const words = useWords();
  const contract = Object.entries(contracts).find(([, address]) => address === value);
  return (
    <span className="row sender">
      {contract ? <span>the {words.contract(contract[0])}’s contract</span> : null}
      <Hash value={value} />
    </span>
  );
}

function seatWords(seat: number): string {
  return `member ${memberOfSeat(seat)} of area ${areaOfSeat(seat)}`;
}

function bitsSet(bits: bigint): number {
  return bits.toString(2).replaceAll("0", "").length;
}

function isWhole(value: unknown): value is string | number {
  return typeof value === "number"
    ? Number.isInteger(value)
    : typeof value === "string" && /^-?\d+$/.test(value);
}
