/** A later version of a market's terms takes effect so long after it was announced, seconds (contracts' TermsSchedule). */
export const TERMS_NOTICE_SECONDS = 7 * 86_400;

/** The first interval or period, numbered by its length, that starts no earlier than a notice after `timestamp`. */
export function firstAfterNotice(
  noticeSeconds: number,
  { timestamp, spanSeconds }: { timestamp: number; spanSeconds: number },
): number {
  return Math.ceil((timestamp + noticeSeconds) / spanSeconds);
}
