// Adds to package-lock.json the packages for other platforms that the registry at hand did not know, so that an install
// from the lock works on Linux, macOS and Windows, x64 and arm64. To be run after each change of the dependencies;
// `--check` fails when the lock file lacks one.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const path = join(dirname(fileURLToPath(import.meta.url)), "..", "package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));
const added = [];

for (const [place, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!isExact(range) || isLocked(place, name)) continue;
    lock.packages[`node_modules/${name}`] = platformEntry(name, range, entry);
    added.push(name);
  }
}

if (process.argv.includes("--check")) {
  if (added.length > 0) {
    console.error(`package-lock.json lacks ${added.join(", ")}: node scripts/completeLock.mjs`);
    process.exit(1);
  }
} else {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.error(`added ${added.length} packages of other platforms`);
}

function isExact(range) {
  return /^\d+\.\d+\.\d+/.test(range);
}

/** Whether a package that stands at `place` finds `name`, in its own node_modules or one above. */
function isLocked(place, name) {
  for (let folder = place; ; ) {
    if (lock.packages[`${folder ? `${folder}/` : ""}node_modules/${name}`]) return true;
    if (!folder) return false;
    const above = folder.lastIndexOf("node_modules/");
    folder = above > 0 ? folder.slice(0, above - 1) : "";
  }
}

function platformEntry(name, version, parent) {
  const os = /(darwin|linux|win32|android|freebsd|openharmony|sunos|netbsd|openbsd|aix)/.exec(name)?.[1];
  const cpu = /(arm64|x64|amd64|arm|ia32|ppc64|riscv64|s390x|loong64|mips64el)/.exec(name)?.[1];
  const libc = /-musl/.test(name) ? "musl" : /-gnu|-glibc/.test(name) && os === "linux" ? "glibc" : null;
  return {
    version,
    ...(cpu && { cpu: [cpu === "amd64" ? "x64" : cpu] }),
    ...(parent.dev && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    ...(os && { os: [os] }),
  };
}
