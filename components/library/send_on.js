/* Using a result as an input: which inputs of which models take it, and the menu to choose one. */
import { askForPlan } from "../form/plan.js";
import { textButton } from "./job_parts.js";
import { menuItem, openMenu } from "./menu.js";
import { reuseClick } from "./reuse_click.js";

/** @typedef {{ model_id: string, parameter: string, label: string, kind: string }} Target */

/** @type {Target[]} */
let targets = [];

/** @param {Target[]} known all inputs of all models that take a file */
export const knowTargets = (known) => void (targets = known);

/** The inputs that take the result of a card.
 *  @returns {Target[]}
 *  @param {Card} card */
const targetsOf = (card) => targets.filter(({ kind }) => kind === card.result?.kind);

/** @param {Target} target
 *  @param {Card} card */
function sendOn(card, target) {
  const { model_id, parameter } = target;
  const click = reuseClick(card.id);
  askForPlan("send_on", { job_id: card.id, output: card.result?.place, model_id, parameter }, { click, model: model_id });
}

/** An item for each input that takes the result of a card.
 *  @param {Card} card */
export const sendItems = (card) => targetsOf(card).map((target) => menuItem(target.label, () => sendOn(card, target)));

/** A button that opens the menu of these inputs; null where there are none.
 *  @param {Card} card */
export function sendButton(card) {
  if (targetsOf(card).length === 0) return null;
  return textButton("sendMenu", "more", "Use as input…", "Use as input… of a model", { class: "text-button trailing send-on", "aria-haspopup": "menu", "aria-expanded": "false" });
}

/** @param {HTMLElement} button
 *  @param {Card} card */
export const openSendMenu = (button, card) => openMenu(button, "Use the result as", sendItems(card));
