/** The largest margin of one seat in one market, micro; what a payment brings beyond it is free. */
export const MAX_MARGIN_MICRO = 2n ** 41n - 1n;

/** How long after its announcement a margin can be taken out, seconds, and for how long. */
export const MARGIN_NOTICE_SECONDS = 7_200;
export const NOTICE_LAPSES_AFTER_SECONDS = 3_600;
