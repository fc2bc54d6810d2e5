import { z } from "zod";
import { hex, unixSeconds } from "#platform/api/wire.ts";

/** What a signed-in person may see and do: its own account, an area as its operator, or the grid that it is joined to. */
export const sessionRole = z.enum(["participant", "operator", "gridOperator"]);

/** Who is signed in with an Ethereum account (ERC-4361). */
export const sessionWire = z.object({
  address: hex,
  account: z.int().nullable().describe("of the participant with this address; null when there is none"),
  name: z.string().nullable(),
  roles: z.array(sessionRole),
  areaId: z.int().nullable().describe("the area that a participant trades in, or that an operator runs"),
  hasMeter: z.boolean().describe("whether the account has a metering point in use, and so orders to sign"),
  expiresAt: unixSeconds.describe("by the world's clock"),
});

/** A key of the demonstration, for whom it stands; null outside a demonstration. */
export const demonstrationRoleWire = z.object({
  address: hex,
  account: z.int().nullable(),
  name: z.string(),
  role: z.enum([
    "home",
    "station",
    "driver",
    "chargingOperator",
    "operator",
    "supplier",
    "gridOperator",
    "fund",
  ]),
});

/** What a page needs before anything else: who looks at it, and which chain and contracts it speaks of. */
export const sessionStateWire = z.object({
  session: sessionWire.nullable(),
  demonstration: z
    .object({
      sentence: z
        .string()
        .describe("says that everybody knows these keys")
        .meta({ example: "Everybody knows these keys." }),
      roles: z.array(demonstrationRoleWire),
    })
    .nullable(),
  chain: z.object({
    chainId: z.int(),
    contracts: z.record(z.string(), hex).describe("addresses of the contracts by name"),
  }),
  timeZone: z.string().describe("IANA name; all times are shown in it"),
  currency: z.string().describe("ISO 4217 code of the settlement currency"),
});

export const nonceWire = z.object({
  nonce: z.string(),
  issuedAt: unixSeconds.describe("by the world's clock"),
});

/** A signed ERC-4361 message. */
export const signInWire = z.strictObject({
  message: z
    .string()
    .max(2_000)
    .meta({ example: "127.0.0.1:8080 wants you to sign in with your Ethereum account: …" }),
  signature: z.string().regex(/^0x[0-9a-fA-F]{2,4096}$/),
});

const params = z.array(z.unknown()).max(4);

/** A request of EIP-1193 that one of the demonstration's keys is to answer. */
export const walletRequestWire = z.strictObject({
  address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  method: z.enum(["personal_sign", "eth_signTypedData_v4", "eth_sendTransaction"]),
  params,
});
export const walletAnswerWire = z.object({
  result: z
    .string()
    .describe("a signature or a transaction's hash")
    .meta({ example: `0x${"5f0e".repeat(16)}` }),
});
