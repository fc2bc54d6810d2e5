import { stringify } from "yaml";
import { MEMBER_COLUMNS } from "./membersFile.ts";

/** What `commonwatt init` must know; prices in the currency per kWh. */
export type FirstAnswers = {
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly intervalMinutes: number;
  readonly rpcUrl: string;
  readonly contracts: string;
  readonly token: string;
  readonly retailPerKwh: number;
  readonly feedInPerKwh: number;
  readonly gridFeePerKwh: number;
};

/** The gate of an interval closes five minutes before it, or, where intervals are short, a third of one. */
const GATE_SECONDS = 300;

/** The text of a `community.yaml` with every key explained. */
export function communityTemplate(answers: FirstAnswers): string {
  return (
    settingAndNetwork(answers) +
    tariffAndMarket(answers) +
    PARTIES_AND_FILES.replace("CURRENCY", answers.currency)
  );
}

const value = (given: string) => stringify(given).trim();

function settingAndNetwork(answers: FirstAnswers): string {
  const { currency, intervalMinutes } = answers;
  return `# A community that trades its own energy. After a change: commonwatt found community.yaml
# It says what it would do, and asks before it does it.

# The name of the community, for people.
name: ${value(answers.name)}
# ISO 4217 code of the currency in which all prices and amounts of this file are.
currency: ${currency}
# Where the community is: dates of this file and times on its pages are of this zone (IANA name).
timeZone: ${value(answers.timeZone)}
# Length of a delivery interval in minutes; the meters' own. It can't be changed later.
intervalMinutes: ${intervalMinutes}
# A reading is waited for so many hours after its interval; then it counts as zero. It can't be changed later.
waitingHours: 24

network:
  # embedded: a chain of your own, in the process that runs the community; or the address of a node, http://…
  rpcUrl: ${value(answers.rpcUrl)}
  # More nodes of the same chain: where one does not answer the next is asked.
  # otherRpcUrls: ["http://…"]
  # When a block is final, so that no reorganisation replaces it: immediate, or with so many blocks or validators on top
  # of it ("64 blocks", "4 validators"). What pays or publishes waits for it.
  finality: immediate
  # Only for an embedded chain: the port on 127.0.0.1 at which other processes of yours find it; 0 for a free one.
  port: 8545
  # new: contracts of your own; or a deployment.json that somebody gave you: you join their contracts. A path from here.
  contracts: ${value(answers.contracts)}
  # What is paid with. test: a currency without value, made here; or the address of an ERC-20 with 6 decimals.
  token: ${value(answers.token)}
  # Price of a unit of gas in wei. Left out: what the node suggests. An embedded chain takes nothing.
  # gasPriceWei: 1000000000
  # Where gas has a price: ether that each key of ours gets from the administrator's when it has less than half of that.
  etherPerKey: 0.05

`;
}

function tariffAndMarket(answers: FirstAnswers): string {
  const { currency, intervalMinutes } = answers;
  const gateSeconds = Math.min(GATE_SECONDS, intervalMinutes * 20);
  return `# What the supplier asks for energy and pays for it, in ${currency} per kWh, at most six decimals. What has begun stays: for
# a new price add a tariff with the day from which it holds:
#   - from: 2030-01-01
#     retailPerKwh: 0.35
#     feedInPerKwh: 0.08
tariff:
  - retailPerKwh: ${answers.retailPerKwh}
    feedInPerKwh: ${answers.feedInPerKwh}
    # Parts of the retail price that are no energy, where they are known:
    # gridFeePerKwh: 0.11
    # leviesPerKwh: 0.07

# The rules of the local market. A change holds after the contract's notice of seven days.
market:
  # uniform: one price for all; midpoint: between the two limits of each trade; marginal: the last accepted offer.
  pricing: uniform
  # Orders are taken until so many seconds before delivery begins (1 to 3600).
  gateClosureSeconds: ${gateSeconds}
  # What a seller pays who does not deliver, in thousandths of the supplier's price: 1000 is that price itself, or more.
  penaltyPermille: 1000
  # Paid to the grid operator for each kWh that is traded, in ${currency} per kWh.
  gridFeePerKwh: ${answers.gridFeePerKwh}

`;
}

const PARTIES_AND_FILES = `# Who has these accounts. here: a key made by commonwatt init; or the address of a wallet.
parties:
  supplier: here
  dso: here
  fund: here

# Security for what trades may cost at worst, in CURRENCY; put down by found for accounts whose key is here. It stays the owner's.
margins:
  supplier: 500
  member: 50

api:
  # Where the API and the pages answer, on 127.0.0.1; a reverse proxy makes them public. 0 for a free one.
  port: 8080
  # Where a participant's process finds the API; left out: on this machine, at the port above.
  # url: https://energy.example.org

# The members, a line each. A path from here.
members: members.csv
# The folder of the encrypted keys. A path from here. Back it up: who has lost the keys has lost the community.
keys: keys
`;

/** The text of a `members.csv` without members. */
export function membersTemplate(): string {
  return `# One member a line; lines that begin with # are comments. After a change: commonwatt found community.yaml
# id: a short name of your own; meteringPoint: the national id, of which the chain holds a hash; connectionW: what the connection carries, W
# owner: address of the member's wallet, or here for a key that the community keeps for the member
# device: address of the meter's key, or here
# ada,Ada Lovelace,AT0010000000000000001000000000001,11000,here,here
${MEMBER_COLUMNS.join(",")}
`;
}
