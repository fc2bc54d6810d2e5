/** Pads the cells of each column to its widest one; `alignment` has an l or r for each column. */
export function alignColumns(rows: readonly (readonly string[])[], alignment: string): string {
  const widths = Array.from(alignment, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? "")), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const padding = " ".repeat((widths[column] ?? 0) - widthOf(cell));
          return alignment[column] === "r" ? padding + cell : cell + padding;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Characters as people count them: code points. */
function widthOf(cell: string): number {
  return [...cell].length;
}
