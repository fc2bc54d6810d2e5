const WH_PER_KWH = 1_000n;

/** Wh as kWh for people, exactly, with two decimals or three: 420n gives "0.42", 1_005n gives "1.005". */
export function formatKwh(energyWh: bigint): string {
  const sign = energyWh < 0n ? "-" : "";
  const size = energyWh < 0n ? -energyWh : energyWh;
  const fraction = (size % WH_PER_KWH).toString().padStart(3, "0").replace(/0$/, "");
  return `${sign}${size / WH_PER_KWH}.${fraction}`;
}
