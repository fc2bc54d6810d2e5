import type { Side } from "#kernel/auction/order.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { formatMicro } from "#kernel/units/money.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { dateTimeText } from "#platform/api/localTime.ts";

/** A participant in a sentence: its name where one is given, and always its account. */
export function accountWords(names: ReadonlyMap<number, string>, account: number): string {
  const name = names.get(account);
  return name === undefined ? `account ${account}` : `${name} (account ${account})`;
}

/** A market area in a sentence: its name, or else its number. */
export function areaWords({ areaNames }: Pick<ApiContext, "areaNames">, areaId: number): string {
  return areaNames.get(areaId)?.name ?? `area ${areaId}`;
}

/** An interval in a sentence, by the time in the area's zone at which it starts, and its number. */
export function intervalWords(
  { timeZone }: Pick<ApiContext, "timeZone">,
  { intervalId, startsAt }: { readonly intervalId: number; readonly startsAt: number },
): string {
  return `interval ${intervalId} (${dateTimeText(startsAt, timeZone)})`;
}

/** An order in a sentence: "a bid of 0.40 kWh at no more than 0.200 a kWh". */
export function orderWords({
  side,
  energyWh,
  limitPriceMicroPerKwh,
}: {
  readonly side: Side;
  readonly energyWh: number | string;
  readonly limitPriceMicroPerKwh: number | string;
}): string {
  const bound = side === "bid" ? "a bid of" : "an offer of";
  const limit = side === "bid" ? "no more than" : "no less than";
  const price = formatMicro(BigInt(limitPriceMicroPerKwh));
  return `${bound} ${formatKwh(BigInt(energyWh))} kWh at ${limit} ${price} a kWh`;
}

/** A number of things: "1 trade", "15 trades". */
export function countWords(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** The same words at the beginning of a sentence. */
export function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
