import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { at, BERLIN, clockTimes, refusal, tableOf, totals, understood } from "./meterFile.fixture.ts";
import { openFile } from "./openFile.ts";
import { readMeterFile } from "./readMeterFile.ts";

const DAY = clockTimes("2024-06-10", 1);

describe("counters, net values and parts", () => {
  it("takes the differences of a meter's tariffs, not their states", () => {
    const text = tableOf(
      "time,Import T1 kWh,Import T2 kWh,Export T1 kWh",
      DAY,
      (index) =>
        `${(7_134.42 + index * 0.06).toFixed(3)},4980.100,${(2_210.115 + Math.max(0, index - 40) * 0.2).toFixed(3)}`,
    );
    expect(totals(understood(text)[0])).toEqual({ takenWh: 5_700, fedInWh: 11_000 });
  });

  it("asks whether a column that never falls is a counter", () => {
    const text = tableOf("time,load_kwh", DAY, (index) => (7_134.42 + index * 0.06).toFixed(3));
    expect(refusal(text)).toEqual({
      reason: expect.stringContaining("never falls over 96 rows, from 7134.42 to 7140.12 kWh"),
      answers: expect.stringContaining('"load_kwh": { values: register }'),
    });
    const told = { ...BERLIN, columns: { load_kwh: { values: "register" } } } as const;
    expect(totals(understood(text, told)[0]).takenWh).toBe(5_700);
  });

  it("spreads what a counter ran over missing rows, rolls over, and leaves a gap at a reset", () => {
    const states = [99_999.2, 99_999.7, 0.2, null, 1.2, 1.7, 0.1, 0.6];
    const text = tableOf("time,register kWh", DAY.slice(0, 8), (index) => String(states[index] ?? ""));
    const [recording] = understood(text);
    expect([...recording!.columns[0]!.values].map((value) => Math.round(value))).toEqual([
      500,
      500,
      500,
      500,
      500,
      Number.NaN,
      500,
    ]);
    expect([...recording!.columns[0]!.estimated!]).toEqual([0, 0, 1, 1, 0, 0, 0]);
    expect(recording!.warnings.join()).toContain("reset");
  });

  it("reads consumption that is often below zero as a net", () => {
    const text = tableOf("time,usage_kwh", DAY, (index) => (index > 40 && index < 60 ? "-0.5" : "0.1"));
    expect(totals(understood(text)[0])).toEqual({ takenWh: 7_700, fedInWh: 9_500 });
  });

  it("asks when consumption is below zero beside a feed-in", () => {
    const text = tableOf("time,usage_kwh,export_kwh", DAY, (index) => `${index > 40 ? "-0.5" : "0.1"},0.1`);
    expect(refusal(text).answers).toContain("is: net");
  });

  it("takes a whole, not its parts besides", () => {
    const text = tableOf(
      "time;Verbrauch (kWh);Restnetzbezug (kWh);Eigendeckung (kWh)",
      DAY,
      () => "0,060000;0,036000;0,024000",
      ";",
    );
    expect(totals(understood(text)[0]).takenWh).toBe(5_760);
    const sum = tableOf(
      "time,total_use_kwh,kitchen_use_kwh,oven_use_kwh",
      DAY,
      (index) => `${(0.03 + (index % 10) / 100).toFixed(2)},0.02,${(0.01 + (index % 10) / 100).toFixed(2)}`,
    );
    expect(totals(understood(sum)[0]).takenWh).toBeCloseTo(96 * 30 + 4_200, 3);
  });

  it("asks when one consumption may be part of another", () => {
    const text = tableOf("time,load_kwh,oven_use_kwh", DAY, () => "0.1,0.02");
    expect(refusal(text).reason).toContain("a whole beside its parts");
  });

  it("takes home and solar of a balance, not battery and grid besides", () => {
    const text = tableOf(
      "Date time,Home (kW),Solar (kW),Powerwall (kW),Grid (kW)",
      DAY,
      () => "0.240,1.0,-0.3,-0.460",
    );
    expect(totals(understood(text)[0])).toEqual({ takenWh: 5_760, fedInWh: 24_000 });
  });

  it("asks whether a column that starts anew each day is a day's counter", () => {
    const text = tableOf("time,pv_kwh", clockTimes("2024-06-10", 2), (index) =>
      (Math.max(0, (index % 96) - 30) * 0.1).toFixed(1),
    );
    expect(refusal(text).reason).toContain("starts anew 1 times");
  });

  it("asks for the sign of a column without a direction, and turns it", () => {
    const text = tableOf("time,grid_w", DAY, (index) => (index > 40 && index < 60 ? "-500" : "300"));
    expect(refusal(text).answers).toContain("sign: turned");
    const told = { ...BERLIN, columns: { grid_w: { is: "net", sign: "turned" } } } as const;
    expect(totals(understood(text, told)[0])).toEqual({ takenWh: 2_375, fedInWh: 5_775 });
  });

  it("takes the total of three phases, and asks when there is none", () => {
    const text = (total: string) =>
      tableOf(
        `time,P_L1 (W),P_L2 (W),P_L3 (W)${total === "" ? "" : ",P_total (W)"}`,
        DAY,
        () => `100,250,300${total}`,
      );
    expect(totals(understood(text(",650"))[0]).takenWh).toBe(15_600);
    expect(refusal(text("")).reason).toContain("parts to add up");
  });

  it("reads a feed-in as what it is", () => {
    const text = tableOf("time;Einspeisung (kWh)", DAY, () => "0,25", ";");
    expect(totals(understood(text)[0])).toEqual({ takenWh: 0, fedInWh: 24_000 });
  });
});

