/** Why the pool moved money of an account, in words. */
export const POOL_MOVEMENTS = {
  reserved: "Reserved for trades",
  settled: "Settled trades",
  returned: "Given back unsettled",
  gridFee: "Grid fees received",
  supplierPaid: "Received as supplier",
  remainderBooked: "Left by rounding",
  corrected: "Corrected reading settled",
  transferred: "Paid between members by a corrected reading",
} as const;
