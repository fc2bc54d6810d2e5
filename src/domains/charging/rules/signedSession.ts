import { packParts } from "#domains/charging/sessions/publishedTariff.ts";
import type { SessionStatement } from "#domains/charging/sessions/sessionStatement.ts";
import { type Address, fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { recoverSigner, signDigest } from "#kernel/crypto/signature.ts";
import { domainSeparator, keccak256, keccak256Text, typedDigest } from "#kernel/crypto/typedData.ts";

/** What a driver lets a station's owner take of its wallet. `driver` and `payee` are seats. */
export type WalletHold = {
  readonly driver: number;
  readonly payee: number;
  readonly limitMicro: bigint;
  /** Unix seconds; from then on nothing can be charged. */
  readonly expiresAt: number;
  /** {@link sessionCommitment}. */
  readonly session: Hex;
};

/** A certifier's word that a module is fitted in a station, at a metering point. */
export type ModuleAttestation = {
  readonly stationId: Hex;
  readonly meterId: Hex;
  readonly moduleKey: Address;
  /** Rises with each attestation of the station. */
  readonly number: bigint;
  /** Unix seconds. */
  readonly expiresAt: bigint;
};

const MODULE_TYPE = keccak256Text(
  "ModuleAttestation(bytes32 stationId,bytes32 meterId,address moduleKey,uint64 number,uint64 expiresAt)",
);
export const SESSIONS_DOMAIN_NAME = "Commonwatt ChargingSessions";
/** A hold as EIP-712 types it. */
export const HOLD_FIELDS = [
  { name: "driver", type: "uint32" },
  { name: "payee", type: "uint32" },
  { name: "limitMicro", type: "uint48" },
  { name: "expiresAt", type: "uint40" },
  { name: "session", type: "bytes32" },
] as const;
const HOLD_TYPE = keccak256Text(
  `SessionHold(${HOLD_FIELDS.map(({ type, name }) => `${type} ${name}`).join(",")})`,
);
const STATEMENT_TYPE = keccak256Text(
  "SessionStatement(bytes32 stationId,bytes32 id,uint40 startedAt,uint64 fromWh,uint64 toWh,bytes parts)",
);

const LONG_SIGNATURE_BYTES = 65;
const HALF_BYTES = 32;
const EVEN_V = 27;
const TOP_BIT = 0x80;

export function sessionSeparator(chainId: number, chargingSessions: Address): Uint8Array {
  return domainSeparator({
    name: SESSIONS_DOMAIN_NAME,
    chainId,
    verifyingContract: chargingSessions,
  });
}

/** The hash that stands for a station's id of the real world, as of eMI3: `DE*CWT*E1`. */
export function stationIdOf(evseId: string): Hex {
  return toHex(keccak256Text(evseId));
}

/** The commitment of a session to its station and tariff. */
export function sessionCommitment({
  salt,
  stationId,
  tariffHash,
}: {
  readonly salt: Hex;
  readonly stationId: Hex;
  readonly tariffHash: Hex;
}): Hex {
  return toHex(keccak256(fromHex(salt), fromHex(stationId), fromHex(tariffHash)));
}

/** The name of a driver's session on the chain. */
export function chainSessionId(driver: number, session: Hex): Hex {
  return toHex(keccak256(wordOf(driver), fromHex(session)));
}

export function signModule(
  attestation: ModuleAttestation,
  { separator, privateKey }: { readonly separator: Uint8Array; readonly privateKey: Uint8Array },
): Hex {
  const { stationId, meterId, moduleKey, number, expiresAt } = attestation;
  const digest = typedDigest(separator, MODULE_TYPE, [
    fromHex(stationId),
    fromHex(meterId),
    wordOf(BigInt(moduleKey)),
    wordOf(number),
    wordOf(expiresAt),
  ]);
  return toHex(signDigest(digest, privateKey));
}

export function signHold(hold: WalletHold, separator: Uint8Array, privateKey: Uint8Array): Hex {
  return toHex(signDigest(holdDigest(hold, separator), privateKey));
}

/** Who signed a hold, or null when nobody did. */
export function holdSigner(hold: WalletHold, separator: Uint8Array, signature: Hex): Address | null {
  return recoverSigner(holdDigest(hold, separator), compactOf(signature));
}

/** A session of a station whose module says something of it; `id` is the session's on the chain. */
export type StatementPlace = {
  readonly separator: Uint8Array;
  readonly stationId: Hex;
  readonly id: Hex;
};

export function signStatement(
  statement: SessionStatement,
  place: StatementPlace,
  privateKey: Uint8Array,
): Hex {
  return toHex(signDigest(statementDigest(statement, place), privateKey));
}

/** Whose module signed a statement, or null when none did. */
export function statementSigner(
  statement: SessionStatement,
  place: StatementPlace,
  signature: Hex,
): Address | null {
  return recoverSigner(statementDigest(statement, place), compactOf(signature));
}

/** The 64 bytes of EIP-2098, which the contract takes as well as r, s and v in 65. */
function compactOf(signature: Hex): Uint8Array {
  const bytes = fromHex(signature);
  if (bytes.length !== LONG_SIGNATURE_BYTES) return bytes;
  const compact = bytes.slice(0, LONG_SIGNATURE_BYTES - 1);
  const isOdd = bytes.at(-1) === EVEN_V + 1;
  if (isOdd) compact[HALF_BYTES] = (compact[HALF_BYTES] ?? 0) | TOP_BIT;
  return compact;
}

function holdDigest({ driver, payee, limitMicro, expiresAt, session }: WalletHold, separator: Uint8Array) {
  return typedDigest(separator, HOLD_TYPE, [
    wordOf(driver),
    wordOf(payee),
    wordOf(limitMicro),
    wordOf(expiresAt),
    fromHex(session),
  ]);
}

function statementDigest(
  { startedAt, fromWh, toWh, parts }: SessionStatement,
  { separator, stationId, id }: StatementPlace,
) {
  return typedDigest(separator, STATEMENT_TYPE, [
    fromHex(stationId),
    fromHex(id),
    wordOf(startedAt),
    wordOf(fromWh),
    wordOf(toWh),
    keccak256(packParts(parts)),
  ]);
}
