/** From the announcement of a signer or an entity to the first gate that it counts for, seconds. */
export const SIGNER_NOTICE_SECONDS = 3_600;

/** How long an owner may object to its replacement, seconds. */
export const RECOVERY_NOTICE_SECONDS = 14 * 86_400;
