/** Rows that one query gives at most; more would hold up everybody else's. */
export const MAX_PAGE_ROWS = 500;

/** A part of a list whose order does not change. */
export type Page = { readonly limit: number; readonly offset: number };
