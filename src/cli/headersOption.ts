import { Option } from "commander";

/** `--headers`: what a network's block headers prove (docs/audit.md). */
export function headersOption(): Option {
  return new Option(
    "--headers <proof>",
    "what block headers prove: Ethereum's roots, or nothing (trusted); default: what the node shows",
  ).choices(["ethereum", "trusted"]);
}
