import { resolve } from "node:path";
import type { Command } from "commander";
import { backUp } from "#community/backup/backUp.ts";
import { restore } from "#community/backup/restore.ts";
import type { Config } from "#community/config.ts";
import { chosenNetwork } from "./chosenNetwork.ts";

/** `commonwatt backup` and `commonwatt restore`. */
export function registerBackup(program: Command, config: Config): void {
  program
    .command("backup <file>")
    .description("write a checked backup of a network, whose community may run meanwhile")
    .option("--network <name>", "a network of this workspace (default: the one used last)")
    .action(async (file: string, { network }: { readonly network?: string }) => {
      const record = chosenNetwork(network, config);
      const to = resolve(file);
      const { head, bytes } = await backUp(config.directory, record, { to, now: new Date() });
      say(
        `${record.name} is in ${to}: ${megabytes(bytes)} MB up to block ${head.block}, unpacked and checked`,
      );
    });
  program
    .command("restore <file>")
    .description("restore a network from a backup; what is there and goes further stays")
    .option("--rpc <url>", "the chain's node, where it is another one than before")
    .action(async (file: string, { rpc }: { readonly rpc?: string }) => {
      const restored = await restore(config.directory, { from: resolve(file), rpcUrl: rpc ?? null });
      for (const name of restored.movedAside) say(`${name} is what was there and went another way`);
      say(`${restored.about.network} is restored as it was on ${restored.about.madeAt}; ${goesOn(restored)}`);
    });
}

function goesOn({ chain, head }: Awaited<ReturnType<typeof restore>>): string {
  if (chain.from === "backup") return `it goes on from block ${head.block}`;
  const further = chain.newest - head.block;
  return further === 0
    ? `the chain that is there ends with the same block, ${head.block}`
    : `the chain that is there goes ${further} blocks further, and the next start catches up`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}
