import { beforeEach, expect, it } from "vitest";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import type { MembershipFact } from "./areaState.ts";
import { type MemberDirectory, openMemberDirectory } from "./memberDirectory.ts";

const [ANNA, AGENT, DEVICE] = [1, 2, 3].map(testAddress) as [Address, Address, Address];
const METER: Hex = toHex(wordOf(7));
const GATE = { areaId: 1, member: 4, closesAt: 9_000 };

let time: number;
let chain: { readonly block: number; readonly fact: MembershipFact }[];
let head: number;
let asked: string[];
let isDown: boolean;
let directory: MemberDirectory;

const SETUP = { intervalSeconds: 900, waitingSeconds: 86_400, gateway: ANNA, supplier: 1, dso: 1, fund: 1 };

/** An account with a meter. */
const FACTS: readonly MembershipFact[] = [
  {
    contract: "registry",
    kind: "participantRegistered",
    account: 1,
    owner: ANNA,
    kycHash: "0x",
    timestamp: 0,
  },
  { contract: "areaRegistry", kind: "areaOpened", areaId: 1, operator: ANNA, setup: SETUP, timestamp: 0 },
  { contract: "areaRegistry", kind: "memberAdded", areaId: 1, member: 4, account: 1, timestamp: 0 },
  {
    contract: "areaRegistry",
    kind: "meterEnrolled",
    ...{ areaId: 1, member: 4, meterId: METER, capacityW: 9, deviceKey: DEVICE, certificateNumber: 1n },
    timestamp: 100,
  },
];
const AGENT_ANNOUNCED: MembershipFact = {
  ...{ contract: "registry", kind: "signerAnnounced", account: 1, signer: AGENT },
  ...{ effectiveAt: 9_000, timestamp: 5_400 },
};

beforeEach(() => {
  [time, head, isDown] = [1_000, 10, false];
  chain = FACTS.map((fact) => ({ block: 3, fact }));
  asked = [];
  directory = openMemberDirectory(
    {
      async headBlock() {
        if (isDown) throw new Error("the node is down");
        asked.push("head");
        return head;
      },
      async events(from, to) {
        asked.push(`blocks ${from}…${to}`);
        return chain.filter(({ block }) => block >= from && block <= to).map(({ fact }) => fact);
      },
    },
    () => time,
  );
});

it("asks the chain once for all questions of a second, also when they come together", async () => {
  const answers = await Promise.all([GATE, GATE, { ...GATE, member: 5 }].map(directory.standingOf));
  expect(answers.map(({ signer }) => signer)).toEqual([ANNA, ANNA, null]);
  expect(await directory.accountOf(GATE)).toBe(1);
  expect(await directory.meterAt(METER, 100)).toEqual({
    areaId: 1,
    member: 4,
    account: 1,
    deviceKey: DEVICE,
  });
  expect(await directory.meterAt(METER, 99)).toBeNull();
  expect(asked).toEqual(["head", "blocks 0…10"]);
});

it("reads in each second the blocks that came, and takes nothing in twice", async () => {
  await directory.standingOf(GATE);
  [time, head] = [1_001, 12];
  chain.push({ block: 11, fact: AGENT_ANNOUNCED });
  expect((await directory.standingOf(GATE)).signer).toBe(AGENT);
  expect((await directory.standingOf({ ...GATE, closesAt: 8_999 })).signer).toBe(ANNA);
  time = 1_002;
  expect((await directory.standingOf(GATE)).signer).toBe(AGENT);
  expect(asked).toEqual(["head", "blocks 0…10", "head", "blocks 11…12", "head"]);
});

it("starts anew on a chain that is shorter now", async () => {
  chain.push({ block: 9, fact: AGENT_ANNOUNCED });
  expect((await directory.standingOf(GATE)).signer).toBe(AGENT);
  chain.pop();
  [time, head] = [1_001, 5];
  expect((await directory.standingOf(GATE)).signer).toBe(ANNA);
});

it("answers nothing while the node is down, and is right afterwards", async () => {
  await directory.standingOf(GATE);
  [time, isDown] = [1_001, true];
  await expect(directory.standingOf(GATE)).rejects.toThrow("the node is down");
  chain.push({ block: 11, fact: AGENT_ANNOUNCED });
  [isDown, head] = [false, 11];
  expect((await directory.standingOf(GATE)).signer).toBe(AGENT);
});
