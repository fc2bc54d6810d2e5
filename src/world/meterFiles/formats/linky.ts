import { UNFOLDED } from "../unfold.ts";
import { normaliseName } from "../units.ts";
import { hasColumns, type TableFormat } from "./format.ts";

const CURVE = normaliseName(UNFOLDED.linky);
const INDEX = normaliseName(UNFOLDED.linkyIndex);

/** Enedis' files of a Linky meter, as they come from a customer's account: mean power until the time that is written, or states of the counter at it. */
export const linky: TableFormat = {
  kind: "table",
  name: "linky",
  title: "Enedis, Linky meter",
  recognises: (table) => hasColumns(table, [CURVE]) || hasColumns(table, [INDEX]),
  hints: (table) => ({
    zone: "Europe/Paris",
    times: hasColumns(table, [CURVE]) ? "end" : "start",
    columns: {
      [CURVE]: { is: "time" },
      [INDEX]: { is: "time" },
      prm: { is: "meter" },
      ...Object.fromEntries(
        table.columns.flatMap(({ key }) => {
          const is = key.startsWith("soutirage") ? "import" : key.startsWith("injection") ? "export" : null;
          return is === null ? [] : [[key, { is, values: key.includes("index") ? "register" : "interval" }]];
        }),
      ),
    },
  }),
};
