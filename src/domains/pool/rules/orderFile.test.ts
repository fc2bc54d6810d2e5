import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderFileEmptyError, OrderFileHeaderError, parseOrderFile } from "./orderFile.ts";

const HEADER = "participant,side,energyWh,limitPriceMicroPerKwh";

function parseLine(line: string) {
  return parseOrderFile(`${HEADER}\n${line}\n`);
}

function reasonOf(line: string): string | undefined {
  const { orders, rejected } = parseLine(line);
  expect(orders).toEqual([]);
  expect(rejected.map((refusal) => refusal.line)).toEqual([2]);
  return rejected[0]?.reason;
}

describe("parseOrderFile", () => {
  it("refuses what a participant has on the other side than its first order", () => {
    const lines = ["ann,bid,5,9", "bob,offer,5,9", "ann,offer,5,1", "oops", "bob,bid,7,9", "ann,bid,1,9"];
    const { orders, rejected } = parseOrderFile(`${HEADER}\n${lines.join("\n")}`);
    expect(orders.map(({ line }) => line)).toEqual([2, 3, 7]);
    expect(rejected.map(({ line }) => line)).toEqual([4, 5, 6]);
    expect(rejected[0]?.reason).toBe(
      'bothSides: "ann" has a bid on line 2, so its offer is refused: nobody trades with itself',
    );
    expect(rejected[2]?.reason).toMatch(/"bob" has an offer on line 3/);
  });

  it("reads bids and offers with their lines", () => {
    expect(parseOrderFile(`${HEADER}\nann,bid,500,-120000\nbob,offer,4294967295,+7`)).toEqual({
      orders: [
        { line: 2, participant: "ann", side: "bid", energyWh: 500, limitPriceMicroPerKwh: -120_000 },
        { line: 3, participant: "bob", side: "offer", energyWh: 4_294_967_295, limitPriceMicroPerKwh: 7 },
      ],
      rejected: [],
    });
  });

  it("takes the columns in any order", () => {
    const { orders } = parseOrderFile("side,limitPriceMicroPerKwh,participant,energyWh\nbid,9,ann,5\n");
    expect(orders).toEqual([
      { line: 2, participant: "ann", side: "bid", energyWh: 5, limitPriceMicroPerKwh: 9 },
    ]);
  });

  it("accepts a byte-order mark, CRLF and empty lines, which count", () => {
    const { orders, rejected } = parseOrderFile(
      `\uFEFF${HEADER}\r\n\r\nann,bid,5,9\r\n  \r\nbob,bid,x,9\r\n`,
    );
    expect(orders.map(({ line, participant }) => [line, participant])).toEqual([[3, "ann"]]);
    expect(rejected.map(({ line }) => line)).toEqual([5]);
  });

  it("accepts quoted fields, with commas and doubled quotes in them", () => {
    const { orders } = parseOrderFile(
      `"participant","side",energyWh,limitPriceMicroPerKwh\r\n"Ann ""A"", Elm St" , "bid","5",9\r\n`,
    );
    expect(orders).toMatchObject([{ participant: 'Ann "A", Elm St', side: "bid", energyWh: 5 }]);
  });

  it("takes blanks around a field for no part of it", () => {
    expect(parseLine(" ann ,\tbid, 5 , 9 ").orders).toMatchObject([{ participant: "ann", energyWh: 5 }]);
  });

  it("takes any text for a name", () => {
    const names = ["__proto__", "constructor", "0", "Ünal", "-"];
    const { orders } = parseLine(names.map((name) => `${name},bid,5,9`).join("\n"));
    expect(orders.map(({ participant }) => participant)).toEqual(names);
  });

  it.each([
    ["ann,ask,5,9", 'side is "ask", neither bid nor offer'],
    ["ann,Bid,5,9", 'side is "Bid", neither bid nor offer'],
    [",bid,5,9", "participant is missing"],
    ["a\u0007b,bid,5,9", 'participant is "a\\u0007b", with a control character'],
    ["ann,bid,,9", 'energyWh is "", not a whole number of Wh'],
    ["ann,bid,1.5,9", 'energyWh is "1.5", not a whole number of Wh'],
    ["ann,bid,1e3,9", 'energyWh is "1e3", not a whole number of Wh'],
    ["ann,bid,0x10,9", 'energyWh is "0x10", not a whole number of Wh'],
    ["ann,bid,-5,9", 'energyWh is "-5", which is negative'],
    ["ann,bid,0,9", "energyWh is 0 Wh: an order needs energy"],
    ["ann,bid,4294967296,9", 'energyWh is "4294967296", more than the 4294967295 Wh that an order can carry'],
    ["ann,bid,5,9.5", 'limitPriceMicroPerKwh is "9.5", not a whole number of micro per kWh'],
    ["ann,bid,5,NaN", 'limitPriceMicroPerKwh is "NaN", not a whole number of micro per kWh'],
    [
      "ann,bid,5,2147483648",
      'limitPriceMicroPerKwh is "2147483648", outside -2147483648 to 2147483647 micro per kWh',
    ],
    ["ann,bid,5", "the line has 3 columns instead of 4"],
    ["ann,bid,5,9,", "the line has 5 columns instead of 4"],
    ["ann", "the line has 1 column instead of 4"],
    ['a"nn,bid,5,9', "a quote is not closed on its line, or stands inside an unquoted field"],
    ['"ann"x,bid,5,9', "a quote is not closed on its line, or stands inside an unquoted field"],
  ])("refuses %j", (line, reason) => {
    expect(reasonOf(line)).toBe(reason);
  });

  it("loses one line to a quote that is never closed", () => {
    const { orders, rejected } = parseLine('"ann,bid,5,9\nbob,bid,5,9\ncho,"bid,5,9\ndan,bid,5,9');
    expect(orders.map(({ participant }) => participant)).toEqual(["bob", "dan"]);
    expect(rejected.map(({ line }) => line)).toEqual([2, 4]);
  });

  it("quotes only the beginning of a long field, and refuses an endless line", () => {
    expect(reasonOf(`ann,${"x".repeat(5_000)},5,9`)?.length).toBeLessThan(100);
    expect(reasonOf(`"${" ".repeat(1_000_000)}x"y`)).toBe("the line has more than 10000 characters");
  });

  it("accepts minus zero as zero", () => {
    expect(Object.is(parseLine("ann,bid,5,-0").orders[0]?.limitPriceMicroPerKwh, 0)).toBe(true);
  });

  it.each(["", "\uFEFF", "\n\r\n  \n"])("calls %j empty", (text) => {
    expect(() => parseOrderFile(text)).toThrow(OrderFileEmptyError);
  });

  it.each([
    "ann,bid,5,9",
    "participant,side,energyWh",
    `${HEADER},note`,
    "participant,side,side,energyWh",
    "Participant,Side,EnergyWh,LimitPriceMicroPerKwh",
    `"${HEADER}`,
  ])("finds no header in %j", (text) => {
    expect(() => parseOrderFile(`${text}\nann,bid,5,9`)).toThrow(OrderFileHeaderError);
  });

  it("accounts for every line of any text and never throws on it", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "bid", "offer", ",", '"', "\n", "\r", "5", "-", " ", "\0"),
    });
    fc.assert(
      fc.property(text, (body) => {
        const { orders, rejected } = parseOrderFile(`${HEADER}\n${body}`);
        const filled = body.split("\n").filter((line) => line.trim() !== "");
        expect(orders.length + rejected.length).toBe(filled.length);
      }),
    );
  });
});
