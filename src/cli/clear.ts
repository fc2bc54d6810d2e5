import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { auctionOrder } from "#domains/pool/rules/order.ts";
import { parseOrderFile } from "#domains/pool/rules/orderFile.ts";
import { clearBook } from "#kernel/auction/clearing.ts";
import { buildNamedBook } from "#kernel/auction/namedBook.ts";
import { PRICINGS, type Pricing } from "#kernel/auction/order.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { reportClearing } from "./clearReport.ts";
import { renderClearing } from "./clearTable.ts";

type ClearOptions = { orders: string; pricing: Pricing; json?: true };

/** Adds `commonwatt clear` to the program: clears the orders of a CSV file (R9.8, R9.9). */
export function registerClear(program: Command): void {
  program
    .command("clear")
    .description("clear the orders of a CSV file: participant,side,energyWh,limitPriceMicroPerKwh")
    .requiredOption("--orders <file>", "CSV file of bids and offers")
    .addOption(
      new Option(
        "--pricing <rule>",
        "one price for all (uniform, marginal), or the midpoint of each matched pair",
      )
        .choices(PRICINGS)
        .default("midpoint"),
    )
    .option("--json", "print one JSON value instead of tables")
    .allowExcessArguments(false)
    .exitOverride()
    .action(clear);
}

/** Prints the clearing of a file on standard output. */
async function clear({ orders: file, pricing, json }: ClearOptions): Promise<void> {
  const { orders, rejected } = parseOrderFile(await readOrders(file));
  const { book, names } = buildNamedBook(orders.map((order) => auctionOrder({ ...order, sequence: 0 })));
  const report = reportClearing({ book, names, clearing: clearBook(book, pricing), rejected });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderClearing(report));
  if (orders.length === 0 && rejected.length > 0) throw new NoUsableOrderError(file, rejected.length);
}

async function readOrders(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new OrderFileUnreadableError(file, error);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
};

/** The file has orders, and every one was refused: nothing was cleared. */
class NoUsableOrderError extends DomainError {
  readonly code = "noUsableOrder";

  constructor(file: string, refused: number) {
    super(`no order of ${JSON.stringify(file)} could be used: ${refused} refused`);
  }
}

class OrderFileUnreadableError extends DomainError {
  readonly code = "orderFileUnreadable";

  constructor(file: string, cause: unknown) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    super(`cannot read the file of orders ${JSON.stringify(file)}: ${CAUSES[code] ?? message}`, { cause });
  }
}
