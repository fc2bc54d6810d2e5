/** Names by account. */
export type Names = ReadonlyMap<number, string>;
