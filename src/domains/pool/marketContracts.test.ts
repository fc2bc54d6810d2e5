import { expect, it } from "vitest";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { readMarketPlace } from "./marketContracts.ts";

it("takes chain, first block and market from a deployment, and nothing else", () => {
  const { chainId, deployedAtBlock, contracts } = DEPLOYMENT;
  const { poolMarket } = contracts;
  expect(readMarketPlace(DEPLOYMENT)).toEqual({ chainId, deployedAtBlock, poolMarket });
});

it.each([
  [null, "deployment is not an object"],
  [{ ...DEPLOYMENT, chainId: "31337" }, "deployment.chainId is not a whole number"],
  [{ ...DEPLOYMENT, deployedAtBlock: -1 }, "deployment.deployedAtBlock is outside 0…9007199254740991"],
  [
    { ...DEPLOYMENT, contracts: { poolMarket: "0xab" } },
    "deployment.contracts.poolMarket is not 20 bytes in lower-case hexadecimal",
  ],
])("names the place of what is malformed", (deployment, sentence) => {
  expect(() => readMarketPlace(deployment)).toThrow(sentence);
});
