import type { Abi, Address, Hex } from "viem";
import { readContract } from "wagmi/actions";
import { clearingHouseContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { NOTICE_LAPSES_AFTER_SECONDS } from "#domains/accounts/rules/houseConstants.ts";
import type { SessionState } from "../app/api/session.ts";
import { type OpenWallet, openWalletOf } from "../app/wallet/openWallet.ts";
import { sendCall } from "../app/wallet/sendCall.ts";
import { walletConfig } from "../app/wallet/walletConfig.ts";

/** What the owner of an account can do with its money (docs/decisions/008). */
export type HouseAction = "deposit" | "addMargin" | "announce" | "release" | "withdraw";

/** One thing to do, and with how much; the amount of a release is what was announced. */
export type HouseMove = { readonly action: HouseAction; readonly amountMicro: bigint };

/** What only the chain says of an account's money, micro; `notice` is of margin that is to leave the market. */
export type HouseState = {
  readonly walletMicro: bigint;
  readonly notice: {
    readonly amountMicro: bigint;
    readonly payableAt: number;
    readonly lapsesAt: number;
  } | null;
};

/** The address that owns an account, and which margin is meant: a seat has one in each market; null where there is no seat. */
export type MarginOwner = { readonly address: string; readonly market: string; readonly seat: number | null };

const tokenAbi = testTokenContract.abi;
const houseAbi = clearingHouseContract.abi;

/** Reads the wallet's own currency and the notice of a margin. */
export async function readHouse(state: SessionState, owner: MarginOwner): Promise<HouseState> {
  const [walletMicro, notice] = await Promise.all([
    readContract(walletConfig(state), {
      address: placesOf(state).token,
      abi: tokenAbi,
      functionName: "balanceOf",
      args: [owner.address as Address],
    }),
    readNotice(state, owner),
  ]);
  return { walletMicro, notice };
}

async function readNotice(state: SessionState, { market, seat }: MarginOwner): Promise<HouseState["notice"]> {
  if (seat === null) return null;
  const [amountMicro, payable] = await readContract(walletConfig(state), {
    address: placesOf(state).clearingHouse,
    abi: houseAbi,
    functionName: "noticeOf",
    args: [market as Address, seat],
  });
  const payableAt = Number(payable);
  if (payableAt === 0) return null;
  return { amountMicro, payableAt, lapsesAt: payableAt + NOTICE_LAPSES_AFTER_SECONDS };
}

/** Does one thing with the money of `address`, and waits until the chain has it; gives the last transaction's hash. */
export async function moveMoney(
  state: SessionState,
  { address, market, seat, action, amountMicro }: MarginOwner & HouseMove,
): Promise<Hex> {
  const wallet = await openWalletOf(state, address);
  const places = placesOf(state);
  const house = (functionName: string, args: readonly unknown[]) =>
    sendCall(wallet, { address: places.clearingHouse, abi: houseAbi as Abi, functionName, args });
  switch (action) {
    case "deposit":
      await allow(wallet, places, amountMicro);
      return house("deposit", [amountMicro]);
    case "addMargin":
      return house("addMargin", [market, seat, amountMicro]);
    case "announce":
      return house("announceMarginWithdrawal", [market, seat, amountMicro]);
    case "release":
      return house("withdrawMargin", [market, seat]);
    case "withdraw":
      return house("withdraw", [amountMicro]);
  }
}

type Places = ReturnType<typeof placesOf>;

function placesOf({ chain }: SessionState) {
  const { token, clearingHouse } = chain.contracts;
  return {
    token: token as Address,
    clearingHouse: clearingHouse as Address,
  };
}

/** The clearing house may fetch no more than the owner allows, which is its own transaction. */
async function allow(wallet: OpenWallet, places: Places, amountMicro: bigint): Promise<void> {
  const { token, clearingHouse } = places;
  const allowed = await readContract(wallet.config, {
    address: token,
    abi: tokenAbi,
    functionName: "allowance",
    args: [wallet.account, clearingHouse],
  });
  if (allowed >= amountMicro) return;
  const call = { address: token, abi: tokenAbi as Abi, functionName: "approve" };
  await sendCall(wallet, { ...call, args: [clearingHouse, amountMicro] });
}
