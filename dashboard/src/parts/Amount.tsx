import { useFormats } from "../format/locale.tsx";

type Whole = string | bigint | number;

/** Money as a person writes it; the exact micro on pointing. */
export function Money({ micro, isSigned = false }: { micro: Whole; isSigned?: boolean }) {
  const formats = useFormats();
  const sign = isSigned && BigInt(micro) > 0n ? "+" : "";
  return (
    <data value={String(micro)} title={`${grouped(micro)} micro ${formats.currency}`}>
      {sign}
      {formats.money(micro)}
    </data>
  );
}

/** A price per kWh; the exact micro per kWh on pointing. */
export function Price({ micro }: { micro: Whole }) {
  const formats = useFormats();
  return (
    <data value={String(micro)} title={`${grouped(micro)} micro ${formats.currency} per kWh`}>
      {formats.price(micro)}
    </data>
  );
}

/** Energy in kWh; the exact Wh on pointing. */
export function Energy({ wh }: { wh: Whole }) {
  const formats = useFormats();
  return (
    <data value={String(wh)} title={`${grouped(wh)} Wh`}>
      {formats.energy(wh)}
    </data>
  );
}

/** Thousands apart, so that a long number can be read. */
function grouped(value: Whole): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}
