import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import type { OpenApiOperation, OpenApiPaths, OpenApiSchema } from "./openApiSchema.ts";

/* Walks the OpenAPI document: nothing in it is left without words or without an example. */

type Documented = OpenApiOperation & { readonly summary?: string; readonly tags?: readonly string[] };

let api: ApiFixture;
let operations: [place: string, operation: Documented][];

beforeAll(async () => {
  api = await openApiFixture();
  const { paths } = api.app.swagger() as unknown as { paths: OpenApiPaths };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]): [string, Documented] => [`${method} ${path}`, each]),
  );
});
afterAll(() => api.close());

/** Each property of a schema at any depth, by its path. */
function propertiesOf(schema: OpenApiSchema, at: string): [string, OpenApiSchema][] {
  const { properties = {}, anyOf = [], oneOf = [], items, additionalProperties } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, each]): [string, OpenApiSchema][] => [
      [`${at}.${name}`, each],
      ...propertiesOf(each, `${at}.${name}`),
    ]),
    ...[...anyOf, ...oneOf].flatMap((each) => propertiesOf(each, at)),
    ...(items ? propertiesOf(items, `${at}[]`) : []),
    ...(typeof additionalProperties === "object" ? propertiesOf(additionalProperties, `${at}{}`) : []),
  ];
}

/** Each text of an example, with where it stands. */
function textsIn(value: unknown, at: string): [string, string][] {
  if (typeof value === "string") return [[at, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textsIn(each, `${at}.${name}`));
}

function mediaOf({ requestBody, responses }: Documented) {
  return [...(requestBody ? [requestBody] : []), ...Object.values(responses)].flatMap(({ content = {} }) =>
    Object.entries(content),
  );
}

test("every route says what it is for, and every answer with a body has an example", () => {
  expect(operations.length).toBeGreaterThan(40);
  for (const [place, operation] of operations) {
    expect(operation.summary, place).toMatch(/^.{6,}/);
    expect(operation.tags, place).toHaveLength(1);
    for (const [type, media] of mediaOf(operation)) expect(media.example, `${place} ${type}`).toBeDefined();
  }
});

test("every property and every parameter says what it means", () => {
  const unsaid = operations.flatMap(([place, operation]) => [
    ...(operation.parameters ?? [])
      .filter(({ description = "" }) => description.length < 4)
      .map(({ name }) => `${place} ?${name}`),
    ...mediaOf(operation)
      .flatMap(([type, { schema = {} }]) => propertiesOf(schema, `${place} ${type}`))
      .filter(([, { description = "" }]) => description.length < 4 || description === "unix seconds")
      .map(([at]) => at),
  ]);
  expect(unsaid).toEqual([]);
});

test("every example is one that its schema allows", () => {
  for (const [place, operation] of operations) {
    for (const [type, { schema = {}, example }] of mediaOf(operation)) {
      const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(example);
      expect(read.error?.issues, `${place} ${type}`).toBeUndefined();
    }
    for (const { name, schema, required, example } of operation.parameters ?? []) {
      // The page fills in what has an example: one that may be left out has none.
      if (!required) expect(example, `${place} ?${name}`).toBeUndefined();
      if (!required) continue;
      const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(example);
      expect(read.error?.issues, `${place} ?${name}`).toBeUndefined();
    }
  }
});

test("examples have values that mean something", () => {
  const texts = operations.map(([place, operation]) => `${place} ${JSON.stringify(mediaOf(operation))}`);
  expect(texts.filter((text) => /"example":(\{\}|"…")/.test(text))).toEqual([]);
  const said = operations.flatMap(([place, operation]) =>
    mediaOf(operation).flatMap(([, { example }]) => textsIn(example, place)),
  );
  expect(said.length).toBeGreaterThan(500);
  expect(said.filter(([, text]) => text === "…")).toEqual([]);
});

test("the page runs nothing but files of this server", async () => {
  const { headers, body } = await api.app.inject({ url: "/docs/" });
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self';");
  expect(policy).not.toMatch(/unsafe|https?:/);
  expect(body).not.toMatch(/<style|<script(?![^>]* src=)/);
});

test("the page has our own head and title, and no bar of the library", async () => {
  const page = await api.app.inject({ url: "/docs/" });
  expect(page.body).toContain("<title>API – Commonwatt</title>");
  const assets = [...page.body.matchAll(/(?:href|src)="([^"]*commonwatt\.(?:css|js)|[^"]*icon\.svg)"/g)];
  expect(assets).toHaveLength(3);
  for (const [, path = ""] of assets) {
    const asset = await api.app.inject({ url: new URL(path, "http://x/docs/").pathname });
    expect(asset.statusCode, path).toBe(200);
    if (path.endsWith(".js")) expect(asset.body).toContain("Back to the pages");
  }
});
