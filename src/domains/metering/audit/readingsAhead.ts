import { isMeteringEvent } from "#domains/metering/events.ts";
import { ledgerSeparator, readingSigner, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { Ahead } from "#platform/audit/ahead.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { isEncodable, type ReadingSource } from "./auditArchive.ts";

/** The archived readings of an interval, null where no archive covers it, and who signed each. */
type Computed = {
  readonly readings: readonly SignedReading[] | null;
  readonly signers: readonly (Address | null)[];
};

/** Reads the archive behind each publication, and who signed its readings; gives them where the replay asks for them. */
export function readingsAhead(
  deployment: Deployment,
  archive: ReadingSource | null,
): Ahead & { readonly readings: ReadingSource } {
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  let adopted: readonly SignedReading[] | null = null;
  return {
    async compute(event): Promise<Computed | undefined> {
      if (!isMeteringEvent(event) || event.kind !== "readingsPublished" || archive === null) return undefined;
      const readings = await archive(event.areaId, event.intervalId);
      const signerOf = (reading: SignedReading) =>
        isEncodable(reading) ? readingSigner(reading, separator) : null;
      return { readings, signers: readings?.map(signerOf) ?? [] };
    },
    adopt(_event, computed) {
      const { readings, signers } = computed as Computed;
      adopted = readings;
      readings?.forEach((reading, i) => {
        if (isEncodable(reading)) readingSigner.adopt(reading, separator, signers[i] ?? null);
      });
    },
    readings: async () => {
      const readings = adopted;
      adopted = null;
      return readings;
    },
  };
}
