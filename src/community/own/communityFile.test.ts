import { describe, expect, it } from "vitest";
import { parseCommunityFile, termsOfFile } from "./communityFile.ts";
import { communityTemplate, membersTemplate } from "./communityTemplate.ts";
import { parseMembers } from "./membersFile.ts";

const TEXT = communityTemplate({
  ...{ name: "Sunny: Lane", currency: "EUR", timeZone: "Europe/Vienna", intervalMinutes: 15 },
  ...{ rpcUrl: "embedded", contracts: "new", token: "test" },
  ...{ retailPerKwh: 0.32, feedInPerKwh: 0.08, gridFeePerKwh: 0.03 },
});

const faultsOf = (change: (text: string) => string): string => {
  try {
    parseCommunityFile(change(TEXT), "community.yaml");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

/** The line of the file that begins with a text, as messages count them. */
const lineOf = (start: string) =>
  TEXT.split("\n").findIndex((line) => line.trimStart().startsWith(start)) + 1;

describe("community.yaml", () => {
  it("is what init writes, with prices in micro per kWh and money in micro", () => {
    const file = parseCommunityFile(TEXT, "community.yaml");
    expect(file).toMatchObject({
      name: "Sunny: Lane",
      tariff: [{ retailPerKwh: 320_000, feedInPerKwh: 80_000 }],
      market: { gridFeePerKwh: 30_000 },
      margins: { supplier: 500_000_000, member: 50_000_000 },
      network: { rpcUrl: "embedded", contracts: "new", token: "test" },
    });
    expect(termsOfFile(file)).toMatchObject({
      intervalSeconds: 900,
      gateClosureSeconds: 300,
      floorMicroPerKwh: 80_000n,
      ceilingMicroPerKwh: 320_000n,
      upstreamPriceMicroPerKwh: 320_000n,
    });
  });

  it("explains every key that it has", () => {
    const lines = TEXT.split("\n");
    const keys = lines.flatMap((line, i) => (/^\s*(- )?\w+: \S/.test(line) ? [i] : []));
    const section = (i: number) =>
      lines.slice(0, i).findLast((line) => !line.startsWith(" ") && line !== "") ?? "";
    const unexplained = keys.filter((i) => {
      const above = lines.slice(0, i).reverse();
      const comment = above.findIndex((line) => line.trimStart().startsWith("#"));
      return comment > 4 && !section(i).startsWith("parties");
    });
    expect(keys.length).toBeGreaterThan(20);
    expect(unexplained).toEqual([]);
  });

  it("names line, key and unit of what it can't be", () => {
    expect(faultsOf((text) => text.replace(/^ {4}feedInPerKwh: 0.08/m, "    feedInPerKwh: 0.4"))).toContain(
      `community.yaml:${lineOf("- retailPerKwh")}: \`tariff.0\`: feedInPerKwh is above retailPerKwh`,
    );
    expect(faultsOf((text) => text.replace("intervalMinutes: 15", "intervalMinutes: 0"))).toContain(
      `community.yaml:${lineOf("intervalMinutes")}: \`intervalMinutes\` (minutes, whole)`,
    );
    expect(faultsOf((text) => text.replace("  pricing:", "  pricings: x\n  pricing:"))).toContain(
      `community.yaml:${lineOf("pricing")}: \`market\``,
    );
    expect(faultsOf((text) => text.replace("timeZone: Europe/Vienna", "timeZone: Vienna"))).toContain(
      `community.yaml:${lineOf("timeZone")}: \`timeZone\`: no time zone of this name`,
    );
    expect(faultsOf((text) => text.replace("  member: 50", "  member: 0.0000001"))).toContain(
      "at most six decimals",
    );
    expect(faultsOf((text) => text.replace("currency: EUR\n", ""))).toContain("`currency`");
    expect(faultsOf((text) => `${text}\nname: again\n`)).toMatch(
      /community.yaml:\d+: Map keys must be unique/,
    );
  });

  it("says when a block of another's chain is final, and by which nodes it is reached", () => {
    const joined = (rule: string) =>
      TEXT.replace("rpcUrl: embedded", "rpcUrl: http://127.0.0.1:8545").replace(
        "  finality: immediate",
        `  otherRpcUrls: ["http://127.0.0.1:8546"]\n  finality: ${rule}`,
      );
    expect(parseCommunityFile(joined("64 blocks"), "community.yaml").network).toMatchObject({
      otherRpcUrls: ["http://127.0.0.1:8546"],
      finality: { kind: "depth", blocks: 64 },
    });
    expect(() => parseCommunityFile(joined("soon"), "community.yaml")).toThrow(
      /community\.yaml:\d+: `network\.finality`: "soon" is no rule of finality; write "immediate", "64 blocks"/,
    );
    expect(faultsOf((text) => text.replace("finality: immediate", "finality: 4 validators"))).toContain(
      `community.yaml:${lineOf("finality")}: \`network.finality\`: each block of an embedded chain is final at once`,
    );
  });

  it("holds market rules to the contract's, and tariffs to their order", () => {
    const twice = "tariff:\n  - from: 2030-01-01\n    retailPerKwh: 0.3\n    feedInPerKwh: 0.1\n";
    expect(faultsOf((text) => text.replace("tariff:\n", twice))).toContain(
      "the first tariff has no `from`: it holds from the beginning",
    );
  });
});

describe("members.csv", () => {
  const read = (...lines: string[]) => parseMembers(membersTemplate() + lines.join("\n"), "members.csv");
  const first = membersTemplate().split("\n").length;

  it("is what init writes, with a line for each member", () => {
    expect(read()).toEqual([]);
    expect(read('ada,"Lovelace, Ada",AT001,11000,here,here')).toEqual([
      {
        id: "ada",
        name: "Lovelace, Ada",
        meteringPoint: "AT001",
        connectionW: 11_000,
        owner: "here",
        device: "here",
      },
    ]);
  });

  it("names line and column of what is wrong, and of what is there twice", () => {
    expect(() => read("ada,Ada,AT001,11 kW,here,here", "bob,Bob,AT002,9000,0x12,here")).toThrow(
      `members.csv:${first}: \`connectionW\`: whole W above 0\nmembers.csv:${first + 1}: \`owner\`: here, or an address`,
    );
    expect(() => read("ada,Ada,AT001,9000,here,here", "bob,Bob,AT001,9000,here,here")).toThrow(
      `members.csv:${first + 1}: \`meteringPoint\`: AT001 is in line ${first} too`,
    );
    expect(() => read("ada,Ada,AT001,9000,here")).toThrow(`members.csv:${first}: 5 columns, not 6`);
    expect(() => parseMembers("id;name\n", "members.csv")).toThrow(
      "members.csv:1: the heading is not id,name",
    );
  });
});
