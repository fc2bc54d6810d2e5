import { Time } from "../app/parts/Time.tsx";

/** A second of the world, told apart from the market's. */
export function WorldTime({ at }: { at: number }) {
  return (
    <>
      <Time at={at} form="withZone" />, by the world’s clock
    </>
  );
}
