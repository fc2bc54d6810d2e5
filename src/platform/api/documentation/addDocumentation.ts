import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { Api, ApiDomain } from "#platform/api/apiContext.ts";
import { DOCUMENT_POLICY } from "#platform/api/documentPolicy.ts";
import { PLATFORM_WORDS } from "./fieldWords.ts";
import { DOCUMENTATION_SCRIPT, DOCUMENTATION_STYLE, ICON } from "./look.ts";
import type { OpenApiPaths } from "./openApiSchema.ts";
import { writeDocument } from "./writeDocument.ts";

const DESCRIPTION = `Everything that the pages show, for programs. Open a route, press **Try it out** and **Execute**:
this page asks this server. What is public needs no key; what is a person's own needs a session, which one gets by
signing in on [the pages](/).

- **Money** is in micro (millionths of the currency), **prices** in micro per kWh, **energy** in Wh: whole numbers in
  decimal strings, since numbers of JSON lose digits. So \`"214000"\` micro per kWh is 0.214 per kWh.
- **Times** are unix seconds by the market's clock.
- **Refusals** are \`application/problem+json\`: \`detail\` for a person, \`reason\` for a program.

Trades settle who is credited with local energy, and the money for it; electricity itself flows over the common grid.`;

/** So deep the fields of an answer stand open with their words: all of them. */
const FIELDS_SHOWN = 12;

/** OpenAPI of all routes and a page to try them, under /docs, with what every field means and an example of each answer. */
export async function addDocumentation<Context>(
  app: Api,
  domains: readonly ApiDomain<Context>[],
): Promise<void> {
  const words = Object.assign({}, PLATFORM_WORDS, ...domains.map(({ fieldWords }) => fieldWords));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Commonwatt for programs", version: "1", description: DESCRIPTION },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      if (!("openapiObject" in document)) throw new Error("the document is not of OpenAPI 3");
      const { openapiObject } = document;
      writeDocument({ paths: openapiObject.paths as OpenApiPaths }, words);
      return openapiObject;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCUMENT_POLICY,
    // Without the library's own bar, whose logo brings a style that the policy refuses.
    uiConfig: {
      layout: "BaseLayout",
      docExpansion: "list",
      defaultModelsExpandDepth: -1,
      defaultModelExpandDepth: FIELDS_SHOWN,
      operationsSorter: "alpha",
      tagsSorter: "alpha",

      tryItOutEnabled: false,
    },
    theme: {
      title: "API – Commonwatt",
      favicon: [{ filename: "icon.svg", rel: "icon", type: "image/svg+xml", sizes: "any", content: ICON }],
      css: [{ filename: "commonwatt.css", content: DOCUMENTATION_STYLE }],
      js: [{ filename: "commonwatt.js", content: DOCUMENTATION_SCRIPT }],
    },
  });
}
