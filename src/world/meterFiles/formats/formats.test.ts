import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { utils, write } from "@e965/xlsx";
import { describe, expect, it } from "vitest";
import { at, clockTimes, refusal, tableOf, totals, understood } from "../meterFile.fixture.ts";
import { openFile } from "../openFile.ts";
import { readMeterFile } from "../readMeterFile.ts";

/** A P1 telegram with its counters in Wh; the checksum of the lines is left out, as DSMR 2.2 and 3 do. */
function telegram(time: string, [t1, t2, returned]: readonly [number, number, number]): string {
  const kwh = (wattHours: number) => `${(wattHours / 1_000).toFixed(3).padStart(10, "0")}*kWh`;
  return [
    "/KFM5KAIFA-METER",
    "",
    "1-3:0.2.8(50)",
    `0-0:1.0.0(${time})`,
    "0-0:96.1.1(4530303033)",
    `1-0:1.8.1(${kwh(t1)})`,
    `1-0:1.8.2(${kwh(t2)})`,
    `1-0:2.8.1(${kwh(returned)})`,
    "0-1:24.2.1(180306120000W)(05359.919*m3)",
    "!",
    "",
  ].join("\r\n");
}

describe("DSMR telegrams", () => {
  it("are intervals between their counters, by the letter of summer and winter", () => {
    const text = [
      telegram("251026024500S", [1_000, 500, 0]),
      telegram("251026020000W", [1_100, 500, 0]),
      telegram("251026021500W", [1_100, 700, 50]),
    ].join("");
    const [recording] = understood(text, {});
    expect(recording).toMatchObject({
      meter: "E0003",
      startsAt: at("2025-10-26T00:45Z"),
      stepSeconds: 900,
      length: 2,
    });
    expect(totals(recording)).toEqual({ takenWh: 300, fedInWh: 50 });
  });

  it("are a state when there is one", () => {
    const read = readMeterFile(
      { file: "p1.txt", text: telegram("180306123056W", [4_726_494, 4_844_281, 3_284_320]) },
      {},
    );
    expect(read).toMatchObject({
      format: "dsmr",
      states: [
        { meter: "E0003", until: at("2018-03-06T11:30:56Z"), importWh: 9_570_775, exportWh: 3_284_320 },
      ],
    });
  });

  it("say when their checksum is another", () => {
    const text = `${telegram("251026020000W", [1, 0, 0])}${telegram("251026021500W", [2, 0, 0]).replace("!", "!BEEF")}`;
    expect(understood(text, {})[0]!.warnings).toEqual(["1 of 2 telegrams do not match their checksum"]);
  });
});

describe("NEM12 and NEM13", () => {
  const day = (values: number, of: string, quality = "A") =>
    `${Array.from({ length: values }, () => of).join(",")},${quality},,,20240611000000,`;

  it("are energy by register in the market's time, whatever the zone", () => {
    const text = [
      "100,NEM12,202406110000,MDP,RET",
      "200,NMI001,E1B1Q1,E1,E1,N1,SER,kWh,30,",
      `300,20240610,${day(48, "0.5")}`,
      "200,NMI001,E1B1Q1,B1,B1,N1,SER,Wh,30,",
      `300,20240610,${day(48, "250", "V")}`,
      "400,1,47,A,,",
      "400,48,48,N,,",
      "200,NMI001,E1B1Q1,Q1,Q1,N1,SER,kVArh,30,",
      `300,20240610,${day(48, "9")}`,
      "900",
    ].join("\r\n");
    const [recording] = understood(text, { zone: "Europe/Berlin" });
    expect(recording).toMatchObject({
      meter: "NMI001",
      startsAt: at("2024-06-09T14:00Z"),
      stepSeconds: 1_800,
      length: 48,
    });
    expect(totals(recording)).toEqual({ takenWh: 24_000, fedInWh: 47 * 250 });
  });

  it("are a sum of months where there are no intervals", () => {
    const text =
      "100,NEM13,200401101030,MDA1,Ret1\n250,NMI002,11,1,11,11,M1,E,006342.8,20031005093055,A,,,007654.9,20040107100333,A,,,1312.1,kWh,20040407,\n900\n";
    expect(readMeterFile({ file: "a.csv", text }, {})).toMatchObject({
      states: [{ meter: "NMI002", from: at("2003-10-04T23:30:55Z"), importWh: 1_312_100, exportWh: 0 }],
    });
  });
});

