import { useFormats } from "../app/format/locale.tsx";

/** Power in kW; the exact W on pointing. */
export function Power({ w, isSigned = false }: { w: number; isSigned?: boolean }) {
  const formats = useFormats();
  return (
    <data value={String(w)} title={`${formats.count(w)} W`}>
      {isSigned && w > 0 ? "+" : ""}
      {formats.capacity(w)}
    </data>
  );
}

/** A price of quota, per kW and period; the exact micro on pointing. */
export function QuotaPrice({ micro }: { micro: string }) {
  const formats = useFormats();
  return (
    <data value={micro} title={`${formats.count(micro)} micro ${formats.currency} per kW and period`}>
      {formats.barePrice(micro)}
      <span className="unit">/kW</span>
    </data>
  );
}
