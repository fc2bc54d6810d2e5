import { createRequire } from "node:module";
import { DomainError } from "#kernel/units/domainError.ts";

/** npm's names of the packages that hold the program, one a platform (`@foundry-rs/anvil`, optional dependencies). */
const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "@foundry-rs/anvil-linux-amd64",
  "linux-arm64": "@foundry-rs/anvil-linux-arm64",
  "darwin-x64": "@foundry-rs/anvil-darwin-amd64",
  "darwin-arm64": "@foundry-rs/anvil-darwin-arm64",
  "win32-x64": "@foundry-rs/anvil-win32-amd64",
  // Windows on arm64 runs x64 programs.
  "win32-arm64": "@foundry-rs/anvil-win32-amd64",
};

/**
 * The path of the anvil program for a platform, as npm installed it.
 *
 * @throws AnvilMissingError naming the platform and its package
 */
export function anvilBinaryPath(platform = `${process.platform}-${process.arch}`): string {
  const packageName = PACKAGES[platform];
  if (packageName === undefined) throw new AnvilMissingError(platform, null);
  const program = platform.startsWith("win32") ? "anvil.exe" : "anvil";
  try {
    return createRequire(import.meta.url).resolve(`${packageName}/bin/${program}`);
  } catch (cause) {
    throw new AnvilMissingError(platform, packageName, { cause });
  }
}

export class AnvilMissingError extends DomainError {
  readonly code = "anvilMissing";

  constructor(platform: string, packageName: string | null, options?: ErrorOptions) {
    super(
      packageName === null
        ? `the embedded chain has no program for ${platform}: connect to a chain by --rpc instead`
        : `${packageName}, the embedded chain's program for ${platform}, is not installed: run npm install without --omit=optional`,
      options,
    );
  }
}
