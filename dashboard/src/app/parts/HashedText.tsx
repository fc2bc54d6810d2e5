import { Hash } from "./Hash.tsx";

/** An address or a hash within a sentence; shorter digits stay as they are. */
const LONG_HEX = /(0x[0-9a-fA-F]{40,})/;

/** A sentence of the server, with its addresses and hashes in short. */
export function HashedText({ children }: { children: string }) {
  return children.split(LONG_HEX).map((piece, i) =>
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a sentence never move
      <Hash key={i} value={piece} />
    ) : (
      piece
    ),
  );
}
