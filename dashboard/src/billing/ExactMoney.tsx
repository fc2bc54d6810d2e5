import { useFormats } from "../app/format/locale.tsx";

const MICRO_PER_UNIT = 1_000_000;
const DECIMALS = 6;
/** Digits after those of a cent: shown, but quietly. */
const QUIET_DIGITS = 4;

/** Money to the micro, so that a column of it adds up on screen; the part below a cent is quiet. */
export function ExactMoney({ micro }: { micro: bigint }) {
  const { currency } = useFormats();
  const text = formatOf(currency).format(Number(micro) / MICRO_PER_UNIT);
  return (
    <data value={String(micro)} className="exact-money">
      {text.slice(0, -QUIET_DIGITS)}
      <span className="quiet small">{text.slice(-QUIET_DIGITS)}</span>
    </data>
  );
}

function formatOf(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat("en-GB", {
    style: "currency",
    currency,
    minimumFractionDigits: DECIMALS,
    maximumFractionDigits: DECIMALS,
  });
}
