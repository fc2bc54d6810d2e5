import { AccountLink } from "../../accounts/AccountLink.tsx";
import { useSessionState } from "../../app/api/session.ts";
import { durationText } from "../../app/format/durations.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Time } from "../../app/parts/Time.tsx";

const PERMILLE = 1_000;

/** A fact as its name says: money as money, energy as energy, a hash in short. */
export function FactValue({ name, value }: { name: string; value: unknown }) {
  const { count } = useFormats();
  const fact = useWords().fact(name);
  if (value === null || value === undefined) return "none";
  if (typeof value === "string" && value.startsWith("0x")) return <NamedHash value={value} />;
  const { is, values = {} } = fact;
  if (Object.hasOwn(values, String(value))) return values[String(value)];
  if (!isWhole(value)) return typeof value === "string" ? value : JSON.stringify(value);
  if (name.endsWith("MicroPerKwh")) return <Price micro={value} />;
  if (name.endsWith("Micro")) return <Money micro={value} />;
  if (name.endsWith("Wh")) return <Energy wh={value} />;
  if (name.endsWith("Seconds")) return durationText(Number(value));
  if (is === "permille") return `× ${Number(value) / PERMILLE}`;
  if (is === "account") return <AccountLink account={Number(value)} />;
  if (is === "time") return <Time at={Number(value)} form="withZone" />;
  return count(value);
}

/** A hash or address, with the name of the contract that has it. */
function NamedHash({ value }: { value: string }) {
  const { data } = useSessionState();
  const words = useWords();
  const contract = Object.entries(data?.chain.contracts ?? {}).find(([, address]) => address === value);
  return (
    <span className="row sender">
      {contract ? <span>the {words.contract(contract[0])}’s contract</span> : null}
      <Hash value={value} />
    </span>
  );
}

function isWhole(value: unknown): value is string | number {
  return typeof value === "number"
    ? Number.isInteger(value)
    : typeof value === "string" && /^-?\d+$/.test(value);
}
