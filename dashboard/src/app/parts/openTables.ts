/**
 * Tables behind pictures that the reader opened. A picture of another range is another picture, often after a moment of loading:
 * what was opened stays open.
 */
const openTables = new Set<string>();

export function isTableOpen(name: string): boolean {
  return openTables.has(name);
}

export function rememberTable(name: string, { isOpen }: { readonly isOpen: boolean }): void {
  if (isOpen) openTables.add(name);
  else openTables.delete(name);
}
