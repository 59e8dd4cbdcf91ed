// What came from Python, checked against the table of messages: the page uses nothing that is not in it.

import { SHAPES, type ToPage } from "./messages";
import type { Shape } from "./shape";

/** As in Python's table: beyond that no time and no count is one. */
const LARGEST = 1e15;

/** `content` as a message; null when it is none, which a page of another version may get. */
export function decodeMessage(content: unknown): ToPage | null {
  const type = isObject(content) ? content.type : null;
  if (typeof type !== "string" || !Object.hasOwn(SHAPES, type)) return null;
  return fits(content, { fields: SHAPES[type] ?? {} }) ? (content as ToPage) : null;
}

/** The same for JSON text. */
export function decodeText(text: string): ToPage | null {
  try {
    return decodeMessage(JSON.parse(text));
  } catch {
    return null;
  }
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === "null") return value === null;
  if (shape === "number") return typeof value === "number" && Math.abs(value) <= LARGEST;
  if (typeof shape === "string") return typeof value === shape;
  if ("oneOf" in shape) return typeof value === "string" && shape.oneOf.includes(value);
  if ("anyOf" in shape) return shape.anyOf.some((one) => fits(value, one));
  if ("items" in shape) return Array.isArray(value) && value.every((item) => fits(item, shape.items));
  if ("tuple" in shape) {
    return (
      Array.isArray(value) &&
      value.length === shape.tuple.length &&
      shape.tuple.every((one, index) => fits(value[index], one))
    );
  }
  if (!isObject(value)) return false;
  if ("values" in shape) return Object.values(value).every((item) => fits(item, shape.values));
  return Object.entries(shape.fields).every(([name, one]) => Object.hasOwn(value, name) && fits(value[name], one));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
