import { describeFields, descriptionOf } from "./describeFields.ts";
import { exampleOf } from "./exampleOf.ts";
import type { FieldWords } from "./fieldWords.ts";
import type { OpenApiOperation, OpenApiPaths } from "./openApiSchema.ts";

/** Gives an OpenAPI document, in place, a sentence for each field and an example for each parameter, body and answer. */
export function writeDocument({ paths }: { paths: OpenApiPaths }, words: FieldWords): void {
  for (const methods of Object.values(paths))
    for (const operation of Object.values(methods)) writeOperation(operation, words);
}

function writeOperation(
  { parameters = [], requestBody, responses }: OpenApiOperation,
  words: FieldWords,
): void {
  for (const parameter of parameters) {
    const { name, schema } = parameter;
    const word = words[name];
    const own = parameter.description ?? descriptionOf(name, schema, {});
    // What is taken when it is left out stands after what it is.
    parameter.description = [word, own].filter((part) => part !== undefined).join("; ");
    parameter.example = exampleOf(schema, name);
  }
  for (const { content = {} } of [...(requestBody ? [requestBody] : []), ...Object.values(responses)])
    for (const media of Object.values(content)) {
      if (!media.schema) continue;
      describeFields(media.schema, words);
      media.example ??= exampleOf(media.schema);
    }
}
