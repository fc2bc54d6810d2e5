import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as answers from "./answers.ts";
import { normalise, readDescription, sorted } from "./description.fixture.ts";
import * as objects from "./objects.ts";
import { dateTime } from "./scalars.ts";

/* The model against OpenADR 3.1.1's OpenAPI description, schema by schema; skipped where the description is not there. */

const description = readDescription();

const modelOf = (schema: z.ZodType) =>
  normalise(z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", unrepresentable: "any" }));

describe.skipIf(description === null)("the model, against the OpenAPI description", () => {
  it.each([
    "programRequest",
    "eventRequest",
    "reportRequest",
    "subscriptionRequest",
    "venRequest",
    "report",
    "subscription",
    "program",
    "event",
  ] as const)("%s is as described", (name) => {
    expect(ofOneKind(modelOf({ ...objects }[name]))).toEqual(ofOneKind(description?.schema(name)));
  });

  it("resourceRequest is as described, but for what the VTN knows without it", () => {
    const described = JSON.stringify(description?.schema("resourceRequest"));
    const withoutKnown = described
      .replace(
        String.raw`\"required\":[\"objectType\",\"resourceName\",\"venID\"]`,
        String.raw`\"required\":[\"objectType\",\"resourceName\"]`,
      )
      .replace(String.raw`[\"clientID\",\"objectType\",`, String.raw`[\"objectType\",`);
    expect(withoutKnown.length).toBe(described.length - String.raw`,\"venID\"\"clientID\",`.length);
    expect(modelOf(objects.resourceRequest)).toEqual(JSON.parse(withoutKnown));
  });

  it.each([
    "problem",
    "authError",
    "authServerInfo",
    "clientCredentialRequest",
    "clientCredentialResponse",
  ] as const)("%s is as described", (name) => {
    expect(modelOf({ ...answers }[name])).toEqual(description?.schema(name));
  });

  it("a ven and a resource are their request of business logic with the VTN's fields", () => {
    for (const [model, name, kind] of [
      [objects.ven, "ven", "VEN"],
      [objects.resource, "resource", "RESOURCE"],
    ] as const) {
      // There `objectType` has to be the kind of object and the kind of request at once: we show the former.
      const described = description?.schema(name) as { properties: object };
      const properties = { ...described.properties, objectType: { type: "string", enum: [kind] } };
      expect(modelOf(model)).toEqual({ ...described, properties });
    }
  });

  it("a notification has the described fields", () => {
    const fields = (schema: unknown) => (schema as { required: string[] }).required;
    expect(fields(modelOf(answers.notification))).toEqual(fields(description?.schema("notification")));
  });
});

/** An object's own kind for the list of all kinds, and a descriptor whose kind its list says, as the model takes it. */
function ofOneKind(schema: unknown): unknown {
  const text = JSON.stringify(schema)
    .replace(/\{"type":"string","enum":\["(PROGRAM|EVENT|REPORT|SUBSCRIPTION)"\]\}/g, '"kind"')
    .replace(
      /\{"type":"string","enum":\["PROGRAM","EVENT","REPORT","SUBSCRIPTION","VEN","RESOURCE"\]\}/g,
      '"kind"',
    );
  return sorted(JSON.parse(text));
}

describe("times", () => {
  it.each([
    "2023-06-15T09:30:00Z",
    "2023-06-15T09:30:00.123456+02:00",
    "1972-06-30T23:59:60Z",
    "2024-02-29T00:00:00Z",
    "0001-01-01",
    "0001-01-01T00:00:00",
  ])("%s is one", (text) => expect(dateTime.safeParse(text).success).toBe(true));

  it.each(["2023-06-15", "2023-02-29T00:00:00Z", "2023-06-15T09:30:00", "2023-13-01T00:00:00Z", "now", ""])(
    "%s is none",
    (text) => expect(dateTime.safeParse(text).success).toBe(false),
  );
});

it("a descriptor's kind may be left out where its list says it, and nowhere else (Definitions of 3.1, openleadr-rs)", () => {
  const descriptor = { payloadType: "PRICE", units: "KWH" };
  const read = objects.eventRequest.parse({ programID: "p", payloadDescriptors: [descriptor] });
  expect(read.payloadDescriptors).toEqual([{ ...descriptor, objectType: "EVENT_PAYLOAD_DESCRIPTOR" }]);
  const inProgram = objects.programRequest.safeParse({ programName: "a", payloadDescriptors: [descriptor] });
  expect(inProgram.success).toBe(false);
});
