export function MyEnergyPage() {
  return <h1>MyEnergy</h1>;
}
