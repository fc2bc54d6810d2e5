import { useEffect, useState } from "react";
import { loadScript } from "../api/loadScript.ts";
import type { SessionState } from "../api/session.ts";
import "./wallet.css";

type Wallet = { readonly uid: string; readonly name: string; readonly icon: string | null };

/** The wallets of this browser; without one, what to do about it. */
export function WalletChoice({
  state,
  isBusy,
  onChoose,
}: {
  state: SessionState;
  isBusy: boolean;
  onChoose: (uid: string) => void;
}) {
  const wallets = useWallets(state);
  if (wallets === null) return <p className="quiet small">Looking for wallets…</p>;
  if (wallets.length === 0)
    return (
      <p className="quiet small">
        A wallet is a small program that keeps your key and signs in your name; there is no password here.
        This browser has none. To get one: install an extension such as MetaMask, Rabby or Frame from your
        browser’s own store, let it make a new account, write its recovery words on paper and show them to
        nobody, then load this page again. Signing in costs nothing and moves no money.
      </p>
    );
  return (
    <ul className="roles">
      {wallets.map(({ uid, name, icon }) => (
        <li key={uid}>
          <button type="button" className="button role" disabled={isBusy} onClick={() => onChoose(uid)}>
            {icon ? <img src={icon} alt="" width="18" height="18" /> : null}
            <span>{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Null while the wallet's library is being fetched. */
function useWallets(state: SessionState): readonly Wallet[] | null {
  const [wallets, setWallets] = useState<readonly Wallet[] | null>(null);
  const { currency } = state;
  const { chainId } = state.chain;
  useEffect(() => {
    let isHere = true;
    loadScript(() => import("./walletConfig.ts")).then(({ walletConfig, walletsOf }) => {
      if (isHere) setWallets(walletsOf(walletConfig({ chain: { chainId }, currency })).map(walletOf));
    });
    return () => {
      isHere = false;
    };
  }, [chainId, currency]);
  return wallets;
}

/** Only a picture that is part of the announcement is shown: no request goes to another host. */
function walletOf({
  uid,
  id,
  name,
  icon,
}: {
  uid: string;
  id: string;
  name: string;
  icon?: string | undefined;
}) {
  const isInline = icon?.trim().startsWith("data:image/") ?? false;
  return {
    uid,
    name: id === "injected" ? "Wallet of this browser" : name,
    icon: isInline ? (icon?.trim() ?? null) : null,
  };
}
