/** Words as a sentence: a capital at its start and a full stop at its end, if it has none. */
export function asSentence(words: string): string {
  const trimmed = words.trim();
  return `${capitalised(trimmed)}${/[.!?]$/.test(trimmed) ? "" : "."}`;
}

/** The same words with a capital at their start. */
export function capitalised(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
