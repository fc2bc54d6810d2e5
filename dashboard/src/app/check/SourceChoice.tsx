import { useState } from "react";
import { type CheckSource, isIndependent, sourceHint } from "./checkSource.ts";
import { nodeOf } from "./nodeOf.ts";

type Source = "server" | "rpc";

/** Where a check has the chain's part from. */
export type ChosenSource = {
  /** A node to read from, so that the server need not be trusted; null trusts the server's copy. */
  readonly rpcUrl: string | null;
  /** Whether that node is another party's than this server's, as far as its address tells. */
  readonly isIndependent: boolean;
  readonly source: CheckSource;
};

/** The reader's choice, with the fields that it is made in. */
export function useSource(): { readonly fields: SourceChoiceProps; readonly chosen: () => ChosenSource } {
  const [source, onSource] = useState<Source>("server");
  const [rpcUrl, onRpcUrl] = useState(`${location.origin}/rpc`);
  return { fields: { source, onSource, rpcUrl, onRpcUrl }, chosen: () => chosenSource(source, rpcUrl) };
}

/** An address that is none goes to the check as it is, which says so. */
function chosenSource(source: Source, rpcUrl: string): ChosenSource {
  if (source === "server") return { rpcUrl: null, isIndependent: false, source };
  const node = nodeOf(rpcUrl, location.origin) ?? "elsewhere";
  return { rpcUrl, isIndependent: isIndependent(node), source: node };
}

type SourceChoiceProps = {
  readonly source: Source;
  readonly onSource: (source: Source) => void;
  readonly rpcUrl: string;
  readonly onRpcUrl: (rpcUrl: string) => void;
};

export function SourceChoice({ source, onSource, rpcUrl, onRpcUrl }: SourceChoiceProps) {
  return (
    <fieldset className="check-source">
      <legend className="small quiet">Data from</legend>
      <label>
        <input type="radio" name="source" checked={source === "server"} onChange={() => onSource("server")} />
        <span>this server</span>
      </label>
      <label>
        <input type="radio" name="source" checked={source === "rpc"} onChange={() => onSource("rpc")} />
        <span>a node of the chain; only one that isn’t this server’s makes the check independent</span>
      </label>
      {source === "rpc" ? (
        <>
          <label className="field">
            <span>Address of the node (JSON-RPC)</span>
            <input type="url" required value={rpcUrl} onChange={({ target }) => onRpcUrl(target.value)} />
          </label>
          <NodeHint rpcUrl={rpcUrl} />
        </>
      ) : null}
    </fieldset>
  );
}

function NodeHint({ rpcUrl }: { rpcUrl: string }) {
  const node = nodeOf(rpcUrl, location.origin);
  const hint = sourceHint(node);
  return hint === null ? null : (
    <p className="small" role="note" data-node={node}>
      {hint}
    </p>
  );
}
