import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyNames } from "#community/keyNames.ts";
import { type OwnRecord, readOwnRecord } from "#community/own/ownCommunity.ts";
import { addressInClear, openKeys } from "#community/own/ownKeys.ts";
import { mintCall } from "#domains/accounts/participants.ts";
import { ledgerSeparator, signReading } from "#domains/metering/rules/meterReading.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { type ForeignNode, startAnvilNode, startForeignNode } from "#platform/chain/foreignNode.fixture.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";

/** A node that is none of ours, whose clock goes faster than the world's. */
export type HurriedNode = ForeignNode & {
  /** Lets its clock go on by so many seconds with each block that it makes by itself, until it is stopped. */
  hurry(secondsABlock: number): void;
};

/** Milliseconds between the blocks that a hurried node makes by itself. */
const BLOCK_MS = 500;

export const startHurriedAnvil = async (): Promise<HurriedNode> => hurried(await startAnvilNode());

/** Where Hardhat is installed, to try it; the test is skipped without it. */
export const HARDHAT = process.env.COMMONWATT_TEST_HARDHAT ?? null;

/** Hardhat's node, from the folder where npm put it; it wants a file of its own there. */
export async function startHardhatNode(folder: string): Promise<HurriedNode> {
  const program = join(folder, "node_modules/hardhat/internal/cli/bootstrap.js");
  const config = join(folder, "hardhat.config.cjs");
  writeFileSync(
    config,
    'module.exports = { solidity: "0.8.28", networks: { hardhat: { hardfork: "cancun" } } };\n',
  );
  const args = [program, "--config", config, "node", "--hostname", "127.0.0.1", "--port", "0"];
  const listening = /JSON-RPC server at http:\/\/(\S+?)\/?$/;
  return hurried(await startForeignNode({ program: process.execPath, args, listening, cwd: folder }));
}

export const hasHardhat = (): boolean =>
  HARDHAT !== null && existsSync(join(HARDHAT, "node_modules/hardhat"));

function hurried(node: ForeignNode): HurriedNode {
  let hurrying: NodeJS.Timeout | undefined;
  return {
    ...node,
    hurry(secondsABlock) {
      clearInterval(hurrying);
      hurrying = setInterval(() => {
        void node
          .call("evm_increaseTime", [secondsABlock])
          .then(() => node.call("evm_mine"))
          .catch(() => undefined);
      }, BLOCK_MS);
    },
    async stop() {
      clearInterval(hurrying);
      await node.stop();
    },
  };
}

/** Gives an own community's administrator ten ether of the node's first account: what a faucet or an exchange does. */
export async function giveEther(node: ForeignNode, place: string): Promise<void> {
  const to = addressInClear(join(place, "keys"), "administrator");
  const [from] = (await node.call("eth_accounts")) as Hex[];
  await node.call("eth_sendTransaction", [{ from, to, value: "0x8ac7230489e80000" }]);
}

/** Gives test currency to holders, as who deployed it can: what a bank or an exchange does. */
export async function giveTokens(
  { rpcUrl }: ForeignNode,
  {
    place,
    network: folder,
    passphrase,
    holders,
  }: { place: string; network: string; passphrase: string; holders: readonly string[] },
): Promise<void> {
  const { deployment } = JSON.parse(readFileSync(join(folder, "network.json"), "utf8")) as {
    deployment: Deployment;
  };
  const issuer = openKeys(join(place, "keys"), passphrase).key("administrator");
  const sender = createSender(await connectNetwork({ rpcUrl }), issuer.hex);
  await sender.sendAll(holders.map((holder) => mintCall(deployment, holder as Hex, 1_000_000_000n)));
}

/** The meters of a founded community, whose keys are here. */
export type Meters = {
  readonly record: OwnRecord;
  /** Signs and hands in what each meter counted in an interval, by the member's id; gives why each was refused, null when it was not. */
  handIn(
    api: string,
    intervalId: number,
    energy: (id: string) => [number, number],
  ): Promise<readonly (string | null)[]>;
};

export function openMeters(place: string, folder: string, passphrase: string): Meters {
  const record = readOwnRecord(folder);
  if (record === null) throw new Error(`no community was founded in ${folder}`);
  const { deployment } = JSON.parse(readFileSync(join(folder, "network.json"), "utf8")) as {
    deployment: Deployment;
  };
  const keys = openKeys(join(place, "keys"), passphrase);
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  return {
    record,
    async handIn(api, intervalId, energy) {
      const readings = record.members.map(({ id, member, meterId }) => {
        const [importWh, exportWh] = energy(id);
        const reading = signReading(
          {
            ...{ areaId: record.areaId, intervalId, member, meterId: meterId as Hex },
            ...{ importWh, exportWh, quality: "measured", version: 1 },
          },
          separator,
          keys.key(keyNames.device(id)).privateKey,
        );
        return { ...reading, signature: toHex(reading.signature) };
      });
      const answer = await fetch(`${api}/v1/readings`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ readings }),
      });
      if (!answer.ok) throw new Error(`POST /v1/readings: ${answer.status} ${await answer.text()}`);
      const { answers } = (await answer.json()) as { answers: { reason: string | null }[] };
      return answers.map(({ reason }) => reason);
    },
  };
}
