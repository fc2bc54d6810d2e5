import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HTTP_METERS, readHttpStates } from "./httpStates.ts";
import {
  noValues,
  type RegisterTemplate,
  registerTemplate,
  takeMessage,
  topicsOf,
} from "./registerTemplate.ts";
import { httpAnswerOf, mqttMessagesOf, registersAt, telegramOf } from "./simulatedHome.ts";
import { readTelegramStates, splitStream } from "./telegramStates.ts";
import { TEMPLATES } from "./templates.ts";

const times = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 });
const mqttMeters = Object.keys(TEMPLATES) as (keyof typeof TEMPLATES)[];

describe("a simulated meter", () => {
  it("says what its registers are, in the form of each maker", () => {
    fc.assert(
      fc.property(times, (at) => {
        const registers = registersAt(at);
        expect(readTelegramStates(telegramOf(registers, at))).toEqual({ ...registers, saidAt: at });
        for (const meter of HTTP_METERS)
          expect(readHttpStates(meter, httpAnswerOf(meter, registers).body)).toEqual({
            ...registers,
            saidAt: null,
          });
        for (const meter of mqttMeters) {
          let values = noValues(TEMPLATES[meter]);
          let states: unknown = null;
          for (const message of mqttMessagesOf(meter, registers))
            ({ values, states } = takeMessage(TEMPLATES[meter], values, message));
          expect(states, meter).toEqual({ ...registers, saidAt: null });
        }
      }),
    );
  });

  it("has registers that only rise, by no more than its load and its sun", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 900_000 }), (at, seconds) => {
        const [before, after] = [registersAt(at), registersAt(at + seconds)];
        const hours = seconds / 3_600;
        expect(after.importWh - before.importWh).toBeGreaterThanOrEqual(Math.floor(220 * hours) - 1);
        expect(after.importWh - before.importWh).toBeLessThanOrEqual(540 * hours + 1);
        expect(after.exportWh).toBeGreaterThanOrEqual(before.exportWh);
        expect(after.exportWh - before.exportWh).toBeLessThanOrEqual(2_400 * hours + 1);
      }),
    );
  });
});

describe("a stream of telegrams", () => {
  it("gives each telegram once, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(2_000), { maxLength: 12 }),
        (ats, cuts) => {
          const sent = ats.map((at) => telegramOf(registersAt(at), at));
          const stream = `noise 1.8.0\r\n${sent.join("")}`;
          const found: string[] = [];
          let rest = "";
          const places = [0, ...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
          for (let i = 1; i < places.length; i += 1) {
            const split = splitStream(rest + stream.slice(places[i - 1], places[i]));
            found.push(...split.telegrams);
            rest = split.rest;
          }
          expect(found).toEqual(sent);
        },
      ),
    );
  });

  it("that was cut in the middle loses that telegram alone", () => {
    const [first, second] = [1_750_000_000, 1_750_000_010].map((at) => telegramOf(registersAt(at), at)) as [
      string,
      string,
    ];
    const { telegrams } = splitStream(`${first.slice(0, 90)}\r\n${second}`);
    expect(telegrams.map(readTelegramStates)).toEqual([
      { ...registersAt(1_750_000_010), saidAt: 1_750_000_010 },
    ]);
  });

  it("counts no telegram that does not match its checksum", () => {
    const telegram = telegramOf(registersAt(1_750_000_000), 1_750_000_000).replace(
      "1-0:1.8.1(0",
      "1-0:1.8.1(9",
    );
    expect(readTelegramStates(telegram)).toEqual({ fault: "the telegram does not match its checksum" });
  });

  it("of DSMR 2.2 has no clock and no checksum", () => {
    const text =
      "/ISk5\\2ME382-1003\r\n\r\n0-0:96.1.1(4B384547)\r\n1-0:1.8.1(00001.001*kWh)\r\n1-0:1.8.2(00002.002*kWh)\r\n1-0:2.8.1(00000.500*kWh)\r\n1-0:2.8.2(00000.000*kWh)\r\n!\r\n";
    expect(splitStream(text).telegrams).toEqual([text]);
    expect(readTelegramStates(text)).toEqual({ importWh: 3_003, exportWh: 500, saidAt: null });
  });
});

describe("a template of registers", () => {
  const phases: RegisterTemplate = {
    registers: [
      { topic: "shellies/em/emeter/+/total", unit: "Wh", direction: "import" },
      { topic: "other/state", path: "a.b:0.c", unit: "kWh", direction: "export" },
    ],
  };

  it("waits for all registers, and names the place that has none", () => {
    let { values, states } = takeMessage(phases, noValues(phases), {
      topic: "shellies/em/emeter/0/total",
      text: "12.5",
    });
    expect(states).toBeNull();
    ({ values, states } = takeMessage(phases, values, {
      topic: "other/state",
      text: '{"a":{"b:0":{"c":"1.25"}}}',
    }));
    expect(states).toEqual({ importWh: 12.5, exportWh: 1_250, saidAt: null });
    for (const text of ["{}", "no json", '{"a":{"b:0":{"c":-1}}}', '{"a":{"b:0":{"c":null}}}'])
      expect(takeMessage(phases, values, { topic: "other/state", text })).toEqual({
        values,
        states: { fault: 'other/state: "a.b:0.c" is not a number of kWh' },
      });
    expect(topicsOf(phases)).toHaveLength(2);
  });

  it("needs a register of import, a unit and a direction", () => {
    const only = (changes: object) =>
      registerTemplate.safeParse({ registers: [{ topic: "t", unit: "Wh", direction: "import", ...changes }] })
        .success;
    expect(only({})).toBe(true);
    expect(only({ direction: "export" })).toBe(false);
    expect(only({ unit: "kW" })).toBe(false);
    expect(only({ register: 1 })).toBe(false);
  });
});

describe("answers over HTTP", () => {
  it("of HomeWizard add up tariffs where there is no total", () => {
    const body = {
      total_power_import_t1_kwh: 1.001,
      total_power_import_t2_kwh: 2.002,
      total_power_export_t1_kwh: 0.5,
    };
    expect(readHttpStates("homewizard", body)).toEqual({ importWh: 3_003, exportWh: 500, saidAt: null });
  });

  it.each([
    [{ emeters: [{ total: 10.5, total_returned: 1 }, { total: 5 }] }, 15.5, 1],
    [{ total_act_energy: 7, total_act_ret_energy: 2 }, 7, 2],
    [{ aenergy: { total: 99.5 } }, 99.5, 0],
  ])("of Shelly are read by what they have: %j", (body, importWh, exportWh) => {
    expect(readHttpStates("shelly", body)).toEqual({ importWh, exportWh, saidAt: null });
  });

  it("without registers are refused in words", () => {
    expect(readHttpStates("shelly", { power: 3 })).toEqual({
      fault: "the answer has no registers that a Shelly meter has",
    });
    expect(readHttpStates("homewizard", "hello")).toMatchObject({ fault: expect.any(String) });
  });
});
