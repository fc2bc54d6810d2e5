/** The mark of Commonwatt, as the pages have it. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Commonwatt</title><rect width="32" height="32" rx="8" fill="#14684a"/><circle cx="16" cy="11" r="5" fill="#f4b92f"/><path d="M6 25c3-6 7-6 10 0 3-6 7-6 10 0" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`;

/** A head like that of the pages, since the library's bar is not there. */
export const DOCUMENTATION_STYLE = `
.commonwatt-head { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: center; padding: 0.75rem 1.25rem;
  border-bottom: 1px solid #d8ded9; background: #fff; font: 16px/1.4 system-ui, sans-serif; color: #14261e; }
.commonwatt-head a { color: #14684a; }
.commonwatt-head .commonwatt-brand { display: flex; gap: 0.5rem; align-items: center; font-weight: 700;
  text-decoration: none; color: #14261e; }
.swagger-ui .info { margin: 2rem 0; }
.swagger-ui .response-col_links { display: none; }
@media (max-width: 640px) {
  .swagger-ui table.responses-table, .swagger-ui .responses-table tbody, .swagger-ui .responses-table tr,
  .swagger-ui table.responses-table tbody tr td.response-col_status,
  .swagger-ui table.responses-table tbody tr td.response-col_description {
    display: block; width: auto; max-width: 100%; padding: 0.25rem 0; }
  .swagger-ui .response-col_description .model-box { display: block; overflow-x: auto; }
  .swagger-ui .responses-table .responses-header { display: none; }
  .swagger-ui .responses-inner, .swagger-ui .opblock .table-container { padding: 0.75rem; }
}
`;

/** Puts that head before the library's page; the page has no script of its own in it. */
export const DOCUMENTATION_SCRIPT = `
(() => {
  const link = (href, text) => Object.assign(document.createElement("a"), { href, textContent: text });
  const head = document.createElement("header");
  head.className = "commonwatt-head";
  const brand = link("/", "");
  brand.className = "commonwatt-brand";
  const icon = Object.assign(document.createElement("img"), { src: "/docs/static/theme/icon.svg", alt: "", width: 28, height: 28 });
  brand.append(icon, "Commonwatt");
  head.append(brand, link("/", "Back to the pages"), link("/status", "Status"), link("/docs/json", "OpenAPI document"));
  document.body.prepend(head);
})();
`;