describe("times", () => {
  it("stand in two columns, and end a minute early", () => {
    const rows = DAY.map(
      (time) =>
        `Electric usage,${time.slice(0, 10)},${time.slice(11)},${time.slice(11, 13)}:${Number(time.slice(14)) + 14},0.06,$0.01,`,
    );
    const text = ["TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES", ...rows].join("\n");
    const [recording] = understood(text);
    expect(recording).toMatchObject({ stepSeconds: 900, length: 96, startsAt: at("2024-06-09T22:00Z") });
    expect(totals(recording).takenWh).toBe(5_760);
  });

  it("without an offset under a name with UTC are UTC, whatever the community's zone", () => {
    for (const name of ["timestamp_utc", "Time (UTC)", "UTC", "start GMT"]) {
      const [recording] = understood(tableOf(`${name},load_kwh`, DAY, () => "0.1"));
      expect(recording!.startsAt, name).toBe(at("2024-06-10T00:00Z"));
    }
  });

  it("without an offset and without a zone are asked for", () => {
    expect(
      refusal(
        tableOf("time,load_kwh", DAY, () => "0.1"),
        {},
      ).answers,
    ).toContain("--zone Europe/Vienna");
  });

  it("of the skipped hour without energy are placeholders when the rows around have some", () => {
    const times = clockTimes("2025-03-30", 2);
    const text = tableOf("time,load_kwh", times, (_, time) =>
      time.startsWith("2025-03-30 02") ? "0" : "0.1",
    );
    const [recording] = understood(text);
    expect(recording).toMatchObject({ length: 188, startsAt: at("2025-03-29T23:00Z") });
    expect(totals(recording, { from: at("2025-03-30T22:00Z") }).takenWh).toBe(9_600);
  });

  it("of the skipped hour are asked for when the night is empty anyway, and follow the answer", () => {
    const text = tableOf("time,pv_kwh", clockTimes("2025-03-30", 2), (_, time) =>
      time.slice(11) >= "08:00" ? "0.1" : "0",
    );
    expect(refusal(text).answers).toContain("skippedHour: standardTime");
    expect(understood(text, { ...BERLIN, skippedHour: "standardTime" })[0]).toMatchObject({ length: 192 });
    expect(understood(text, { ...BERLIN, skippedHour: "placeholder" })[0]).toMatchObject({ length: 188 });
  });

  it("of the repeated hour are in their order, newest first too", () => {
    const times = clockTimes("2025-10-26", 1);
    const hour = times.filter((time) => time.slice(11, 13) === "02");
    const all = [
      ...times.filter((time) => time.slice(11) < "03:00"),
      ...hour,
      ...times.filter((time) => time.slice(11) >= "03:00"),
    ];
    const rows = all.map((time, index) => `${time},${index >= 12 && index < 16 ? "0.1" : "0.5"}`);
    for (const order of [rows, [...rows].reverse()]) {
      const [recording] = understood(["time,load_kwh", ...order].join("\n"));
      expect(recording!.length).toBe(100);
      expect(
        totals(recording, { from: at("2025-10-26T01:00Z"), until: at("2025-10-26T02:00Z") }).takenWh,
      ).toBe(400);
    }
  });

  it("off the rhythm give way to rows on it, and stand where there is none", () => {
    const times = [
      "00:00:00",
      "00:29:44",
      "00:30:00",
      "01:00:00",
      "01:30:00",
      "02:00:07",
      "02:30:00",
      "02:30:00",
    ];
    const text = tableOf(
      "time,power",
      times.map((time) => `2024-06-10 ${time}`),
      (index) => (index === 1 ? "1480" : "200"),
    );
    const [recording] = understood(text);
    expect([...recording!.columns[0]!.values]).toEqual([200, 200, 200, 200, 200, 200]);
    expect(recording!.refused.map(({ line }) => line)).toEqual([3, 9]);
  });

  it("of a logger that is late now and then are put on its rhythm", () => {
    const late = DAY.map((time, index) => `${time}:${String((index * 17) % 60).padStart(2, "0")}`);
    const [recording] = understood(tableOf("time,power_w", late, () => "240"));
    expect(recording).toMatchObject({
      stepSeconds: 900,
      length: 96,
      startsAt: at("2024-06-09T22:00Z"),
      refused: [],
    });
    expect(recording!.facts.find(({ what }) => what === "rhythm")?.says).toMatch(/rows moved by up to \d+ s/);
  });

  it("that come twice with different values are taken neither way", () => {
    const rows = DAY.map((time) => `${time},0.1`);
    rows.push(`${DAY[5]},0.9`);
    const [recording] = understood(["time,load_kwh", ...rows].join("\n"));
    expect(recording!.columns[0]!.values[5]).toBeNaN();
    expect(recording!.refused[0]!.reason).toContain("another value");
  });

  it("stand behind pandas' running number", () => {
    const rows = DAY.map((time, index) => `${index},${time}:00,0.06`);
    const [recording] = understood([",timestamp,load_kwh", ...rows].join("\n"));
    expect(recording).toMatchObject({ startsAt: at("2024-06-09T22:00Z"), length: 96 });
  });

  it.each([
    [
      "day first",
      (time: string) => `${time.slice(8, 10)}/${time.slice(5, 7)}/${time.slice(0, 4)} ${time.slice(11)}`,
    ],
    [
      "points",
      (time: string) => `${time.slice(8, 10)}.${time.slice(5, 7)}.${time.slice(2, 4)} ${time.slice(11)}`,
    ],
    [
      "12-hour clocks",
      (time: string) =>
        `${time.slice(0, 10)} ${((Number(time.slice(11, 13)) + 11) % 12) + 1}:${time.slice(14)} ${time.slice(11) < "12" ? "AM" : "PM"}`,
    ],
    ["serial days", (time: string) => String(at(`${time.replace(" ", "T")}Z`) / 86_400 + 25_569)],
    ["packed digits", (time: string) => time.replace(/[- :]/g, "")],
    ["words", (time: string) => `${time.slice(8, 10)}-Jun-24 ${time.slice(11)}`],
    ["offsets", (time: string) => `${time.replace(" ", "T")}:00+0200`],
    ["CEST", (time: string) => `${time} CEST`],
    ["both ends", (time: string) => `${time} - ${time.slice(0, 14)}59`],
  ])("are read from %s", (_, write) => {
    const times = clockTimes("2024-06-13", 1);
    const [recording] = understood(tableOf("Datum;Verbrauch [kWh]", times.map(write), () => "0,1", ";"));
    expect(recording).toMatchObject({ startsAt: at("2024-06-12T22:00Z"), stepSeconds: 900, length: 96 });
  });

  it("ask for the day when day and month could change places, and take what only one order makes a calendar", () => {
    const write = (time: string) =>
      `${time.slice(8, 10)}/${time.slice(5, 7)}/${time.slice(0, 4)} ${time.slice(11)}`;
    expect(refusal(tableOf("time,load_kwh", DAY.map(write), () => "0.1")).answers).toContain(
      "dates: dayFirst",
    );
    const two = tableOf("time,load_kwh", clockTimes("2024-06-10", 2).map(write), () => "0.1");
    expect(understood(two)[0]).toMatchObject({ length: 192, startsAt: at("2024-06-09T22:00Z") });
  });

  it("end their intervals where the file has 24:00 or says so, and are asked for where it may", () => {
    const ends = [...DAY.slice(1), "2024-06-11 00:00"];
    expect(understood(tableOf("Ende;kWh Verbrauch", ends, () => "0,1", ";"))[0]).toMatchObject({
      startsAt: at("2024-06-09T22:00Z"),
    });
    const open = tableOf("time,load_kwh", ends, () => "0.1");
    expect(refusal(open).answers).toContain("times: end");
    expect(understood(open, { ...BERLIN, times: "end" })[0]).toMatchObject({
      startsAt: at("2024-06-09T22:00Z"),
    });
    const midnight = tableOf("time,load_kwh", [...DAY.slice(1), "2024-06-10 24:00"], () => "0.1");
    expect(understood(midnight)[0]).toMatchObject({ startsAt: at("2024-06-09T22:00Z"), length: 96 });
  });
});

