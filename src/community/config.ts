/** What the environment says, and where the program lies; src/config.ts alone reads it. */
export type Config = {
  /** Where networks, databases and archives live: COMMONWATT_DIRECTORY, by default `.commonwatt` here. */
  readonly directory: string;
  /** Whether the environment says that directory. */
  readonly isDirectoryGiven: boolean;
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
