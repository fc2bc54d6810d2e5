import { clearingHouseContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import type { BalanceSource, MarketBalances } from "./compareBooks.ts";

/** The clearing house's books, as its contract says. */
export function balancesOnChain({ client }: Network, deployment: Deployment): BalanceSource {
  const address = addressOf(deployment, "clearingHouse");
  return async (block, { accounts, seats, markets }) => {
    const blockNumber = BigInt(block);
    const house = { address, abi: clearingHouseContract.abi, blockNumber } as const;
    const readAmounts = async (of: readonly number[], read: (one: number) => Promise<bigint>) =>
      new Map(await readEach(of, async (one) => [one, await read(one)] as const));
    const readMarket = async (market: Address): Promise<[Address, MarketBalances]> => {
      const marginMicro = await readAmounts(seats, (seat) =>
        client.readContract({ ...house, functionName: "marginMicro", args: [market, seat] }),
      );
      const escrowMicro = await client.readContract({
        ...house,
        functionName: "escrowMicro",
        args: [market],
      });
      return [market, { marginMicro, escrowMicro }];
    };
    return {
      freeMicro: await readAmounts(accounts, (account) =>
        client.readContract({ ...house, functionName: "freeMicro", args: [account] }),
      ),
      markets: new Map(await Promise.all(markets.map(readMarket))),
      heldMicro: await client.readContract({ ...house, functionName: "heldMicro" }),
      tokenBalanceMicro: await client.readContract({
        address: addressOf(deployment, "token"),
        abi: testTokenContract.abi,
        functionName: "balanceOf",
        args: [address],
        blockNumber,
      }),
    };
  };
}
