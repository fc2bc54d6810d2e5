import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hearBroker } from "#domains/metering/mqtt/hearBroker.ts";
import { openReadingsBroker } from "#domains/metering/mqtt/readingsBroker.ts";
import type { ReadingDesk } from "#domains/metering/readingDesk.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Store } from "#platform/store/openStore.ts";
import { type RunningCommunities, worldNow } from "./runningCommunities.ts";

/** Opens what `options.mqtt` asks for. */
export async function openMeterBroker(
  { options: { mqtt }, report, opened }: Pick<RunningCommunities, "options" | "report" | "opened">,
  { store, desk, now }: { readonly store: Store; readonly desk: ReadingDesk; readonly now: () => number },
): Promise<void> {
  if (mqtt?.port !== undefined) {
    const { chainId } = store.deployment;
    const broker = await openReadingsBroker({
      listener: { host: mqtt.host, port: mqtt.port, tls: mqtt.tls === undefined ? null : readTls(mqtt.tls) },
      place: { chainId, meterLedger: addressOf(store.deployment, "meterLedger") },
      ...{ desk, db: store.db, now, worldNow, say: report.say },
    });
    opened.push(() => broker.close());
    report.say(`meters may hand in readings at ${broker.url}`);
  }
  if (mqtt?.broker !== undefined) {
    const heard = await hearBroker({ address: mqtt.broker, desk, say: report.say });
    opened.push(() => heard.close());
  }
}

function readTls(folder: string): { key: string; certificate: string } {
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { key: read("key.pem"), certificate: read("certificate.pem") };
}
