import { type ColumnHint, type ColumnRole, isColumnDuty } from "./hints.ts";
import { PLAIN, UNIT_OF, type Unit, unitInName } from "./units.ts";

/**
 * What a column's name says.
 *
 * @property role null where the name gives a unit and no direction
 * @property unit null where the name gives a direction and no unit
 * @property tariff part of a register or of a day that belongs to another: T1 and T2, HT and NT, GC and CL
 * @property isRegister whether the name says that the counter's state stands there
 */
export type Meaning = {
  readonly role: ColumnRole | null;
  readonly unit: Unit | null;
  readonly tariff: boolean;
  readonly isRegister: boolean;
  readonly because: string;
};

const TENTH_MICRO_PER_WH: Unit = { unit: "1e-7 currency/Wh", quantity: "price", factor: 100 };

/** Columns whose name says everything. */
const NAMED: ReadonlyMap<string, readonly [ColumnRole, Unit]> = new Map<string, readonly [ColumnRole, Unit]>([
  ["electricity", ["load", UNIT_OF.W]],
  ["power", ["load", UNIT_OF.W]],
  ["load", ["load", UNIT_OF.W]],
  ["pv", ["pv", UNIT_OF.W]],
  ["gc", ["load", UNIT_OF.kWh]],
  ["cl", ["load", UNIT_OF.kWh]],
  ["gg", ["pv", UNIT_OF.kWh]],
  ["availability", ["available", PLAIN]],
  ["energy_consumed", ["vehicleWh", UNIT_OF.Wh]],
  ["energy_price_in", ["energyIn", TENTH_MICRO_PER_WH]],
  ["energy_price_out", ["energyOut", TENTH_MICRO_PER_WH]],
  ["grid_retail_in", ["gridIn", TENTH_MICRO_PER_WH]],
  ["grid_retail_out", ["gridOut", TENTH_MICRO_PER_WH]],
  ["grid_market_in", ["localGridIn", TENTH_MICRO_PER_WH]],
  ["balancing_price_in", ["balancing", TENTH_MICRO_PER_WH]],
  ["balancing_price_out", ["balancing", TENTH_MICRO_PER_WH]],
  ["levies_price_in", ["leviesIn", TENTH_MICRO_PER_WH]],
  ["levies_price_out", ["leviesOut", TENTH_MICRO_PER_WH]],
]);

const PRICE_ROLES: readonly (readonly [RegExp, ColumnRole])[] = [
  [/^(feed_?in|export|sell|einspeise)/, "feedIn"],
  [/^(retail|import|buy|tariff|verbraucherpreis|arbeitspreis)/, "retail"],
];

/** Roles by the words of a name, the more specific first; their numbers are quoted in messages. */
const WORDS: readonly (readonly [RegExp, ColumnRole])[] = [
  [
    /(^|_)(exported|exports?|feed_?in|fed_?in|[a-z]*einspeisung|einspeis\w*|ruckspeisung|rucklieferung|ruckspeis\w*|lieferung|injection|injectie|teruglever\w*|terug|returned|return|retour|to_grid|surplus|uberschuss\w*|2_8_[012]|[12]_2_29_0|2_29_0|abgabe|eingespeist\w*|restuberschuss|odprowadz\w*|immissione|inyeccion|sold|backflow)(_|$)/,
    "export",
  ],
  [
    /(^|_)(pv|solar|generation|generated|production|produced|[a-z]*produktion|[a-z]*erzeugung|erzeugt\w*|gg|photovolta\w*|opwek\w*|yield|ertrag|produccion)(_|$)/,
    "pv",
  ],
  [
    /(^|_)(imported|imports?|[a-z]*bezug|bezogen\w*|from_grid|delivered|received|afname|levering|grid_usage|grid_consumption|soutir\w*|prelievo|1_8_[012]|1_29_0|zukauf|entnahme|purchased|bought|delivery|afgenomen)(_|$)/,
    "import",
  ],
  [/(^|_)(net|netto|saldo|balance|net_usage|nett)(_|$)/, "net"],
  [
    /(^|_)(load|loads|consumption|consumed|consommation|usage|used|use|home|house|household|demand|[a-z]*verbrauch[a-z]*|verbruik\w*|eigenverbrauch|last|lastgang|consumo|forbrug|forbruk|electricity|non_shiftable_load|gc|cl|usage_kwh|stromverbrauch)(_|$)/,
    "load",
  ],
];

