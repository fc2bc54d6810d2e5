// Says which imports go up or sideways by the table of levels: what the linter's patterns cannot say, relative paths and
// folders within folders among it. Tests and fixtures may look at everything.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const IMPORT = /(?:(?:^|\n)(?:import|export)\b[^;'"]*?from |\bimport\()"([^"]+)"/g;

/** One sentence for each import that does not go to a lower level, except those that the table lists as exceptions. */
export function findImportsUp(root, { levels: below, pages, exceptions }) {
  const levels = [...below, ...pages];
  const files = ["src", "dashboard/src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => /\.tsx?$/.test(file) && !/\.(test|fixture|reference)\.ts$/.test(file))
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`),
  );
  const faults = [];
  for (const file of files) {
    for (const target of importsOf(root, file)) {
      const edge = `${file} -> ${target}`;
      const [from, to] = [placeOf(levels, file), placeOf(levels, target)];
      if (from === null) faults.push(`${file} stands on no level (scripts/layers.json)`);
      else if (
        to !== null &&
        from.folder !== to.folder &&
        to.level >= from.level &&
        !exceptions.includes(edge)
      )
        faults.push(`${edge}: ${to.level > from.level ? "upwards" : "sideways"}`);
    }
  }
  return faults;
}

function importsOf(root, file) {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(IMPORT)].flatMap(([, name]) => {
    if (name.startsWith("#")) return [`src/${name.slice(1)}`];
    return name.startsWith(".")
      ? [relative(root, resolve(root, file, "..", name)).replaceAll("\\", "/")]
      : [];
  });
}

/** The level of a file: that of the longest path in the table that it is, or is in. */
function placeOf(levels, file) {
  let found = null;
  for (const [level, folders] of levels.entries())
    for (const folder of folders)
      if ((file === folder || file.startsWith(`${folder}/`)) && (found?.folder.length ?? 0) < folder.length)
        found = { level, folder };
  return found;
}
