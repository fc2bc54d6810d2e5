import type { Hex } from "#kernel/crypto/hex.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";
import { headerHash } from "../blockEvidence.ts";
import type { ArchivedBlock, ArchivedTransaction } from "./archivedBlock.ts";
import { genesisBlock } from "./genesis.ts";

/** So many blocks that follow each other by their hashes; the same each time. Every third has no transaction. */
export function chainOfBlocks(count: number): ArchivedBlock[] {
  const blocks = [genesisBlock(1_700_000_000)];
  while (blocks.length < count) blocks.push(nextBlock(present(blocks.at(-1), "the block before")));
  return blocks.slice(0, count);
}

function nextBlock({ number: before, header: parent }: ArchivedBlock): ArchivedBlock {
  const number = before + 1;
  const unhashed = {
    ...parent,
    number: `0x${number.toString(16)}` as Hex,
    parentHash: parent.hash,
    mixHash: word(`random ${number}`),
  };
  const hash = present(headerHash(unhashed), "the hash of a header");
  const transactions = Array.from({ length: number % 3 }, (_, index) => transactionOf(number, index));
  return { number, header: { ...unhashed, hash }, bytes: 600 + number, transactions };
}

function transactionOf(number: number, index: number): ArchivedTransaction {
  const name = `transaction ${number} ${index}`;
  const topics = [word("kind"), word(`interval ${Math.floor(number / 3)}`)];
  const address = word(`contract ${number % 4}`).slice(0, 42) as Hex;
  return {
    hash: word(name),
    raw: `${word(`${name} a`)}${word(`${name} b`).slice(2)}`,
    from: word("sender").slice(0, 42) as Hex,
    receipt: {
      isSuccess: index === 0,
      cumulativeGasUsed: 21_000 * (index + 1),
      logs: index === 0 ? [{ address, topics, data: word(`${name} data`) }] : [],
    },
  };
}

function word(text: string): Hex {
  return toHex(keccak256Text(text));
}
