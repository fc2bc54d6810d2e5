import { describe, expect, it } from "vitest";
import { renderAudit } from "./auditReport.ts";

const checked = { "chain.blocks": 812, "pool.orders": 7 };

describe("renderAudit", () => {
  it("says what was verified, up to which block, and what was not", () => {
    const toBlockHash = `0x${"12".repeat(32)}` as const;
    const text = renderAudit({
      verdict: "clean",
      headers: "ethereum",
      fromBlock: 0,
      toBlock: 811,
      toBlockHash,
      newestBlock: 825,
      checked,
      notes: ["the archive is not available"],
    });
    expect(text).toContain(`CLEAN: blocks 0 to 811 (${toBlockHash})`);
    expect(text).toContain("\n14 blocks came since and are not audited.\n");
    expect(text).toContain("Headers: Ethereum's roots");
    expect(text).toMatch(/^812 {2}Blocks +hash, contents, and link/m);
    expect(text).toMatch(/^ {2}7 {2}Orders +signed by who signs for the member, within the limits/m);
    expect(text).toMatch(/\nNote: the archive is not available\.\n$/);
  });

  it("names the first discrepancy before anything else", () => {
    const sentence = "interval 5 of area 1, block 812: bid 3 of account 17 is not signed by 0x12";
    const discrepancy = { rule: "orderSignature", sentence, block: 812, transactionHash: null } as const;
    const lines = renderAudit({ verdict: "discrepancy", headers: "ethereum", discrepancy, checked }).split(
      "\n",
    );
    expect(lines.slice(0, 4)).toEqual(["DISCREPANCY (orderSignature)", sentence, "", "Verified before it:"]);
  });
});
