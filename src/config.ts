import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What the environment says, and where the program lies; nothing else of the program reads it. */
export type Config = {
  /** Where networks, databases and archives live: COMMONWATT_DIRECTORY, by default `.commonwatt` here. */
  readonly directory: string;
  /** Passphrase of key files: COMMONWATT_PASSPHRASE; null when it is not set. */
  readonly passphrase: string | null;
  /** Port of the API and the page: COMMONWATT_PORT, by default 8080. */
  readonly port: number;
  /** The program's own file, to run another of its commands in a process of its own. */
  readonly script: string;
  /** A dump of a database without tables, which the build puts beside the program. */
  readonly emptyDatabase: string;
  /** The dashboard, which the build puts beside the program; not there in a source tree. */
  readonly dashboardDirectory: string;
};

const DEFAULT_PORT = 8080;

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { COMMONWATT_DIRECTORY, COMMONWATT_PASSPHRASE, COMMONWATT_PORT } = environment;
  const port = Number(COMMONWATT_PORT ?? DEFAULT_PORT);
  return {
    directory: resolve(COMMONWATT_DIRECTORY ?? ".commonwatt"),
    passphrase: COMMONWATT_PASSPHRASE ?? null,
    port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : DEFAULT_PORT,
    script: process.argv[1] ?? fileURLToPath(import.meta.url),
    emptyDatabase: fileURLToPath(new URL("./emptyDatabase.tar.gz", import.meta.url)),
    dashboardDirectory: fileURLToPath(new URL("./dashboard", import.meta.url)),
  };
}
