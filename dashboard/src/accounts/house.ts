import type { Abi, Address, Hex } from "viem";
import { readContract, simulateContract, waitForTransactionReceipt, writeContract } from "wagmi/actions";
import { clearingHouseContract, testTokenContract } from "#domains/accounts/contracts.generated.ts";
import { NOTICE_LAPSES_AFTER_SECONDS } from "#domains/accounts/rules/houseConstants.ts";
import type { SessionState } from "../app/api/session.ts";
import { type OpenWallet, openWalletOf } from "../app/wallet/openWallet.ts";
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

/** An account, the address that owns it, and the market whose margin is meant. */
export type MarginOwner = { readonly account: number; readonly address: string; readonly market: string };

const tokenAbi = testTokenContract.abi;
const houseAbi = clearingHouseContract.abi;

/** Reads the wallet's own currency and the notice of an account. */
export async function readHouse(
  state: SessionState,
  { account, address, market }: MarginOwner,
): Promise<HouseState> {
  const config = walletConfig(state);
  const { token, clearingHouse } = placesOf(state);
  const [walletMicro, [amountMicro, payableAt]] = await Promise.all([
    readContract(config, {
      address: token,
      abi: tokenAbi,
      functionName: "balanceOf",
      args: [address as Address],
    }),
    readContract(config, {
      address: clearingHouse,
      abi: houseAbi,
      functionName: "noticeOf",
      args: [market as Address, account],
    }),
  ]);
  const at = Number(payableAt);
  const notice = at === 0 ? null : { amountMicro, payableAt: at, lapsesAt: at + NOTICE_LAPSES_AFTER_SECONDS };
  return { walletMicro, notice };
}

/** Does one thing with the money of `address`, and waits until the chain has it; gives the last transaction's hash. */
export async function moveMoney(
  state: SessionState,
  { address, market, action, amountMicro }: Omit<MarginOwner, "account"> & HouseMove,
): Promise<Hex> {
  const wallet = await openWalletOf(state, address);
  const places = placesOf(state);
  const house = (functionName: string, args: readonly unknown[]) =>
    send(wallet, { address: places.clearingHouse, abi: houseAbi as Abi, functionName, args });
  switch (action) {
    case "deposit":
      await allow(wallet, places, amountMicro);
      return house("deposit", [amountMicro]);
    case "addMargin":
      return house("addMargin", [market, amountMicro]);
    case "announce":
      return house("announceMarginWithdrawal", [market, amountMicro]);
    case "release":
      return house("withdrawMargin", [market]);
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
  await send(wallet, { ...call, args: [clearingHouse, amountMicro] });
}

type ContractCall = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

/** Asks the chain first, which names the reason of a refusal before anything is signed. */
async function send({ config, connector, account }: OpenWallet, call: ContractCall): Promise<Hex> {
  await simulateContract(config, { ...call, account, connector });
  const hash = await writeContract(config, { ...call, account, connector });
  const { status } = await waitForTransactionReceipt(config, { hash });
  if (status === "reverted") throw new TransactionRevertedError(hash);
  return hash;
}

class TransactionRevertedError extends Error {
  constructor(hash: Hex) {
    super(`the chain refused transaction ${hash}; nothing was moved`);
  }
}
