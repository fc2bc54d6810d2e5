export function IntervalPage() {
  return <h1>Interval</h1>;
}
