import type { MeterGateway, ReadingRefusal } from "./meterGateway.ts";
import type { SignedReading } from "./rules/meterReading.ts";

/** What became of a reading that was handed in: null when it is on disk. */
export type ReadingAnswer = ReadingRefusal | "unknownArea" | null;

/** Where the devices of all areas hand in what they signed. */
export type ReadingDesk = {
  /** Null once the reading is durable; it may be handed in again at any time. Throws when it can't be kept now. */
  collect(reading: SignedReading): Promise<ReadingAnswer>;
};

/** The gateways of this process as one, by their areas. */
export function joinGateways(gateways: ReadonlyMap<number, Pick<MeterGateway, "collect">>): ReadingDesk {
  return {
    async collect(reading) {
      const gateway = gateways.get(reading.areaId);
      return gateway ? gateway.collect(reading) : "unknownArea";
    },
  };
}
