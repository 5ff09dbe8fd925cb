/* The values of fields: whether two are equal, and their text for the user. */
import { isFieldFile } from "../gradio_ext/fields.js";

/** An input of a model; `choices` are the labels of values that have one.
 *  @typedef {{ name: string, label: string, kind: string, initial: unknown, choices: [value: unknown, label: string][] }} Input */

const MAX_LENGTH = 300; // characters of a text

/** Whether a field is empty.
 *  @param {unknown} value */
const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Whether two values are equal for the server: files are compared by path alone, for their other properties vary, and all
 *  empty values are equal.
 *  @param {any} one
 *  @param {any} other
 *  @returns {boolean} */
export function same(one, other) {
  if (isEmpty(one) || isEmpty(other)) return isEmpty(one) && isEmpty(other);
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  if (isFieldFile(one) || isFieldFile(other)) return one.path === other.path;
  const names = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && names.length === Object.keys(other).length
    && names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}

/** The value as text for the user, cut where it is long.
 *  @param {unknown} value
 *  @param {Input} input */
export function valueText(value, input) {
  const words = isEmpty(value) ? (input.kind === "seed" ? "random" : "empty") : textOfOne(value, input);
  return words.length > MAX_LENGTH ? `${words.slice(0, MAX_LENGTH).trimEnd()}…` : words;
}

/** @param {any} value
 *  @param {Input} input
 *  @returns {string} */
function textOfOne(value, input) {
  if (Array.isArray(value)) return value.map((one) => textOfOne(one, input)).join(", ");
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "object") return input.choices.find(([one]) => one === value)?.[1] ?? String(value);
  if (isFieldFile(value)) return value.orig_name ?? "a file";
  if (input.kind === "loras") return `${value.path || "no adapter"} × ${value.weight ?? "?"}`;
  if (input.kind === "size") return `${value.width ?? "?"} × ${value.height ?? "?"}`;
  return JSON.stringify(value);
}
