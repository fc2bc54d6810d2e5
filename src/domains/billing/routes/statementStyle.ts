/** The whole style of a statement: on screen a sheet of paper, on paper A4 with rows that stay together. */
export const STATEMENT_STYLE = `
:root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; color: #1b1f23; background: #fff; }
body { max-width: 54rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0.2rem 0 1rem; font-size: 1.7rem; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; break-after: avoid; }
article > header > p { margin: 0; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; margin: 0; }
dt { color: #57606a; }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.85em/1.4 ui-monospace, monospace; }
section { overflow-x: auto; }
article + article { margin-top: 3rem; border-top: 3px double #1b1f23; padding-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0 0.3rem 1.2rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child, .text, .days th:last-child { text-align: left; }
.days th:last-child { white-space: normal; }
th:first-child, td:first-child { padding-left: 0; }
th:not(:first-child):not(.text), td:not(:first-child):not(.text), .days td:first-child { white-space: nowrap; }
td, tbody th { border-top: 1px solid #d0d7de; }
thead th, thead td { border: 0; border-bottom: 2px solid #1b1f23; }
tfoot td { font-weight: 600; }
tfoot tr:first-child td { border-top: 2px solid #1b1f23; }
tr { break-inside: avoid; }
a { color: inherit; }
.lead { font-size: 1.05rem; }
.tax { margin: 0.6rem 0 0; }
.quiet, footer { color: #57606a; font-size: 0.9rem; }
.roots { columns: 15rem auto; padding-left: 1.1rem; font-variant-numeric: tabular-nums; }
@page { size: A4; margin: 16mm 15mm; }
@media print {
  :root { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  article + article { break-before: page; margin: 0; border: 0; padding: 0; }
  section { overflow: visible; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
}
`;
