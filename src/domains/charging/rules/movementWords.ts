/** Why charging moved money of an account, in words; `gridFee` and `remainderBooked` are those of any market. */
export const CHARGING_MOVEMENTS = {
  depositHeld: "Put down with a demand for charging",
  depositReturned: "Deposit given back",
  quotaPaid: "Charging quotas traded",
  energyPaid: "Paid for charging",
  walletHeld: "Held for a charging session",
  walletReturned: "Left of what was held for a session",
  sessionPaid: "Charging session paid",
} as const;
