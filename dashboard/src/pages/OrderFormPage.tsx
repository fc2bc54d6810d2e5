export function OrderFormPage() {
  return <h1>OrderForm</h1>;
}