describe("numbers and bytes", () => {
  it("asks whether 1.250 beside 240 is a thousand and more", () => {
    const text = tableOf("time;Leistung (W)", DAY, (index) => (index === 70 ? "1.250" : "240"), ";");
    expect(refusal(text).answers).toContain('decimal: ","');
    expect(totals(understood(text, { ...BERLIN, decimal: "," })[0]).takenWh).toBe(95 * 60 + 312.5);
  });

  it.each([
    ["1.234,5", ";", 1_234.5],
    ["1 234,5", ";", 1_234.5],
    ["1'234.5", ";", 1_234.5],
    ["1\u00a0234,5", ";", 1_234.5],
    ['"1,234.5"', ",", 1_234.5],
    ['"0,5"', ",", 0.5],
    ["1234.5 W", ",", 1_234.5],
  ])("reads %s between %s", (cell, separator, watts) => {
    const [recording] = understood(tableOf(`time${separator}load_w`, DAY, () => cell, separator));
    expect(recording!.columns[0]!.values[3]).toBe(watts);
  });

  it("names decimal commas between commas that separate", () => {
    expect(refusal(tableOf("time,load_kwh", DAY, () => "0,06")).reason).toContain("decimal commas");
  });

  it("reads UTF-16 with and without its mark, Windows-1252, sep= and a preamble", async () => {
    const text = `sep=;\r\nZählpunkt AT001\r\n${tableOf("Zeit;Zählerverbrauch Bezug (kWh)", DAY, () => "0,06", ";").replaceAll("\n", "\r\n")}`;
    const wide = Buffer.from(text, "utf16le");
    const encodings = {
      marked: Buffer.concat([Buffer.from([0xff, 0xfe]), wide]),
      wide,
      latin: Buffer.from(text, "latin1"),
      utf8: Buffer.from(text),
    };
    for (const [name, bytes] of Object.entries(encodings)) {
      const read = readMeterFile(await openFile({ file: "a.csv", bytes }), BERLIN);
      expect(read.status === "read" && totals(read.recordings[0]).takenWh, name).toBe(5_760);
    }
  });
});