describe("Green Button", () => {
  it("is read by its reading type: power of ten, unit and direction", () => {
    const block = (start: number, value: number) =>
      `<IntervalReading><timePeriod><duration>900</duration><start>${start}</start></timePeriod><value>${value}</value></IntervalReading>`;
    const entry = (self: string, related: string, content: string) =>
      `<entry><link rel="self" href="${self}"/>${related === "" ? "" : `<link rel="related" href="${related}"/>`}<content>${content}</content></entry>`;
    const type = (flow: number) =>
      `<ReadingType xmlns="http://naesb.org/espi"><flowDirection>${flow}</flowDirection><powerOfTenMultiplier>-3</powerOfTenMultiplier><uom>72</uom></ReadingType>`;
    const start = at("2024-06-10T00:00Z");
    const text = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">${[
      entry("/UsagePoint/7/MeterReading/1", "/ReadingType/1", "<MeterReading/>"),
      entry("/ReadingType/1", "", type(1)),
      entry("/UsagePoint/7/MeterReading/2", "/ReadingType/2", "<MeterReading/>"),
      entry("/ReadingType/2", "", type(19)),
      entry(
        "/UsagePoint/7/MeterReading/1/IntervalBlock/1",
        "",
        `<IntervalBlock>${block(start, 60_000)}${block(start + 900, 70_000)}</IntervalBlock>`,
      ),
      entry(
        "/UsagePoint/7/MeterReading/2/IntervalBlock/1",
        "",
        `<IntervalBlock>${block(start, 0)}${block(start + 900, 5_000)}</IntervalBlock>`,
      ),
    ].join("")}</feed>`;
    const [recording] = understood(text, {});
    expect(recording).toMatchObject({ meter: "7", startsAt: start, stepSeconds: 900 });
    expect(totals(recording)).toEqual({ takenWh: 130, fedInWh: 5 });
  });

  it("is read from a utility's table under its preamble, 12-hour clocks, month first", () => {
    const rows = clockTimes("2024-06-13", 1, 60).map((time) => {
      const hour = Number(time.slice(11, 13));
      return `Electric usage,6/13/2024,${((hour + 11) % 12) + 1}:00 ${hour < 12 ? "AM" : "PM"},${((hour + 11) % 12) + 1}:59 ${hour < 12 ? "AM" : "PM"},0.24,$0.05,`;
    });
    const text = [
      "Name,JANE DOE",
      "Service,Service 1",
      "",
      "TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES",
      ...rows,
    ].join("\n");
    const [recording] = understood(text, { zone: "America/Los_Angeles" });
    expect(recording).toMatchObject({ startsAt: at("2024-06-13T07:00Z"), stepSeconds: 3_600, length: 24 });
    expect(totals(recording).takenWh).toBeCloseTo(5_760);
  });
});

describe("tables of makers and operators", () => {
  it("ESB: newest first, ends of half-hours, kinds of energy in rows, means of power", () => {
    const ends = clockTimes("2024-06-10", 2, 30).slice(1, 49).reverse();
    const write = (time: string) =>
      `${time.slice(8, 10)}-${time.slice(5, 7)}-${time.slice(0, 4)} ${time.slice(11)}`;
    const rows = ends.flatMap((time) => [
      `10012345678,000000001,0.500,Active Import Interval (kW),${write(time)}`,
      `10012345678,000000001,0.200,Active Export Interval (kW),${write(time)}`,
    ]);
    const [recording] = understood(
      ["MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time", ...rows].join("\n"),
      {},
    );
    expect(recording).toMatchObject({
      meter: "10012345678",
      startsAt: at("2024-06-09T23:00Z"),
      stepSeconds: 1_800,
      length: 48,
    });
    expect(totals(recording)).toEqual({ takenWh: 12_000, fedInWh: 4_800 });
  });

  it("German and Austrian operators: value and unit in columns, OBIS codes, date and ends of time apart", () => {
    const rows = clockTimes("2024-06-10", 1).map(
      (time) => `${time.slice(8, 10)}.06.2024;${time.slice(11)};0,1;kWh`,
    );
    expect(
      totals(understood(["Datum;Uhrzeit;Wert;Einheit", ...rows].join("\n"), { zone: "Europe/Berlin" })[0])
        .takenWh,
    ).toBe(9_600);
    const codes = clockTimes("2024-06-10", 1).flatMap((time) =>
      ["1-1:1.29.0", "1-1:2.29.0"].map((code) => `${time};${code};0,1;kWh`),
    );
    expect(
      totals(understood(["Ab;OBIS;Wert;Einheit", ...codes].join("\n"), { zone: "Europe/Berlin" })[0]),
    ).toEqual({ takenWh: 9_600, fedInWh: 9_600 });
    const apart = clockTimes("2024-06-10", 1).map(
      (time) => `10.06.2024;${time.slice(11)};${time.slice(11, 13)}:${Number(time.slice(14)) + 14};0,100`,
    );
    expect(
      totals(
        understood(["Datum;Zeit von;Zeit bis;Verbrauch [kWh]", ...apart].join("\n"), {
          zone: "Europe/Vienna",
        })[0],
      ).takenWh,
    ).toBe(9_600);
  });

  it("a column of states is no unit, though W stands in each row; a unit stands above the header or in a row of units below", () => {
    const rows = clockTimes("2024-06-10", 1).map((time) => `${time};0,1;W`);
    const above = ["OBIS;1-1:1.29.0", "Einheit;kWh", "Zeit;Wert;Status", ...rows].join("\n");
    expect(totals(understood(above)[0]).takenWh).toBe(9_600);
    expect(refusal(["Zeit;Wert;Status", ...rows].join("\n")).reason).toBe('"Wert" has no unit');
    const fronius = clockTimes("2024-06-10", 1).map(
      (time) => `10.06.2024 ${time.slice(11)},60.5,100,0.25,39.75`,
    );
    const text = [
      "Datum und Uhrzeit,Gesamtverbrauch,Produktion gesamt,Bezug vom Netz,Einspeisung",
      "[dd.MM.yyyy HH:mm],[Wh],[Wh],[Wh],[Wh]",
      ...fronius,
    ].join("\n");
    expect(totals(understood(text)[0])).toEqual({ takenWh: 5_808, fedInWh: 9_600 });
  });

  it("Enphase: what the home uses and makes, not what the grid saw besides", () => {
    const text = tableOf(
      "Date/Time,Energy Produced (Wh),Energy Consumed (Wh),Exported to Grid (Wh),Imported from Grid (Wh)",
      clockTimes("2024-06-10", 1),
      () => "100,60,40,0",
    );
    expect(totals(understood(text, { zone: "Europe/Berlin" })[0])).toEqual({
      takenWh: 5_760,
      fedInWh: 9_600,
    });
  });

  it("HomeWizard: counters even within a quiet hour, peaks left alone", () => {
    const text = tableOf(
      "time,Import T1 kWh,Import T2 kWh,Export T1 kWh,Export T2 kWh,L1 max W",
      clockTimes("2025-06-24", 1).slice(0, 5),
      (index) => `10.${index}00,5.000,1.000,2.000,900`,
    );
    expect(totals(understood(text, { zone: "Europe/Amsterdam" })[0]).takenWh).toBeCloseTo(400);
  });

  it("48 and 96 columns a day, by clock and by number, beginnings and ends", () => {
    const clocks = clockTimes("2024-06-10", 1).map((time) => time.slice(11));
    const values = (count: number) => Array.from({ length: count }, () => "0.1").join(",");
    const start = `Date,${clocks.map((clock) => `kWh ${clock}`).join(",")}\n2024-06-10,${values(96)}\n2024-06-11,${values(96)}`;
    expect(understood(start, { zone: "Europe/Berlin" })[0]).toMatchObject({
      length: 192,
      startsAt: at("2024-06-09T22:00Z"),
    });
    const ends = `Verbrauch kWh\nDate,${[...clocks.slice(1), "24:00"].join(",")}\n2024-06-10,${values(96)}`;
    expect(understood(ends, { zone: "Europe/Berlin" })[0]).toMatchObject({
      length: 96,
      startsAt: at("2024-06-09T22:00Z"),
    });
    const numbers = `Date,${Array.from({ length: 48 }, (_, at) => `V${at + 1}`).join(",")}\n2024-06-10,${values(48)}`;
    expect(refusal(numbers).answers).toContain("values:");
    const told = { zone: "Europe/Berlin", columns: { values: { is: "load", unit: "kWh" } } } as const;
    expect(totals(understood(numbers, told)[0]).takenWh).toBeCloseTo(4_800);
  });
});

describe("prices", () => {
  const hours = clockTimes("2024-06-10", 1, 60);
  const dotted = (time: string) =>
    `${time.slice(8, 10)}.${time.slice(5, 7)}.${time.slice(0, 4)} ${time.slice(11)}`;

  it.each([
    [
      "smard",
      [
        "Datum von;Datum bis;Deutschland/Luxemburg [€/MWh] Originalauflösungen;∅ Anrainer DE/LU [€/MWh] Originalauflösungen",
        ...hours.map((time) => `${dotted(time)};${dotted(time).slice(0, 14)}59;80,00;70,00`),
      ].join("\n"),
    ],
    [
      "netztransparenz",
      [
        "Datum;von;Zeitzone von;bis;Zeitzone bis;Spotmarktpreis in ct/kWh",
        ...hours.map((time) => `10.06.2024;${time.slice(11)};CEST;${time.slice(11, 13)}:59;CEST;8,000`),
      ].join("\n"),
    ],
    [
      "entsoe",
      [
        '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"',
        ...hours.map(
          (time) =>
            `"10/06/2024 ${time.slice(11)}:00 - 10/06/2024 ${time.slice(11, 13)}:59:00","BZN|DE-LU","Sequence 1","80.00"`,
        ),
      ].join("\n"),
    ],
    [
      "awattar",
      JSON.stringify({
        object: "list",
        data: hours.map((_, hour) => ({
          start_timestamp: (at("2024-06-09T22:00Z") + hour * 3_600) * 1_000,
          end_timestamp: (at("2024-06-09T23:00Z") + hour * 3_600) * 1_000,
          marketprice: 80,
          unit: "Eur/MWh",
        })),
      }),
    ],
    [
      "octopus",
      JSON.stringify({
        results: hours.map((_, hour) => ({
          value_exc_vat: 7.62,
          value_inc_vat: 8,
          valid_from: new Date((at("2024-06-09T22:00Z") + (23 - hour) * 3_600) * 1_000)
            .toISOString()
            .replace(".000", ""),
          valid_to: null,
        })),
      }),
    ],
    [
      "entsoe-xml",
      `<Publication_MarketDocument><TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name><Period><timeInterval><start>2024-06-09T22:00Z</start><end>2024-06-10T22:00Z</end></timeInterval><resolution>PT60M</resolution><Point><position>1</position><price.amount>80.00</price.amount></Point></Period></TimeSeries></Publication_MarketDocument>`,
    ],
  ])("of %s are recognised, 0.08 per kWh each hour", (format, text) => {
    const read = readMeterFile({ file: "prices.csv", text }, {});
    expect(read).toMatchObject({ format });
    expect(read.status === "refused" ? read.reason : "").toBe("");
    if (read.status === "refused") return;
    const [recording] = read.recordings;
    expect(recording).toMatchObject({ startsAt: at("2024-06-09T22:00Z"), stepSeconds: 3_600, length: 24 });
    expect(recording!.columns.map(({ quantity }) => quantity)).toEqual(["price"]);
    expect([...new Set([...recording!.columns[0]!.values].map(Math.round))]).toEqual([80_000]);
  });

  it("of one kind side by side are asked for", () => {
    expect(refusal(tableOf("time;A [€/MWh];B [€/MWh]", hours, () => "80,0;70,0", ";")).reason).toContain(
      "which one counts",
    );
  });
});

describe("workbooks", () => {
  it("are the sheet with the most rows: serial days, a preamble, numbers as they are", async () => {
    const rows = clockTimes("2024-06-10", 1).map((time) => [
      at(`${time.replace(" ", "T")}Z`) / 86_400 + 25_569,
      0.06,
    ]);
    const book = utils.book_new();
    utils.book_append_sheet(book, utils.aoa_to_sheet([["notes"]]), "Info");
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([["Netz Nord GmbH"], ["Zeitpunkt", "Bezug (kWh)"], ...rows]),
      "Daten",
    );
    const bytes = new Uint8Array(write(book, { type: "array", bookType: "xlsx" }) as ArrayBuffer);
    const read = readMeterFile(await openFile({ file: "a.xlsx", bytes }), { zone: "Europe/Berlin" });
    expect(read.status === "read" && totals(read.recordings[0])).toEqual({ takenWh: 5_760, fedInWh: 0 });
    const broken = readMeterFile(await openFile({ file: "b.xlsx", bytes: bytes.slice(0, 900) }), {});
    expect(broken.status).toBe("refused");
  });
});

const samples = fileURLToPath(new URL("../../../../../shared/data/meters", import.meta.url));

describe("the shared samples", () => {
  it("of DSMR give the counters that stand beside them", async (context) => {
    if (!existsSync(samples)) return context.skip("skipped: no data");
    for (const file of readdirSync(`${samples}/dsmr`).filter((name) => name.endsWith(".txt"))) {
      const { electricity } = JSON.parse(
        readFileSync(`${samples}/dsmr/${file.replace(".txt", ".json")}`, "utf8"),
      );
      const sums = (key: string) =>
        electricity.total?.[key] ??
        Object.values<Record<string, number>>(electricity.tariffs).reduce(
          (sum, tariff) => sum + (tariff[key] ?? 0),
          0,
        );
      const read = readMeterFile(
        await openFile({ file, bytes: readFileSync(`${samples}/dsmr/${file}`) }),
        {},
      );
      expect(read, file).toMatchObject({
        states: [{ importWh: sums("received"), exportWh: sums("returned") }],
      });
    }
  });

  it("of NEM12, NEM13 and Green Button give the sums of their records", async (context) => {
    if (!existsSync(samples)) return context.skip("skipped: no data");
    const read = async (file: string) =>
      readMeterFile(await openFile({ file, bytes: readFileSync(`${samples}/${file}`) }), {});
    const energy = async (file: string) => {
      const one = await read(file);
      return one.status === "read" ? totals(one.recordings[0]) : one.reason;
    };
    expect(await energy("nem12/Example_NEM12_actual_interval.csv")).toEqual({ takenWh: 53_328, fedInWh: 0 });
    expect(await energy("nem12/Example_NEM12_month_solar.csv")).toEqual({
      takenWh: 270_738,
      fedInWh: 589_172,
    });
    expect(await energy("nem12/Example_NEM12_multiple_quality.csv")).toEqual({
      takenWh: 896_990,
      fedInWh: 0,
    });
    expect(await energy("greenbutton/TestGBDataHourlyNineDaysBinnedDaily.xml")).toEqual({
      takenWh: 199_563,
      fedInWh: 0,
    });
    expect(await read("nem12/Example_NEM13_consumption_data.csv")).toMatchObject({
      states: [{ importWh: 1_312_100 }],
    });
  });
});
