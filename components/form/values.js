/* The values of fields: whether two are the same, and what they are in words. */
import { isFieldFile } from "../gradio_ext/fields.js";

/** What is known of an input besides its field; `choices` are the labels by the values that have others.
 *  @typedef {{ name: string, label: string, kind: string, initial: unknown, choices: [value: unknown, label: string][] }} Input */

const LONGEST = 300; // characters: more nobody reads in passing

/** Whether a field holds nothing. */
const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Whether two values are the same for the server: of a file its path alone counts, for of the rest there are several
 *  accounts, and nothing is nothing however it is written. */
export function same(one, other) {
  if (isEmpty(one) || isEmpty(other)) return isEmpty(one) && isEmpty(other);
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  if (isFieldFile(one) || isFieldFile(other)) return one.path === other.path;
  const names = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && names.length === Object.keys(other).length
    && names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}

/** The value as people read it, cut where it is long.
 *  @param {unknown} value
 *  @param {Input} input */
export function wordsOf(value, input) {
  const words = isEmpty(value) ? (input.kind === "seed" ? "random" : "empty") : wordsOfOne(value, input);
  return words.length > LONGEST ? `${words.slice(0, LONGEST).trimEnd()}…` : words;
}

function wordsOfOne(value, input) {
  if (Array.isArray(value)) return value.map((one) => wordsOfOne(one, input)).join(", ");
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "object") return input.choices.find(([one]) => one === value)?.[1] ?? String(value);
  if (isFieldFile(value)) return value.orig_name ?? "a file";
  if (input.kind === "loras") return `${value.path || "no adapter"} × ${value.weight ?? "?"}`;
  if (input.kind === "size") return `${value.width ?? "?"} × ${value.height ?? "?"}`;
  return JSON.stringify(value);
}
