import { describe, expect, it } from "vitest";
import { at, clockTimes, refusal, tableOf, totals, understood } from "./meterFile.fixture.ts";

const NO_HINTS = {};

/** 01.06.2026 00:15:00, as the report writes it. */
const written = (time: string) =>
  `${time.slice(8, 10)}.${time.slice(5, 7)}.${time.slice(0, 4)} ${time.slice(11)}:00`;

describe("an Austrian community's energy report", () => {
  const consumption = [
    "Gesamtverbrauch lt. Messung (bei Teilnahme gem. Erzeugung) [KWH]",
    "Anteil gemeinschaftliche Erzeugung [KWH]",
    "Eigendeckung gemeinschaftliche Erzeugung [KWH]",
  ];
  const generation = [
    "Gesamte gemeinschaftliche Erzeugung [KWH]",
    "Gesamt/Überschusserzeugung, Gemeinschaftsüberschuss [KWH]",
  ];
  const times = clockTimes("2026-06-01", 2);
  const report = (quality: boolean) => {
    const codes = [...consumption, ...generation];
    const columns = codes.flatMap((code, i) => {
      const id = i < 3 ? "AT0010000000000000001000000000001" : "AT0010000000000000001000000000002";
      const column = { id, direction: i < 3 ? "CONSUMPTION" : "GENERATION", code };
      return quality ? [column, { id: "", direction: "", code: "" }] : [column];
    });
    const line = (label: string, of: (column: (typeof columns)[number]) => string) =>
      [label, ...columns.map(of)].join(";");
    const cells = (i: number) =>
      [0.25, 0.1, 0.05, i % 2 === 0 ? 0.5 : 0, 0.2].flatMap((value) => (quality ? [value, "L1"] : [value]));
    return [
      "Energiedatenreport;;",
      line("MeteringpointID", ({ id }) => id),
      line("Name", () => "Member"),
      line("Energy direction", ({ direction }) => direction),
      line("Period start", () => "01.06.2026 00:00:00"),
      line("Period end", () => "02.06.2026 23:45:00"),
      line("Metercode", ({ code }) => code),
      line("Spaltensumme", () => "1"),
      ...times.map((time, i) => [written(time), ...cells(i)].join(";")),
    ].join("\n");
  };

  it.each([false, true])(
    "gives each point what its meter measured, and no share of the allocation (quality columns: %s)",
    (quality) => {
      const recordings = understood(report(quality), NO_HINTS, "report.csv");
      const byMeter = new Map(recordings.map((recording) => [recording.meter, totals(recording)]));
      expect(byMeter.get("AT0010000000000000001000000000001")).toEqual({ takenWh: 192 * 250, fedInWh: 0 });
      expect(byMeter.get("AT0010000000000000001000000000002")).toEqual({ takenWh: 0, fedInWh: 96 * 500 });
      // Midnight in Vienna, in summer.
      expect(recordings[0]?.startsAt).toBe(at("2026-05-31T22:00Z"));
      expect(recordings[0]?.stepSeconds).toBe(900);
    },
  );
});

describe("a Linky meter's file", () => {
  const head =
    "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;Pas en minutes";
  const curve = (what: string, watts: (i: number) => number) => [
    head,
    `14100000000000;Courbe de charge;01/06/2026;03/06/2026;Energie active;${what};Comptage Brut;W;30`,
    "",
    "Horodate;Valeur",
    ...Array.from({ length: 96 }, (_, i) => {
      const end = new Date((at("2026-06-01T00:00Z") + (i + 1) * 1_800) * 1_000).toISOString().slice(0, 19);
      return `${end}+02:00;${watts(i)}`;
    }),
  ];

  it("is mean power until the time that is written", () => {
    const [recording] = understood(
      curve("Consommation", (i) => (i === 0 ? 1_000 : 400)).join("\n"),
      NO_HINTS,
      "enedis.csv",
    );
    expect(recording?.meter).toBe("14100000000000");
    expect(recording?.startsAt).toBe(at("2026-05-31T22:00Z"));
    expect(totals(recording)).toEqual({ takenWh: 500 + 95 * 200, fedInWh: 0 });
  });

  it("of a producer is fed in, also where a part of the other direction follows", () => {
    const text = [...curve("Consommation", () => 100), ...curve("Production", () => 1_000)].join("\n");
    const [recording] = understood(text, NO_HINTS, "enedis.csv");
    expect(totals(recording)).toEqual({ takenWh: 96 * 50, fedInWh: 96 * 500 });
  });

  it("with states of the counter gives a day their difference", () => {
    const text = [
      head.replace(";Pas en minutes", ""),
      "14100000000000;Index;01/06/2026;09/06/2026;Energie active;Consommation;Comptage Brut;Wh",
      "Horodate;Type de releve;EAS F1;EAS F2;EAS D1;EAS T",
      ...Array.from(
        { length: 9 },
        (_, i) => `2026-06-0${i + 1}T00:00:00+02:00;Arrêté quotidien;${i};0;${i};${1_000_000 + i * 8_000}`,
      ),
    ].join("\n");
    const [recording] = understood(text, NO_HINTS, "enedis.csv");
    expect(recording?.stepSeconds).toBe(86_400);
    expect(totals(recording).takenWh).toBe(64_000);
  });
});

it("a row a day over a change of the clock is refused with the line, and what to do", () => {
  const days = Array.from({ length: 30 }, (_, i) =>
    new Date(Date.UTC(2026, 2, 15 + i)).toISOString().slice(0, 10),
  );
  const { reason, answers } = refusal(tableOf("date,import kWh", days, () => "8.5"));
  expect(reason).toMatch(/a row a day, and the clock changes in it: from line \d+ on/);
  expect(answers).toContain("one file up to the clock change");
});

it("a net says which sign is taken", () => {
  const [recording] = understood(
    tableOf("time,net kWh", clockTimes("2026-06-01", 2), (i) => (i % 3 === 0 ? "-0.2" : "0.3")),
  );
  const fact = recording?.facts.find(({ what }) => what === '"net kWh"');
  expect(recording?.facts.map(({ says }) => says)).toContain(
    "import less export: above zero is taken, below is fed in",
  );
  expect(fact).toBeDefined();
});
