import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import { connectBroker } from "#domains/metering/mqtt/connectBroker.ts";
import { passwordOf } from "#domains/metering/rules/deviceLogin.ts";
import { homeWire } from "#domains/pool/wireHome.ts";
import { outlookWire } from "#domains/pool/wirePriceShapes.ts";
import {
  bestWindow,
  discoveryOf,
  type HomePrices,
  type HomeStates,
  homeSensors,
} from "#world/meters/homeSensors.ts";
import type { MeterPlace } from "./meterPlace.ts";

export type HomeAssistantOptions = {
  /** Address of the broker that Home Assistant listens to. */
  readonly broker: string;
  readonly gateway: string;
  readonly place: MeterPlace;
  readonly deviceKey: Uint8Array;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
};

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_HOUR = 3_600;
const MICRO = 1_000_000;
const WH_PER_KWH = 1_000;
const REQUEST_MS = 15_000;
const WINDOW_HOURS = 2;
const CONNECTING_MS = 500;

/** Tells Home Assistant of a home by MQTT discovery, until `signal`: prices, trades, savings, the agent's plan (R2.50, R6.10). */
export async function tellHomeAssistant(options: HomeAssistantOptions): Promise<void> {
  const { broker, place, everyMs, signal, say } = options;
  const id = `commonwatt_${place.meterId.slice(2, 14)}`;
  const stateTopic = `commonwatt/homes/${id}/state`;
  const availabilityTopic = `commonwatt/homes/${id}/available`;
  const will = { topic: availabilityTopic, payload: "offline", retain: true, qos: 1 } as const;
  const client = await connectBroker(broker, { say, will });
  const retained = { retain: true, qos: 1 } as const;
  try {
    let isKnown = false;
    while (!signal.aborted) {
      // A message to a broker that is away would wait for it.
      if (client.connected) {
        try {
          const { currency, states } = await readHome(options);
          if (!isKnown) {
            const sensors = homeSensors(currency);
            const config = discoveryOf({ id, sensors, stateTopic, availabilityTopic });
            await client.publishAsync(`homeassistant/device/${id}/config`, JSON.stringify(config), retained);
            isKnown = true;
          }
          await client.publishAsync(stateTopic, JSON.stringify(states), retained);
          await client.publishAsync(availabilityTopic, "online", retained);
        } catch (error) {
          if (!signal.aborted) say(`Home Assistant is not told: ${(error as Error).message}`);
        }
      }
      await delay(client.connected ? everyMs : CONNECTING_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    // What is not acknowledged the broker says by itself: the will.
    client.publish(availabilityTopic, "offline", retained);
    await client.endAsync(!client.connected);
  }
}

async function readHome(options: HomeAssistantOptions): Promise<{ currency: string; states: HomeStates }> {
  const { gateway, place, deviceKey } = options;
  const { meterId } = place;
  const password = passwordOf({ meterId, at: Math.floor(Date.now() / MILLIS_PER_SECOND) }, place, deviceKey);
  const authorization = `Basic ${Buffer.from(`${meterId}:${password}`).toString("base64")}`;
  const home = homeWire.parse(
    await getJson(new URL(`/v1/meters/${meterId}/home`, gateway), { authorization }),
  );
  const outlook = async (of: "local" | "blended") => {
    const query = `areaId=${place.areaId}&shape=outlook&side=buy&of=${of}&hours=24`;
    return outlookWire.parse(await getJson(new URL(`/v1/prices?${query}`, gateway), {}));
  };
  const prices = pricesOf(await outlook("local"), await outlook("blended"));
  return { currency: home.currency, states: statesOf(home, prices, place.intervalSeconds) };
}

async function getJson(url: URL, headers: Record<string, string>): Promise<unknown> {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(REQUEST_MS) });
  if (!answer.ok) throw new Error(`${url.pathname}: status ${answer.status}`);
  return answer.json();
}

type Outlook = z.infer<typeof outlookWire>;

function pricesOf(local: Outlook, blended: Outlook): HomePrices {
  const list = ({ prices }: Outlook) =>
    prices.map(({ priceMicroPerKwh }) => Number(priceMicroPerKwh) / MICRO);
  const { meanAbsoluteMicroPerKwh: error } = local.error;
  return {
    startsAt: local.startsAt,
    intervalSeconds: local.intervalSeconds,
    knownUntil: local.knownUntil,
    errorPerKwh: error === null ? null : Number(error) / MICRO,
    local: list(local),
    blended: list(blended),
  };
}

/** States by the keys of {@link homeSensors}. */
export function statesOf(
  home: z.infer<typeof homeWire>,
  prices: HomePrices,
  intervalSeconds: number,
): HomeStates {
  const { today, total, traded, plan } = home;
  const kwh = (wh: string) => Number(wh) / WH_PER_KWH;
  const hours = intervalSeconds / SECONDS_PER_HOUR;
  const tradedWh = traded === null ? 0 : Number(traded.boughtWh) - Number(traded.soldWh);
  const window = bestWindow(prices.blended, prices.intervalSeconds, WINDOW_HOURS);
  const windowAt = window && prices.startsAt + window.first * prices.intervalSeconds;
  const certainty = { known_until: isoOf(prices.knownUntil), forecast_error_per_kwh: prices.errorPerKwh };
  return {
    price_now: prices.local[0] ?? null,
    price_now_attributes: { ...certainty, data: slots(prices, prices.local) },
    price_next: prices.local[1] ?? null,
    blended_price: prices.blended[0] ?? null,
    blended_price_attributes: { ...certainty, data: slots(prices, prices.blended) },
    best_window: windowAt === null ? null : isoOf(windowAt),
    best_window_attributes: window && { hours: WINDOW_HOURS, price_per_kwh: window.mean },
    power_traded: Math.round(tradedWh / hours),
    saving_today: (Number(today.tariffMicro) - Number(today.costMicro)) / MICRO,
    energy_from_community: kwh(total.localImportWh),
    energy_from_grid: kwh(total.gridImportWh),
    energy_to_community: kwh(total.localExportWh),
    energy_to_grid: kwh(total.gridExportWh),
    cost: Number(total.costMicro) / MICRO,
    plan: planText(plan[0]),
    plan_attributes: {
      orders: plan.map(({ startsAt, side, energyWh, limitPriceMicroPerKwh }) => ({
        start_time: isoOf(startsAt),
        side: side === "bid" ? "buy" : "sell",
        energy_kwh: kwh(energyWh),
        limit_price_per_kwh: Number(limitPriceMicroPerKwh) / MICRO,
      })),
    },
  };
}

function planText(order: z.infer<typeof homeWire>["plan"][number] | undefined): string {
  if (!order) return "nothing";
  return `${order.side === "bid" ? "buy" : "sell"} ${Number(order.energyWh) / WH_PER_KWH} kWh`;
}

function slots({ startsAt, intervalSeconds }: HomePrices, prices: readonly number[]) {
  return prices.map((price, i) => ({
    start_time: isoOf(startsAt + i * intervalSeconds),
    end_time: isoOf(startsAt + (i + 1) * intervalSeconds),
    price_per_kwh: price,
  }));
}

function isoOf(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().replace(".000", "");
}
