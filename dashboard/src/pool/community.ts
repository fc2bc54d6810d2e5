import type { z } from "zod";
import type { communityWire } from "#domains/pool/wireCommunity.ts";

/** What `/v1/community` says of a community right now. */
export type Community = z.infer<typeof communityWire>;
