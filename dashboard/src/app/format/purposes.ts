/** What a transaction was for, by the function of the contracts that it called. */
const PURPOSES: Readonly<Record<string, string>> = {
  clearUniform: "clearing at one price",
  clearMidpoint: "clearing at the middle of each pair",
  settle: "settlement of a page",
  voidPage: "return of a page’s money",
  createArea: "creation of a market area",
  acceptSupply: "supplier stands for an area",
  publish: "publication of meter readings",
  claimPage: "claim of metered energy, a page",
  claimReading: "claim of metered energy, a reading",
  admitClaimant: "admission of a claimant of metered energy",
  register: "registration of a participant",
  suspend: "suspension of a participant",
  reinstate: "reinstatement of a participant",
  recordDisclosure: "disclosure of an identity, recorded",
  enrolMeter: "enrolment of a meter",
  retireMeter: "retirement of a meter",
  rotateDeviceKey: "new key of a meter’s device",
  revokeDeviceKey: "withdrawal of a device’s key",
  joinEntity: "joining a larger entity",
  leaveEntity: "leaving a larger entity",
  publishDirectory: "directory of signers, to make clearings cheaper",
  grantRole: "grant of a role",
  revokeRole: "withdrawal of a role",
  renounceRole: "giving up a role",
  admitMarket: "admission of a market to the clearing house",
  deposit: "deposit of money",
  depositWithPermit: "deposit of money",
  withdraw: "withdrawal of money",
  addMargin: "addition to a margin",
  announceMarginWithdrawal: "announcement to take margin back",
  withdrawMargin: "taking margin back",
};

/** In plain words; the function's own name where there are none, null for calls to other contracts. */
export function purposeWords(purpose: string | null): string {
  if (purpose === null) return "call of another contract";
  return Object.hasOwn(PURPOSES, purpose) ? (PURPOSES[purpose] ?? purpose) : purpose;
}
