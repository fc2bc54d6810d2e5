/** One measurement, as it is printed; `ratio` is peerValue / value, null where no peer was measured. */
export type BenchRow = {
  readonly bench: string;
  readonly case: string;
  readonly n: number;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peerValue: number | null;
  readonly ratio: number | null;
};

/** A row with its figures in four digits and the ratio computed. */
export function measuredRow(measured: Omit<BenchRow, "ratio">): BenchRow {
  const { bench, case: measuredCase, n, value, unit, peer, peerValue } = measured;
  return {
    bench,
    case: measuredCase,
    n,
    value: fourDigits(value),
    unit,
    peer,
    peerValue: peerValue === null ? null : fourDigits(peerValue),
    ratio: peerValue === null ? null : fourDigits(peerValue / value),
  };
}

function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
