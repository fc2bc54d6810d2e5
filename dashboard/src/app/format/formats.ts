import { moneyWords } from "#kernel/units/moneyWords.ts";

/** Pages are written in English; numbers and dates follow. */
const LOCALE = "en-GB";
const WH_PER_KWH = 1_000;
const W_PER_KW = 1_000;
const SECONDS_PER_HOUR = 3_600;
/** Seconds that JavaScript's calendar holds. */
const LAST_SECOND = 8_640_000_000_000;

/** Text of figures as a person writes them, in an area's zone and currency. Each has its unit in it. */
export type Formats = {
  readonly timeZone: string;
  readonly currency: string;
  /** Micro as money with cents: €1.23. */
  money(micro: string | bigint | number): string;
  /** The same with three decimals: €0.012. */
  fineMoney(micro: string | bigint | number): string;
  /** Micro per kWh as a price of three decimals: €0.173/kWh. */
  price(microPerKwh: string | bigint | number): string;
  /** The same without its unit: €0.173. */
  barePrice(microPerKwh: string | bigint | number): string;
  /** Wh as kWh: 0.42 kWh; MWh from a thousand on. */
  energy(wh: string | bigint | number): string;
  /** Wh as kWh with three decimals, so that each Wh shows: 0.042 kWh. */
  fineEnergy(wh: string | bigint | number): string;
  /** Mean power over an interval: 1.8 kW. */
  power(wh: string | bigint | number, seconds: number): string;
  /** Capacity of a connection in W: 17.25 kW. */
  capacity(w: string | number): string;
  /** A share of one as a percentage. */
  share(ratio: number): string;
  count(value: string | bigint | number): string;
  /** 18:45 */
  time(unixSeconds: number): string;
  /** 12 May 2025 */
  date(unixSeconds: number): string;
  /** Mon 12 May; with its year where that is another than at `now`. */
  day(unixSeconds: number, now?: number): string;
  /** 12 May 2025, 18:45 */
  dateTime(unixSeconds: number): string;
  /** 12 May 2025, 18:45 CEST */
  withZone(unixSeconds: number): string;
  /** CEST, at that time */
  zone(unixSeconds: number): string;
  /** 18:30–18:45 */
  span(startsAt: number, endsAt: number): string;
};

export function createFormats({ timeZone, currency }: { timeZone: string; currency: string }): Formats {
  const words = moneyWords(currency);
  const threeDecimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 3 });
  const decimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(LOCALE);
  const percent = new Intl.NumberFormat(LOCALE, { style: "percent" });
  const written = (of: "money" | "fineMoney" | "price") => (micro: string | bigint | number) =>
    words[of](typeof micro === "number" ? BigInt(Math.round(micro)) : BigInt(micro));
  const barePrice = written("price");
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(LOCALE, { timeZone, ...options });
    return (unixSeconds: number) =>
      Math.abs(unixSeconds) > LAST_SECOND ? `second ${unixSeconds}` : format.format(unixSeconds * 1_000);
  };
  const time = dates({ hour: "2-digit", minute: "2-digit" });
  const year = dates({ year: "numeric" });
  const day = dates({ weekday: "short", day: "numeric", month: "short" });
  const dayOfYear = dates({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const dateTime = dates({ dateStyle: "medium", timeStyle: "short" });
  const zoneParts = new Intl.DateTimeFormat(LOCALE, { timeZone, timeZoneName: "short" });
  const zone = (unixSeconds: number) =>
    zoneParts.formatToParts(unixSeconds * 1_000).find(({ type }) => type === "timeZoneName")?.value ??
    timeZone;
  return {
    timeZone,
    currency,
    money: written("money"),
    fineMoney: written("fineMoney"),
    price: (micro) => `${barePrice(micro)}/kWh`,
    barePrice,
    energy: (wh) => {
      const kwh = Number(wh) / WH_PER_KWH;
      return Math.abs(kwh) >= 1_000 ? `${decimals.format(kwh / 1_000)} MWh` : `${decimals.format(kwh)} kWh`;
    },
    fineEnergy: (wh) => `${threeDecimals.format(Number(wh) / WH_PER_KWH)} kWh`,
    power: (wh, seconds) => `${oneDecimal.format((Number(wh) * SECONDS_PER_HOUR) / seconds / WH_PER_KWH)} kW`,
    capacity: (w) => `${decimals.format(Number(w) / W_PER_KW)} kW`,
    share: (ratio) => percent.format(ratio),
    count: (value) => whole.format(BigInt(value)),
    time,
    date: dates({ dateStyle: "medium" }),
    day: (unixSeconds, now = unixSeconds) =>
      year(unixSeconds) === year(now) ? day(unixSeconds) : dayOfYear(unixSeconds),
    dateTime,
    withZone: (unixSeconds) => `${dateTime(unixSeconds)} ${zone(unixSeconds)}`,
    zone,
    span: (startsAt, endsAt) => `${time(startsAt)}–${time(endsAt)}`,
  };
}
