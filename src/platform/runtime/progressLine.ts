/** What a command says while it works, one JSON value a line (`--progress json`). */
export type ProgressLine =
  | { readonly kind: "sentence"; readonly sentence: string }
  | { readonly kind: "count"; readonly what: string; readonly done: number; readonly total: number };
