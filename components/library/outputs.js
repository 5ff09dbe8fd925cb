/* The outputs of a job that made several: its card with one of them, and the strip to choose one. */
import { h } from "../kit/dom.js";
import { thumbnail } from "./job_parts.js";

/** The card with one of its outputs in place of its result, to be drawn, downloaded or sent on.
 *  @template {Card} Shown
 *  @param {Shown} card
 *  @param {number} place
 *  @returns {Shown & { about?: Output["about"] }} */
export function withOutput(card, place) {
  const output = card.outputs?.[place];
  return output ? { ...card, result: output, preview: output.preview, seed: output.seed ?? card.seed, about: output.about } : card;
}

/** @param {Card} card */
export const hasSeveral = (card) => card.outputs?.length > 1;

/** A preview of each output to choose from, null for a single one; `choose` gets the index of the chosen one.
 *  @param {Card} card
 *  @param {number} place
 *  @param {(place: number) => void} choose */
export function outputStrip(card, place, choose) {
  if (!hasSeveral(card)) return null;
  const name = `outputs-${Math.random().toString(36).slice(2)}`;
  const choices = card.outputs.map((output, index) => choice(card, output, index, name, place));
  const strip = h("div", { class: "outputs", role: "radiogroup", "aria-label": "Outputs" }, ...choices);
  strip.addEventListener("change", ({ target }) => choose(Number(/** @type {HTMLInputElement} */ (target).value)));
  return strip;
}

/** Chooses the output before or after the one that is shown; false at an end.
 *  @param {HTMLElement | null} strip
 *  @param {number} by */
export function stepOutput(strip, by) {
  const next = strip?.querySelector(`input[value="${Number(/** @type {HTMLInputElement} */ (strip.querySelector(":checked")).value) + by}"]`);
  next?.click();
  return Boolean(next);
}

/** @param {Card} card
 *  @param {Output} output
 *  @param {number} index
 *  @param {string} name
 *  @param {number} place */
function choice(card, output, index, name, place) {
  const words = [`Output ${index + 1} of ${card.outputs.length}`, output.seed === null ? null : `seed ${output.seed}`].filter(Boolean).join(", ");
  return h("label", { title: words }, h("input", { type: "radio", name, value: index, checked: index === place, "aria-label": words }),
    thumbnail(output.url, output.kind, ""));
}
