/** The name of a community with what it is, in one line. */
export function describeCommunity({
  title,
  description,
}: {
  readonly title: string;
  readonly description: string | null;
}): string {
  return description === null ? title : `${title} (${description})`;
}
