/** Why money of an account moved, in words: for the pages and for the statement. */
export const MOVEMENT_WORDS: Readonly<Record<string, string>> = {
  deposited: "Deposited",
  withdrawn: "Withdrawn",
  marginAdded: "Put into the margin",
  marginWithdrawn: "Taken out of the margin",
  marginOverflowed: "Paid out of a full margin",
  reserved: "Reserved for trades",
  settled: "Settled trades",
  returned: "Given back unsettled",
  gridFee: "Grid fees received",
  supplierPaid: "Received as supplier",
  remainderBooked: "Left by rounding",
  depositHeld: "Put down with a demand for charging",
  depositReturned: "Deposit given back",
  quotaPaid: "Charging quotas traded",
  energyPaid: "Paid for charging",
  walletHeld: "Held for a charging session",
  walletReturned: "Left of what was held for a session",
  sessionPaid: "Charging session paid",
  corrected: "Corrected reading settled",
  transferred: "Paid between members by a corrected reading",
};

/** The words of a kind of movement; its name where there are none. */
export function movementWords(kind: string): string {
  return MOVEMENT_WORDS[kind] ?? kind;
}
