import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { mqttSource } from "#meters/mqttSource.ts";
import { pollSource } from "#meters/pollSource.ts";
import type { MeterSource } from "#meters/runMeter.ts";
import { openSimulatedMeter } from "#meters/simulatedMeter.ts";
import { telegramSource } from "#meters/telegramSource.ts";
import { type RegisterTemplate, registerTemplate } from "#world/meters/registerTemplate.ts";
import type { SimulatedMeter } from "#world/meters/simulatedHome.ts";
import { UsageError } from "./exit.ts";

export type SourceOptions = {
  readonly dsmr?: string;
  readonly decryptionKey?: Uint8Array;
  readonly homewizard?: string;
  readonly shelly?: string;
  readonly mqttMeter?: string;
  readonly template?: string;
  readonly simulate?: SimulatedMeter;
  readonly every: number;
};

/** What is read, by which clock; null where only the meter's own counts. */
export type ChosenSource = {
  readonly source: MeterSource;
  readonly now: (() => number) | null;
  readonly says: string;
  close(): Promise<void>;
};

const MILLIS_PER_SECOND = 1_000;
const SOURCES = ["dsmr", "homewizard", "shelly", "mqttMeter", "simulate"] as const;

/**
 * The one source that the flags name; `now` is the market's time.
 *
 * @throws UsageError for none and for several
 */
export async function chosenSource(options: SourceOptions, now: () => number): Promise<ChosenSource> {
  const named = SOURCES.filter((name) => options[name] !== undefined);
  if (named.length !== 1)
    throw new UsageError("one of --dsmr, --homewizard, --shelly, --mqtt-meter, --simulate says what is read");
  const { dsmr, homewizard, shelly, mqttMeter, simulate } = options;
  const everyMs = options.every * MILLIS_PER_SECOND;
  const reading = (source: MeterSource, what: string): ChosenSource => ({
    ...{ source, now, says: `reading ${what}` },
    close: async () => {},
  });
  if (simulate !== undefined) return { ...(await openSimulatedMeter(simulate, { now, everyMs })), now };
  if (dsmr !== undefined) {
    const source = telegramSource({ from: dsmr, decryptionKey: options.decryptionKey ?? null });
    const isLive = dsmr === "-" || dsmr.startsWith("tcp://");
    return { ...reading(source, `telegrams of ${dsmr}`), now: isLive ? now : null };
  }
  if (homewizard !== undefined)
    return reading(pollSource({ meter: "homewizard", address: urlOf(homewizard), everyMs }), homewizard);
  if (shelly !== undefined)
    return reading(pollSource({ meter: "shelly", address: urlOf(shelly), everyMs }), shelly);
  if (options.template === undefined)
    throw new UsageError("--mqtt-meter needs a --template of its registers");
  return reading(
    mqttSource({ broker: mqttMeter ?? "", template: readTemplate(options.template) }),
    `registers by ${options.template}`,
  );
}

function urlOf(text: string): string {
  const address = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(address)) throw new UsageError(`${text} is no address`);
  return address;
}

function readTemplate(file: string): RegisterTemplate {
  const { success, data, error } = registerTemplate.safeParse(parse(readFileSync(file, "utf8")));
  if (success) return data;
  const [issue] = error.issues;
  throw new UsageError(`${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is no template"}`);
}
