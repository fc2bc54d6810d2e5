/** A number of the home as Home Assistant shows it; units as it knows them. */
export type HomeSensor = {
  readonly key: string;
  readonly name: string;
  readonly unit: string | null;
  readonly deviceClass: "energy" | "monetary" | "power" | "timestamp" | null;
  readonly stateClass: "total" | "total_increasing" | "measurement" | null;
  /** Whether it has attributes beside its state: the list that it is the first of. */
  readonly hasAttributes: boolean;
};

/** What Home Assistant is told of a home. */
export type HomeStates = {
  readonly [key: string]: string | number | null | { readonly [name: string]: unknown };
};

/** Prices of the hours to come, currency per kWh, the interval that runs now first. */
export type HomePrices = {
  readonly startsAt: number;
  readonly intervalSeconds: number;
  readonly knownUntil: number;
  readonly errorPerKwh: number | null;
  readonly local: readonly number[];
  readonly blended: readonly number[];
};

const sensor = (
  key: string,
  name: string,
  rest: Partial<Omit<HomeSensor, "key" | "name">> = {},
): HomeSensor => ({
  key,
  name,
  unit: null,
  deviceClass: null,
  stateClass: null,
  hasAttributes: false,
  ...rest,
});

/** The sensors of a home; `currency` is the ISO 4217 code that money is in. */
export function homeSensors(currency: string): readonly HomeSensor[] {
  const price = { unit: `${currency}/kWh`, stateClass: "measurement" } as const;
  const energy = { unit: "kWh", deviceClass: "energy", stateClass: "total_increasing" } as const;
  const money = { unit: currency, deviceClass: "monetary", stateClass: "total" } as const;
  return [
    sensor("price_now", "Local price now", { ...price, hasAttributes: true }),
    sensor("price_next", "Local price next", price),
    sensor("blended_price", "Blended price", { ...price, hasAttributes: true }),
    sensor("best_window", "Best window", { deviceClass: "timestamp", hasAttributes: true }),
    sensor("power_traded", "Power traded", { unit: "W", deviceClass: "power", stateClass: "measurement" }),
    sensor("saving_today", "Saving today", money),
    sensor("energy_from_community", "Energy from the community", energy),
    sensor("energy_from_grid", "Energy from the grid", energy),
    sensor("energy_to_community", "Energy to the community", energy),
    sensor("energy_to_grid", "Energy to the grid", energy),
    sensor("cost", "Cost", money),
    sensor("plan", "Agent's plan", { hasAttributes: true }),
  ];
}

const SECONDS_PER_HOUR = 3_600;

/** Where `hours` in a row cost least on average, of the intervals to come; the earliest of equal ones. */
export function bestWindow(
  prices: readonly number[],
  intervalSeconds: number,
  hours: number,
): { readonly first: number; readonly count: number; readonly mean: number } | null {
  const count = Math.max(1, Math.round((hours * SECONDS_PER_HOUR) / intervalSeconds));
  if (prices.length < count) return null;
  let sum = prices.slice(0, count).reduce((total, price) => total + price, 0);
  let best = { first: 0, sum };
  for (let first = 1; first + count <= prices.length; first += 1) {
    sum += (prices[first + count - 1] as number) - (prices[first - 1] as number);
    // Less by more than a sum's rounding.
    if (sum < best.sum - 1e-9) best = { first, sum };
  }
  return { first: best.first, count, mean: best.sum / count };
}

/** The message by which Home Assistant makes a device with these sensors (MQTT discovery of devices). */
export function discoveryOf({
  id,
  sensors,
  stateTopic,
  availabilityTopic,
}: {
  readonly id: string;
  readonly sensors: readonly HomeSensor[];
  readonly stateTopic: string;
  readonly availabilityTopic: string;
}) {
  return {
    device: { identifiers: [id], name: "Energy community", manufacturer: "Commonwatt" },
    origin: { name: "Commonwatt" },
    availability_topic: availabilityTopic,
    components: Object.fromEntries(
      sensors.map(({ key, name, unit, deviceClass, stateClass, hasAttributes }) => [
        key,
        {
          platform: "sensor",
          name,
          unique_id: `${id}_${key}`,
          state_topic: stateTopic,
          value_template: `{{ value_json.${key} }}`,
          ...(unit !== null && { unit_of_measurement: unit }),
          ...(deviceClass !== null && { device_class: deviceClass }),
          ...(stateClass !== null && { state_class: stateClass }),
          ...(hasAttributes && {
            json_attributes_topic: stateTopic,
            json_attributes_template: `{{ value_json.${key}_attributes | tojson }}`,
          }),
        },
      ]),
    ),
  };
}