describe("prices and what can't be", () => {
  it.each([
    "Deutschland/Luxemburg [€/MWh]",
    "Spotmarktpreis in ct/kWh",
    "Day-ahead Price (EUR/MWh)",
    "price_per_mwh",
  ])("takes %s for a price and never for energy", (name) => {
    const [recording] = understood(
      tableOf(`time;${name}`, clockTimes("2024-06-10", 1, 60), () => "80,00", ";"),
    );
    expect(recording!.columns).toMatchObject([{ role: "wholesale", quantity: "price" }]);
  });

  it("refuses a file that goes from hours to quarter-hours", () => {
    const times = [...clockTimes("2024-06-10", 1, 60), ...clockTimes("2024-06-11", 1)];
    expect(refusal(tableOf("time,load_kwh", times, () => "0.1")).reason).toContain(
      "every 15 min, and elsewhere every 60 min",
    );
  });

  it("says when the sun shines at night", () => {
    const text = tableOf(
      "time,pv_kwh,load_kwh",
      clockTimes("2024-06-10", 2),
      (index) => `${index % 96 < 40 ? "0.1" : "0"},0.1`,
    );
    expect(understood(text)[0]!.warnings.join()).toContain("30 % of its generation falls between 22 and 3 h");
  });

  it("refuses power above any connection with the answers that would settle it", () => {
    const text = tableOf("time,load_mwh", DAY, (index) => String(10 + (index % 3)));
    expect(refusal(text).reason).toContain("above a connection of 250 kW");
    expect(understood(text, { ...BERLIN, accept: ["power"] })).toHaveLength(1);
  });
});

const shared = fileURLToPath(new URL("../../../../shared/field-cases", import.meta.url));

describe("the shared cases", () => {
  it("are read or refused with a question", async (context) => {
    if (!existsSync(shared)) return context.skip("skipped: no data");
    const files = readdirSync(shared, { recursive: true, encoding: "utf8" }).filter((file) =>
      /^d.*\.csv$/.test(file),
    );
    for (const file of files) {
      const read = readMeterFile(await openFile({ file, bytes: readFileSync(`${shared}/${file}`) }), {
        defaultZone: "Europe/Berlin",
      });
      if (read.status === "refused") expect(read.questions.length, file).toBeGreaterThan(0);
      else expect(read.recordings[0]!.length, file).toBeGreaterThan(40);
    }
  });
});
