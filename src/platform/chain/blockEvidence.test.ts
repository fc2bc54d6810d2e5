import type { RpcTransaction } from "viem";
import { expect, it } from "vitest";
import { readTransaction } from "./blockEvidence.ts";

/** As Hardhat's node 2.29.1 tells a transaction by EIP-155: without its chain's id. */
const TRANSACTION = {
  hash: "0xe1ccb52e1b4130b4de79cc88ace7ce38cc3da532a8e7773417c946cb27ee7a84",
  nonce: "0x0",
  blockHash: "0xc05e4f36067fec23cf09313812a2973901daec691b3890c2678f83210e0057e9",
  blockNumber: "0x1",
  transactionIndex: "0x0",
  from: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
  to: "0x00000000000000000000000000000000000000c1",
  value: "0x5",
  gasPrice: "0xb2d05e00",
  gas: "0x5208",
  input: "0x",
  type: "0x0",
  v: "0xf4f6",
  r: "0xe6e876ab5c2a84d770b7255b1a54124fe3d74947cace6558ed5c0d398fa0c394",
  s: "0x58da5072bbc66472528a5e4295077ffb16e7a71f4a89d318bec81934b94188ef",
} as unknown as RpcTransaction<false>;

it("finds who signed an old transaction whose node does not say the chain's id", () => {
  expect(readTransaction(TRANSACTION).fault).toBeNull();
  expect(readTransaction({ ...TRANSACTION, chainId: "0x7a69" } as RpcTransaction<false>).fault).toBeNull();
});

it("refuses another sender, and another value", () => {
  const sender = { ...TRANSACTION, from: TRANSACTION.to } as RpcTransaction<false>;
  expect(readTransaction(sender).fault?.rule).toBe("transactionSender");
  expect(readTransaction({ ...TRANSACTION, value: "0x6" }).fault?.rule).toBe("transactionHash");
});
