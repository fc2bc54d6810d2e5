/**
 * A straight line over the temperature, y = mean + slope · (T − meanC).
 *
 * @property slope Wh per °C; 0 where all temperatures are the same
 * @property leastC lowest temperature that it was fitted to; the line ends there
 * @property mostC highest
 */
export type TemperatureLine = {
  readonly meanWh: number;
  readonly meanC: number;
  readonly slope: number;
  readonly leastC: number;
  readonly mostC: number;
};

/** Ordinary least squares over points of temperature (°C) and energy (Wh); at least one point. */
export function fitLine(
  points: readonly (readonly [temperatureC: number, energyWh: number])[],
): TemperatureLine {
  const meanOf = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanC, meanWh] = [meanOf(0), meanOf(1)];
  const variance = points.reduce((sum, [c]) => sum + (c - meanC) ** 2, 0);
  const covariance = points.reduce((sum, [c, wh]) => sum + (c - meanC) * (wh - meanWh), 0);
  const temperatures = points.map(([c]) => c);
  return {
    meanWh,
    meanC,
    slope: variance === 0 ? 0 : covariance / variance,
    leastC: Math.min(...temperatures),
    mostC: Math.max(...temperatures),
  };
}

/** Energy at a temperature, Wh; beyond the temperatures that were seen, that of the nearest one. */
export function valueOnLine(
  { meanWh, meanC, slope, leastC, mostC }: TemperatureLine,
  temperatureC: number,
): number {
  return meanWh + slope * (Math.min(mostC, Math.max(leastC, temperatureC)) - meanC);
}
