import { isPoolEvent } from "#domains/pool/events.ts";
import { isEncodable } from "#domains/pool/rules/orderFault.ts";
import {
  type OrderContext,
  orderSigner,
  poolSeparator,
  type SignedOrder,
} from "#domains/pool/rules/signedOrder.ts";
import { type Address, toHex } from "#kernel/crypto/hex.ts";
import type { Ahead } from "#platform/audit/ahead.ts";
import { addressOf, type ChainEvent, type Deployment } from "#platform/chain/contractSpec.ts";
import type { OrderSource } from "./poolState.ts";

type Signers = readonly (Address | null | undefined)[];

/** Who signed the orders that a step brought; with the last one, the orders of the archive and who signed them. */
type Computed = {
  readonly submitted: Signers;
  readonly archived: readonly SignedOrder[] | null;
  readonly signers: Signers;
};

/** Recovers the signers of orders, submitted and archived; gives the archived ones where the replay asks for them. */
export function ordersAhead(
  deployment: Deployment,
  archive: OrderSource | null,
): Ahead & { readonly orders: OrderSource } {
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  let adopted: readonly SignedOrder[] | null = null;
  const contextOf = ({ areaId, intervalId }: { areaId: number; intervalId: number }): OrderContext => ({
    separator,
    areaId,
    intervalId,
  });
  return {
    async compute(event): Promise<Computed | undefined> {
      const step = stepOf(event);
      if (step === null) return undefined;
      const context = contextOf(step.event);
      const isLast = step.event.kind === "intervalCleared";
      const archived = (isLast && (await archive?.(context.areaId, context.intervalId))) || null;
      const signerOf = (order: SignedOrder) => (isEncodable(order) ? orderSigner(order, context) : undefined);
      // An archived order with a submitted signature is the submitted one, or it is looked at when its turn comes.
      const known = new Set(step.orders.map(({ signature }) => toHex(signature)));
      const signers = archived?.map((o) => (known.has(toHex(o.signature)) ? undefined : signerOf(o))) ?? [];
      return { submitted: step.orders.map(signerOf), archived: archived?.map(bare) ?? null, signers };
    },
    adopt(event, computed) {
      const step = stepOf(event);
      if (step === null) return;
      const { submitted, archived, signers } = computed as Computed;
      const context = contextOf(step.event);
      adoptSigners(step.orders, submitted, context);
      adoptSigners(archived ?? [], signers, context);
      adopted = archived;
    },
    orders: async () => {
      const orders = adopted;
      adopted = null;
      return orders;
    },
  };
}

/** The orders that an event's transaction brought; null for other events, and where they can't be read. */
function stepOf(event: ChainEvent) {
  if (!isPoolEvent(event) || (event.kind !== "intervalCleared" && event.kind !== "stepVerified")) return null;
  const { submission } = event;
  return { event, orders: submission === null ? [] : [...submission.bids, ...submission.offers] };
}

/** What an audit reads of an order; what the desk wrote beside it stays where it is. */
function bare(order: SignedOrder): SignedOrder {
  const { participant, side, energyWh, limitPriceMicroPerKwh, sequence, signature } = order;
  return { participant, side, energyWh, limitPriceMicroPerKwh, sequence, signature };
}

function adoptSigners(orders: readonly SignedOrder[], signers: Signers, context: OrderContext): void {
  for (const [i, order] of orders.entries()) {
    const signer = signers[i];
    if (signer !== undefined) orderSigner.adopt(order, context, signer);
  }
}
