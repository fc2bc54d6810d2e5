import { describeFields, descriptionOf } from "./describeFields.ts";
import { exampleOf } from "./exampleOf.ts";
import type { FieldWords } from "./fieldWords.ts";
import { type OpenApiOperation, type OpenApiPaths, settledSchema } from "./openApiSchema.ts";

const LEFT_OUT = "when it is left out";
/** What is taken when a parameter is left out, which does not say yet what it is. */
const INSTEAD = new RegExp(`^\\S+ ${LEFT_OUT}$`);

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
    const { name, schema, required } = parameter;
    const own = parameter.description ?? descriptionOf(name, schema, {});
    const like = exampleOf(schema, name);
    // The page fills in an example: what may be left out is left out, so that a first try shows something.
    if (required) parameter.example = like;
    const word = own === undefined || INSTEAD.test(own) ? words[name] : undefined;
    const isPlain = required || settledSchema(schema).enum !== undefined || own?.includes(LEFT_OUT);
    const such = isPlain ? undefined : `such as ${like}`;
    parameter.description = [word, own, such].filter((part) => part !== undefined).join("; ");
  }
  for (const { content = {} } of [...(requestBody ? [requestBody] : []), ...Object.values(responses)])
    for (const media of Object.values(content)) {
      if (!media.schema) continue;
      describeFields(media.schema, words);
      media.example ??= exampleOf(media.schema);
    }
}
