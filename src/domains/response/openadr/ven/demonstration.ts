import { registerClient } from "../clientBook.ts";
import type { RequestOf } from "../model/objects.ts";
import { SCOPES_OF_ROLE } from "../rules/operations.ts";
import type { FlexibleLoad } from "../rules/simulatedLoad.ts";
import { serveVtn } from "../serveVtn.ts";
import { clientsFile } from "../vtn.ts";
import type { Principal, VtnDesk } from "../vtnDesk.ts";
import { type FollowedEvent, startVen } from "./simulatedVen.ts";
import { createVenClient } from "./venClient.ts";

/** What business logic of the demonstration acts as. */
const MARKET: Principal = { clientID: "market", isBusiness: true };
const NAME = "home";
const TARGET = "street-1";
const QUARTERS = 4;
/** From the peak on: 18 h to 19 h, UTC. */
const STARTS_AT = "2025-05-12T18:00:00Z";
const AFTER_ALL = Date.parse("2025-05-13T00:00:00Z") / 1_000;

/** What a price, a limit and the greenhouse gas of the grid's electricity ask for, quarter by quarter. */
const SIGNALS = [
  { name: "prices", type: "PRICE", units: "KWH", values: [0.42, 0.55, 0.31, 0.18] },
  { name: "limit of the grid", type: "IMPORT_CAPACITY_LIMIT", units: "KW", values: [6, 3, 3, 6] },
  { name: "renewable energy", type: "GHG", units: "G/KWH", values: [420, 380, 90, 60] },
] as const;

/**
 * The whole loop on this machine, in a directory of its own: business logic grants a VEN a target and writes three events to
 * it; the VEN gets a token, registers its load, follows the events and reports, over HTTP; business logic reads the reports.
 */
export async function demonstrateVen(
  directory: string,
  load: FlexibleLoad,
): Promise<readonly FollowedEvent[]> {
  const scopes = SCOPES_OF_ROLE.ven;
  const secret = registerClient(clientsFile(directory), { id: NAME, scopes });
  const vtn = await serveVtn(
    { host: "127.0.0.1", port: 0, publicUrl: null },
    { directory, now: Date.now, say: () => undefined },
  );
  try {
    await askForResponse(vtn.desk);
    const client = createVenClient({ url: vtn.url, clientID: NAME, secret });
    const ven = await startVen(client, { name: NAME, load });
    const followed = await ven.followUntil(AFTER_ALL);
    for (const { reportID } of followed) vtn.desk.find(MARKET, "REPORT", reportID);
    return followed;
  } finally {
    await vtn.close();
  }
}

async function askForResponse(desk: VtnDesk): Promise<void> {
  const targets = [TARGET];
  const grant = { objectType: "BL_VEN_REQUEST", clientID: NAME, venName: NAME, targets } as const;
  await desk.create(MARKET, "VEN", grant);
  const program = await desk.create(MARKET, "PROGRAM", { programName: "demand response", targets });
  for (const signal of SIGNALS) await desk.create(MARKET, "EVENT", eventOf(signal, program.id));
}

function eventOf(
  { name, type, units, values }: (typeof SIGNALS)[number],
  programID: string,
): RequestOf<"EVENT"> {
  return {
    programID,
    eventName: name,
    targets: [TARGET],
    payloadDescriptors: [{ objectType: "EVENT_PAYLOAD_DESCRIPTOR", payloadType: type, units }],
    reportDescriptors: [{ payloadType: "USAGE", units: "KWH" }],
    intervalPeriod: { start: STARTS_AT, duration: "PT15M" },
    intervals: Array.from({ length: QUARTERS }, (_, id) => ({
      id,
      payloads: [{ type, values: [values[id] ?? 0] }],
    })),
  };
}
