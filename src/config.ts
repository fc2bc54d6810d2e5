import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "#community/config.ts";

const DEFAULT_PORT = 8080;

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { COMMONWATT_DIRECTORY, COMMONWATT_PASSPHRASE, COMMONWATT_PORT } = environment;
  const port = Number(COMMONWATT_PORT ?? DEFAULT_PORT);
  return {
    directory: resolve(COMMONWATT_DIRECTORY ?? ".commonwatt"),
    isDirectoryGiven: COMMONWATT_DIRECTORY !== undefined,
    passphrase: COMMONWATT_PASSPHRASE ?? null,
    port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : DEFAULT_PORT,
    script: process.argv[1] ?? fileURLToPath(import.meta.url),
    emptyDatabase: fileURLToPath(new URL("./emptyDatabase.tar.gz", import.meta.url)),
    dashboardDirectory: fileURLToPath(new URL("./dashboard", import.meta.url)),
  };
}
