/* A card of the gallery: its picture, with the job's name and the actions over it. */
import { attribute, find as findBelow, h, text } from "../kit/dom.js";
import { percent, setTime, statusWord } from "../kit/format.js";
import { carries } from "./drag.js";
import { iconButton, isNamedByModel, nameOf, poster, progressBar, reuseButton, seedButton, setMaking, setProgress, textButton } from "./job_parts.js";
import { showLabels } from "./labels.js";
import { hasSeveral } from "./outputs.js";
import { stars } from "./rating.js";
import { showBusy } from "./reuse_click.js";
import { reuseMenuButton } from "./reuse_menu.js";

const MAX_LENGTH = 80; // characters of a name

export function buildCard() {
  const dot = h("span", { class: "card-dot" }, " · ");
  return h("li", { class: "card" },
    h("button", { type: "button", class: "open", "data-do": "open" },
      h("span", { class: "picture" }), h("span", { class: "badge" }), h("span", { class: "stars", "aria-hidden": "true" }), progressBar()),
    iconButton("favourite", "heart", "Favourite", { "aria-pressed": "false", class: "icon-button favourite" }),
    deleteButton(),
    h("div", { class: "card-foot" },
      h("div", { class: "about" },
        h("p", { class: "prompt", dir: "auto" }),
        h("p", { class: "meta" }, h("span", { class: "model", dir: "auto" }), dot, h("time", { class: "ago" })),
        h("p", { class: "card-labels", dir: "auto" }),
        h("p", { class: "seed" }),
        h("p", { class: "why", dir: "auto" })),
      h("div", { class: "reuse-row" }, reuseButton(), reuseMenuButton())));
}

const deleteButton = () => iconButton("delete", "trash", "Delete", { class: "icon-button delete" });
const foreverButton = () => iconButton("deleteForever", "close", "Delete for good", { class: "icon-button delete-forever" });
const putBackButton = () => textButton("undelete", "putBack", "Put back", "Put back", { class: "text-button put-back" });

/** @param {HTMLElement} node
 *  @param {Card} card */
export function updateCard(node, card) {
  /** @template {string} Selectors
   *  @param {Selectors} selector */
  const find = (selector) => findBelow(node, selector);
  if (Boolean(card.deleted) === Boolean(find(".delete"))) find(".delete, .put-back").replaceWith(card.deleted ? putBackButton() : deleteButton());
  if (!card.deleted) find(".delete-forever")?.remove();
  else if (!find(".delete-forever")) find(".card-foot").before(foreverButton());
  const name = nameOf(card), isModel = isNamedByModel(card);
  node.className = `card is-${card.status} of-${card.type}`;
  node.classList.toggle("is-bare", !card.preview && !isInWork(card));
  node.classList.toggle("is-labelled", Boolean(card.labels?.length));
  node.classList.toggle("is-deleted", Boolean(card.deleted));
  drawPicture(find(".picture"), card);
  setMaking(find(".picture"), card.making);
  text(find(".badge"), badge(card));
  setProgress(find(".progress"), card.status === "running" ? card.progress : null);
  text(find(".prompt"), name);
  find(".prompt").title = card.prompt ?? "";
  text(find(".model"), isModel ? "" : card.model_name);
  find(".card-dot").hidden = isModel;
  text(find(".why"), card.error);
  setTime(find("time"), card.created_at);
  text(find(".stars"), stars(card.rating));
  showLabels(find(".card-labels"), card);
  find(".seed").replaceChildren(...(card.seed === null ? [] : [seedButton(card.seed)]));
  nameButtons(find, card, name);
  showBusy(find(".reuse"));
}

/** @param {HTMLElement} host
 *  @param {Card} card */
function drawPicture(host, card) {
  carries(host, card);
  attribute(host, "draggable", "true"); // even without a result, into another workspace
  const shown = `${card.preview}|${card.status}|${card.type}`;
  if (host.dataset.shown === shown) return;
  host.dataset.shown = shown;
  host.replaceChildren(poster(card));
}

/** @param {(selector: string) => HTMLElement} find
 *  @param {Card} card
 *  @param {string} name */
function nameButtons(find, card, name) {
  const short = name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH)}…` : name;
  const rated = card.rating ? `, ${card.rating} of 5 stars` : "";
  attribute(find(".open"), "aria-label", `${hasSeveral(card) ? severalOf(card) : statusWord(card.status)}${rated}, show it: ${short}`);
  attribute(find(".reuse"), "aria-label", `Reuse: ${short}`);
  attribute(find(".reuse-more"), "aria-label", `Reuse a part of: ${short}`);
  attribute(find(".delete, .put-back"), "aria-label", `${card.deleted ? "Put back" : "Delete"}: ${short}`);
  if (card.deleted) attribute(find(".delete-forever"), "aria-label", `Delete for good: ${short}`);
  const heart = find(".favourite");
  attribute(heart, "aria-label", `Favourite: ${short}`);
  showFavourite(heart, card.favourite);
}

/** @param {HTMLElement} heart
 *  @param {boolean | undefined} on */
export function showFavourite(heart, on) {
  attribute(heart, "aria-pressed", on ? "true" : "false");
  heart.title = on ? "Remove from favourites" : "Mark as favourite";
}

/** @param {Card} card */
function isInWork(card) {
  return card.status === "running" || card.status === "queued";
}

/** @param {Card} card */
function badge(card) {
  if (card.status === "running") return typeof card.progress === "number" ? [percent(card.progress), card.left ?? ""].filter(Boolean).map(onOneLine).join(" · ") : "Running";
  if (card.status !== "completed") return statusWord(card.status);
  return hasSeveral(card) ? severalOf(card) : "";
}

/** @param {string} words */
const onOneLine = (words) => words.replaceAll(" ", "\u00a0");
/** @param {Card} card */
const severalOf = (card) => `${card.outputs.length} outputs`;
