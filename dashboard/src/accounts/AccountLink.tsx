import { Link } from "@tanstack/react-router";
import { useNames } from "./names.ts";

/** An account by its name where the reader may know it, leading to its page. */
export function AccountLink({ account }: { account: number }) {
  const nameOf = useNames();
  return (
    <Link to="/participants/$account" params={{ account: String(account) }} title={`Account ${account}`}>
      {nameOf(account)}
    </Link>
  );
}
