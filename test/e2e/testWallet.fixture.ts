import type { Page } from "playwright-core";
import { type Hex, numberToHex, type TypedDataDefinition } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { KeyPair } from "#platform/runtime/keyring.ts";

/** What a page asked its wallet, in order; anyone who sets `declines` lets the wallet's owner say no. */
export type TestWallet = { readonly asked: string[]; declines: boolean };

type Request = { readonly method: string; readonly params?: readonly unknown[] };

/** Puts a wallet by EIP-1193 into the page, as an extension does; its key stays in the test. */
export async function injectWallet(page: Page, key: KeyPair, chainId: number): Promise<TestWallet> {
  const wallet: TestWallet = { asked: [], declines: false };
  const account = privateKeyToAccount(key.hex);
  const sign = async ({ method, params = [] }: Request): Promise<unknown> => {
    wallet.asked.push(method);
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [account.address];
      case "eth_chainId":
        return numberToHex(chainId);
      case "personal_sign":
        return account.signMessage({ message: { raw: params[0] as Hex } });
      case "eth_signTypedData_v4":
        return account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
      default:
        throw new Error(`the test wallet does not answer ${method}`);
    }
  };
  await page.exposeFunction("askTestWallet", async (request: Request) => {
    if (wallet.declines && /sign/i.test(request.method))
      return { code: 4_001, message: "User rejected the request." };
    return sign(request).then(
      (result) => ({ result }),
      (error: Error) => ({ code: 4_200, message: error.message }),
    );
  });
  await page.addInitScript(PROVIDER);
  return wallet;
}

/** Runs in the page before its own scripts. */
const PROVIDER = `
  window.ethereum = {
    on: () => {},
    removeListener: () => {},
    request: async (request) => {
      const { result, code, message } = await window.askTestWallet(request);
      if (code) throw Object.assign(new Error(message), { code });
      return result;
    },
  };
`;