/** Physical columns that are no energy of a household although their name may end in a unit. */
const FOREIGN =
  /(^|_)(battery|batt|powerwall|storage|soc|speicher|akku|temperature|temp|irradiance|ghi|wind|capacity|peak|max|maximum|kvarh|kvar|var|voltage|current|frequency|cost|costs|kosten|notes|charge|discharge|laden|entladen|gas|water|m3|co2|forecast|prognose|limit|installed|ideeller|anteil|eigendeckung|restnetzbezug|restuberschuss\w*|eigenverbrauch|self|status|quality|qualitat|flag)(_|$)/;

const PRICE_WORD =
  /(^|_)(price|prices|preis\w*|spot\w*|wholesale|day_ahead|rrp|marketprice|marktpreis\w*|prijs|tarif\w*)(_|$)/;
const TARIFF =
  /(^|_)(t1|t2|t3|ht|nt|hp|hc|peak|off_?peak|offpeak|tarif_?[12]|tariff_?[12]|tarief_?[12]|high|low|hoog|laag|normal|dal|[12]_8_[12]|gc|cl)(_|$)/;
/** Names that say that a value stands there, and not which. */
const VALUE =
  /^(wert|value|values|read_value|messwert|menge|quantity|energy|energie|reading_value|energiemenge|gemessen)$/;
const REGISTER =
  /(^|_)(register\w*|reading|readings|meter_?stand\w*|zahlerstand\w*|stand|standen|index|cumulative|kumul\w*|total_increasing|counter|odometer|[12]_8_[012]|meterstand\w*)(_|$)/;

/** What a normalised name says of the column; null where it says nothing. */
export function meaningOf(name: string): Meaning | null {
  const named = NAMED.get(name);
  const tariff = TARIFF.test(name);
  if (named !== undefined)
    return { role: named[0], unit: named[1], tariff, isRegister: false, because: "its name" };
  const unit = unitInName(name);
  if (unit?.quantity === "price") return priceMeaning(name, unit);
  if (unit === null && PRICE_WORD.test(name))
    return { role: "wholesale", unit, tariff: false, isRegister: false, because: "the words of its name" };
  const isRegister = REGISTER.test(name);
  if (FOREIGN.test(name) && !(tariff && isRegister)) {
    const isTariffOfEnergy =
      tariff && unit?.quantity === "energy" && !FOREIGN.test(name.replace(/(^|_)peak(_|$)/, "_"));
    if (!isTariffOfEnergy) return null;
  }
  const word = WORDS.find(([pattern]) => pattern.test(name));
  if (unit === null && word === undefined && !VALUE.test(name)) return null;
  const because = word === undefined ? "its name has no direction" : "the words of its name";
  return { role: word?.[1] ?? null, unit, tariff, isRegister, because };
}

function priceMeaning(name: string, unit: Unit): Meaning {
  const role = PRICE_ROLES.find(([pattern]) => pattern.test(name))?.[1] ?? "wholesale";
  return { role, unit, tariff: false, isRegister: false, because: "its unit is that of a price" };
}

/** What a hint says, over what the name says. */
export function withHint(meaning: Meaning | null, hint: ColumnHint | undefined): Meaning | null {
  if (hint === undefined) return meaning;
  const role = isRole(hint.is) ? hint.is : (meaning?.role ?? null);
  const unit = hint.unit === undefined ? (meaning?.unit ?? plainUnit(role)) : UNIT_OF[hint.unit];
  const isRegister = hint.values === undefined ? (meaning?.isRegister ?? false) : hint.values === "register";
  return { role, unit, tariff: meaning?.tariff ?? false, isRegister, because: "it was said" };
}

function plainUnit(role: ColumnRole | null): Unit | null {
  return role === "available" ? PLAIN : null;
}

function isRole(is: ColumnHint["is"]): is is ColumnRole {
  return is !== undefined && !isColumnDuty(is);
}
