import { whenTold } from "../app/api/answer.ts";
import { useSessionState } from "../app/api/session.ts";
import { useFormats } from "../app/format/locale.tsx";
import { capitalised } from "../app/format/sentences.ts";
import { useMarkets } from "../app/markets.ts";
import { Card } from "../app/parts/Card.tsx";
import { type Fact, Facts } from "../app/parts/Facts.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import type { AuditResult } from "./useAudit.ts";

/** How to run the same audit against a node that this server has no hand in. */
export function OwnAudit({ result }: { result: AuditResult | null }) {
  const chainId = whenTold(useSessionState(), ({ chain }) => chain.chainId, null);
  const { count } = useFormats();
  const markets = useMarkets();
  const facts: Fact[] = [];
  if (chainId !== null) facts.push({ name: "Chain", value: chainId });
  for (const { title, address } of markets)
    facts.push({ name: `${capitalised(title)}’s contract`, value: <Hash value={address} /> });
  if (result?.toBlockHash && result.toBlock !== null)
    facts.push({ name: `Block ${count(result.toBlock)}`, value: <Hash value={result.toBlockHash} /> });
  return (
    <Card title="Don’t trust this server?">
      <p>
        You don’t have to. The result above is what this server says of itself. The same audit runs on your
        own computer, against any node of the chain that you trust; it believes signatures and hashes, and
        nothing else.
      </p>
      <pre className="command">
        <code>npx commonwatt audit --rpc &lt;url&gt;</code>
      </pre>
      <p>
        It ends with exit code 0 when all adds up and 1 at the first discrepancy. <code>--json</code> gives
        the whole report for programs.
      </p>
      <Facts facts={facts} />
      <p className="quiet small">
        Compare the last block’s hash with somebody else’s: when both are equal, both of you see one chain.
      </p>
    </Card>
  );
}
