/** Days that the mean of the same time looks back over. */
const FORECAST_DAYS = 7;

/** What is left of the newest deviation after one interval. */
const PERSISTENCE = 0.7;

/** A generation ratio outside 0 … this is cut: at dawn a few Wh decide over large ratios. */
const LARGEST_RATIO = 2;

/** Below this expectation (Wh) a generation ratio says nothing. */
const SMALLEST_EXPECTATION_WH = 5;

/**
 * Forecasts load and generation of many homes from their own readings: the mean of the same time of up to seven days
 * before, moved by the newest deviation (`docs/model/forecast.md`, equations 1–4). Constant work per home and interval.
 */
export type Forecaster = {
  /** Takes the readings of an interval, in order, each once: whole Wh, one element a home. */
  observe(index: number, actual: LoadAndPv): void;
  /** Fills `into` with the expectation (Wh, not rounded) for an interval after the newest observed one. */
  forecast(index: number, into: LoadAndPv): void;
};

export type LoadAndPv = { readonly loadWh: Float64Array; readonly pvWh: Float64Array };

/** A forecaster without any reading yet; `slotsPerDay` intervals make a day. */
export function createForecaster({ homes, slotsPerDay }: { homes: number; slotsPerDay: number }): Forecaster {
  const load = createSlotMeans(homes, slotsPerDay);
  const pv = createSlotMeans(homes, slotsPerDay);
  const latest = {
    index: -1,
    loadWh: new Float64Array(homes),
    pvWh: new Float64Array(homes),
    loadDeviationWh: new Float64Array(homes),
    pvRatio: new Float64Array(homes).fill(1),
  };
  return {
    observe(index, actual) {
      const slot = index % slotsPerDay;
      if (load.days(slot) > 0) {
        for (let home = 0; home < homes; home += 1) {
          latest.loadDeviationWh[home] = at(actual.loadWh, home) - load.mean(slot, home);
          const expectedWh = pv.mean(slot, home);
          // In the dark the day's last ratio stands, so that a dull day begins as a dull day.
          if (expectedWh >= SMALLEST_EXPECTATION_WH)
            latest.pvRatio[home] = Math.min(at(actual.pvWh, home) / expectedWh, LARGEST_RATIO);
        }
      }
      load.add(slot, actual.loadWh);
      pv.add(slot, actual.pvWh);
      latest.loadWh.set(actual.loadWh);
      latest.pvWh.set(actual.pvWh);
      latest.index = index;
    },
    forecast(index, into) {
      const slot = index % slotsPerDay;
      if (load.days(slot) === 0) {
        into.loadWh.set(latest.loadWh);
        into.pvWh.set(latest.pvWh);
        return;
      }
      const weight = PERSISTENCE ** (index - latest.index);
      for (let home = 0; home < homes; home += 1) {
        const loadWh = load.mean(slot, home) + weight * at(latest.loadDeviationWh, home);
        into.loadWh[home] = Math.max(0, loadWh);
        into.pvWh[home] = pv.mean(slot, home) * (1 + weight * (at(latest.pvRatio, home) - 1));
      }
    },
  };
}

/** Running means of the last {@link FORECAST_DAYS} values of each slot and home. Sums of whole Wh stay exact. */
function createSlotMeans(homes: number, slotsPerDay: number) {
  const history = new Float64Array(FORECAST_DAYS * slotsPerDay * homes);
  const sum = new Float64Array(slotsPerDay * homes);
  const seen = new Uint32Array(slotsPerDay);
  const days = (slot: number) => Math.min(at(seen, slot), FORECAST_DAYS);
  return {
    days,
    mean: (slot: number, home: number) => at(sum, slot * homes + home) / days(slot),
    add(slot: number, valuesWh: Float64Array) {
      const day = at(seen, slot) % FORECAST_DAYS;
      const oldest = (day * slotsPerDay + slot) * homes;
      const first = slot * homes;
      for (let home = 0; home < homes; home += 1) {
        const valueWh = at(valuesWh, home);
        sum[first + home] = at(sum, first + home) + valueWh - at(history, oldest + home);
        history[oldest + home] = valueWh;
      }
      seen[slot] = at(seen, slot) + 1;
    },
  };
}

/** An element that the loop's bounds guarantee. */
function at(values: Float64Array | Uint32Array, index: number): number {
  return values[index] as number;
}
