import type { SessionPromise } from "./driver.ts";

type Texts = { readonly time: (at: number) => string; readonly money: (micro: string) => string };

/** A vehicle whose driver asks. */
export type Car = {
  readonly capacityWh: number;
  readonly storedWh: number;
  readonly targetWh: number;
  readonly departsAt: number;
};

/** What a station promises, in one sentence: "80 % by 17:30, or 62 % if others come: then you pay less". */
export function promiseWords(
  { alone, crowded, comers }: SessionPromise,
  car: Car,
  { time, money }: Texts,
): string {
  const part = ({ storedWh, fullAt }: SessionPromise["alone"]) =>
    `${percentOf(fullAt === null ? storedWh : car.targetWh, car)} % by ${time(fullAt ?? car.departsAt)}`;
  if (Number(alone.energyWh) === 0)
    return `Nothing by ${time(car.departsAt)}: the station may draw too little for your car now.`;
  const first = part(alone);
  const second = part(crowded);
  if (comers === 0) return `${first}; nobody else can come, all other points are taken.`;
  if (first === second) return `${first}, also if others come.`;
  const isCheaper = BigInt(crowded.costMicro) < BigInt(alone.costMicro);
  const pay = isCheaper
    ? `: then you pay less, ${money(crowded.costMicro)} instead of ${money(alone.costMicro)}`
    : "";
  const worse =
    crowded.fullAt === null ? `${percentOf(crowded.storedWh, car)} %` : `not before ${time(crowded.fullAt)}`;
  return `${first}, or ${worse} if others come${pay}.`;
}

/** Never more than there is. */
function percentOf(wh: number, { capacityWh }: Pick<Car, "capacityWh">): number {
  return Math.floor((wh * 100) / capacityWh);
}
