/** The part of a JSON Schema that answers of this API use. */
export type OpenApiSchema = {
  type?: string | readonly string[];
  description?: string;
  example?: unknown;
  enum?: readonly unknown[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  items?: OpenApiSchema;
  anyOf?: readonly OpenApiSchema[];
  oneOf?: readonly OpenApiSchema[];
  properties?: Readonly<Record<string, OpenApiSchema>>;
  additionalProperties?: OpenApiSchema | boolean;
};

type Media = { schema?: OpenApiSchema; example?: unknown };
type Content = Readonly<Record<string, Media>>;

/** What of an OpenAPI document is written here: everything that has a schema. */
export type OpenApiOperation = {
  readonly parameters?: readonly {
    readonly name: string;
    readonly required?: boolean;
    description?: string;
    example?: unknown;
    schema: OpenApiSchema;
  }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
export type OpenApiPaths = Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;

/** What a schema allows beside null, by the first of its choices. */
export function settledSchema(schema: OpenApiSchema): OpenApiSchema {
  const choices = schema.anyOf ?? schema.oneOf;
  const choice = choices?.find(({ type }) => type !== "null");
  return choice ? settledSchema(choice) : schema;
}

/** The type of a schema beside null: `array`, `integer`; nothing where it allows everything. */
export function typeOf(schema: OpenApiSchema): string | undefined {
  const { type } = settledSchema(schema);
  return typeof type === "string" || type === undefined ? type : type.find((each) => each !== "null");
}
