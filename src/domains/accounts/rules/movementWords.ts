/** Why an owner's own money moved, in words: for the pages and for the statement. Each market has its own. */
export const ACCOUNT_MOVEMENTS = {
  deposited: "Deposited",
  withdrawn: "Withdrawn",
  marginAdded: "Put into the margin",
  marginWithdrawn: "Taken out of the margin",
  marginOverflowed: "Paid out of a full margin",
} as const;
