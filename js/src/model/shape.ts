// How the table of messages tells what is in each.

/** What a value has to look like. */
export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "null"
  | { oneOf: readonly string[] }
  | { anyOf: readonly Shape[] }
  | { items: Shape }
  | { tuple: readonly Shape[] }
  | { values: Shape }
  | { fields: Readonly<Record<string, Shape>> };
