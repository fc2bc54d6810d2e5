type Count = (amount: number) => string;

/** Up to which block an audit's answer holds, and how much of the chain it says nothing of. */
export function reachWords(
  { toBlock, blocksSince }: { toBlock: number; blocksSince: number | null },
  count: Count,
): string {
  const upTo = `That holds up to block ${count(toBlock)}.`;
  if (blocksSince === null) return `${upTo} How many blocks came since is not known here.`;
  if (blocksSince === 0) return `${upTo} No block came since.`;
  if (blocksSince === 1) return `${upTo} 1 block came since and is not checked yet.`;
  return `${upTo} ${count(blocksSince)} blocks came since and are not checked yet.`;
}

/** How far an audit is and what is left of it; the last step compares the books with the chain's. */
export function progressWords(
  { block, lastBlock }: { block: number; lastBlock: number },
  count: Count,
): string {
  const left = lastBlock - block;
  const done = `Auditing: block ${count(block)} of ${count(lastBlock)}`;
  return left > 0
    ? `${done}, ${count(left)} left`
    : `${done}; then every balance is compared with the chain’s`;
}
