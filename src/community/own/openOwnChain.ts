import { join } from "node:path";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { numberedChainId, OWN_CHAINS } from "../chainId.ts";
import type { RunningChain } from "../communityNode.ts";
import { keyNames } from "../keyNames.ts";
import { worldNow } from "../runningCommunities.ts";
import { readNetwork } from "../workspace.ts";
import { OWN_NETWORK, type OwnCommunity } from "./ownCommunity.ts";
import { addressInClear } from "./ownKeys.ts";

/** Gas costs nothing on the embedded chain: accounts need no ether. */
const EMBEDDED_GAS_PRICE = 0n;
/** A chain of one's own begins a moment before it is founded. */
const BEFORE_SECONDS = 60;
/** How often a chain of one's own is told the time: blocks that others' transactions make carry it. */
const TICK_MS = 1_000;

/** The chain of a community, ours or one that others run, and how it is let go. */
export type OwnChain = {
  readonly chain: RunningChain;
  readonly network: Network;
  /** Tells an embedded chain the time; does nothing on one that goes by itself. */
  readonly tellTime: (unixSeconds: number) => Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts the community's embedded chain in this process, or connects to the node that its file names.
 *
 * @throws ChainUnreachableError, WrongChainError; ProcessLockedError where another process runs the embedded chain
 */
export async function openOwnChain(
  own: OwnCommunity,
  onNotice: (sentence: string) => void,
): Promise<OwnChain> {
  return own.file.network.rpcUrl === "embedded" ? startOwnChain(own, onNotice) : joinChain(own);
}

async function startOwnChain(own: OwnCommunity, onNotice: (sentence: string) => void): Promise<OwnChain> {
  const embedded = await startEmbeddedChain({
    directory: join(own.folder, "chain"),
    chainId: chainIdOf(operatorOf(own)),
    genesisTimestamp: Math.floor(worldNow()) - BEFORE_SECONDS,
    port: own.file.network.port,
    onNotice,
  });
  try {
    const network = await connectNetwork({
      rpcUrl: embedded.rpcUrl,
      request: embedded.request,
      expectedChainId: embedded.chainId,
      gasPrice: EMBEDDED_GAS_PRICE,
    });
    const { timestamp } = await network.client.getBlock();
    const tellTime = tellForward(Number(timestamp), (second) => embedded.setNextBlockTime(second));
    await tellTime(Math.floor(worldNow()));
    const ticking = setInterval(() => {
      // A chain that ended is told by what needs it.
      tellTime(Math.floor(worldNow())).catch(() => undefined);
    }, TICK_MS);
    const stop = async () => {
      clearInterval(ticking);
      await embedded.stop();
    };
    return { chain: embedded, network, tellTime, stop };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** One after the other, and never a time that is past. */
function tellForward(from: number, tell: (unixSeconds: number) => Promise<void>) {
  let last = from;
  let telling: Promise<void> = Promise.resolve();
  return (unixSeconds: number): Promise<void> => {
    const next = telling.then(async () => {
      if (unixSeconds <= last) return;
      await tell(unixSeconds);
      last = unixSeconds;
    });
    telling = next.catch(() => undefined);
    return next;
  };
}

async function joinChain({ file, workspace }: OwnCommunity): Promise<OwnChain> {
  const { rpcUrl, otherRpcUrls, finality, gasPriceWei } = file.network;
  const known = readNetwork(workspace, OWN_NETWORK);
  const network = await connectNetwork({
    ...{ rpcUrl, otherRpcUrls, finality },
    ...(known === null ? {} : { expectedChainId: known.deployment.chainId }),
    gasPrice: gasPriceWei === undefined ? null : BigInt(gasPriceWei),
  });
  const chain: RunningChain = {
    rpcUrl,
    fundingPrivateKey: null,
    setNextBlockTime: async () => undefined,
    checkpoint: async () => undefined,
    onExit: () => undefined,
  };
  return { chain, network, tellTime: async () => undefined, stop: async () => undefined };
}

/** The operator's address, as its key file says it in clear: the chain is known before a passphrase is asked for. */
export function operatorOf({ keysFolder }: Pick<OwnCommunity, "keysFolder">): Address {
  const operator = addressInClear(keysFolder, keyNames.operator);
  if (operator === null) throw new KeysMissingError(keysFolder);
  return operator;
}

/** A chain id of our own for each operator, away from the numbers of public networks. */
function chainIdOf(operator: Address): number {
  return numberedChainId(OWN_CHAINS, operator);
}

export class KeysMissingError extends DomainError {
  readonly code = "keysMissing";

  constructor(folder: string) {
    super(`there is no key of an operator in ${folder}; commonwatt init makes it`);
  }
}
