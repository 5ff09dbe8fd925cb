/* The queue: the waiting jobs in their order, and the buttons to move, pause and cancel them. */
import { attribute, find, h, jobOf, onPress, patchList, text } from "../kit/dom.js";
import { iconButton, nameOf, poster, progressBar, setMaking, setProgress, textButton } from "./job_parts.js";

const CONFIRM_TIME = 4000; // ms within which a second press cancels all
const MOVES = { top: ["toTop", "Start first"], up: ["up", "Move up"], down: ["more", "Move down"] };

/** @typedef {{ queue: Card[], more: number, paused: boolean, workspace: string }} Shown */

/** The list of waiting jobs. `act(name, data)` calls an endpoint and draws the result.
 *  @param {(name: keyof Answers, data: Values) => void} act */
export function queueList(act) {
  const list = h("ol", {}), count = h("span", { class: "count" }), more = h("p", { class: "queue-more" });
  const pause = textButton("pause", "pause", "Pause", "", { class: "text-button pause" });
  const goOn = textButton("pause", "play", "Go on", "Start what waits again", { class: "text-button go-on" });
  const cancelAll = textButton("cancelAll", "close", "Cancel all", "", { class: "text-button cancel-all" });
  const element = h("section", { class: "queue", "aria-label": "Queue", hidden: true },
    h("div", { class: "queue-head" }, h("h3", {}, "In the queue"), count, pause, goOn, cancelAll),
    h("p", { class: "queue-paused" }),
    h("div", { class: "queue-list" }, list, more));
  /** @type {Shown} */
  let shown = { queue: [], more: 0, paused: false, workspace: "" };

  /** The first press asks, a second one cancels: cancelling cannot be undone.
   *  @param {boolean} isAsking */
  function confirm(isAsking) {
    cancelAll.toggleAttribute("data-asking", isAsking);
    text(find(cancelAll, "span"), isAsking ? "Press again to cancel all" : "Cancel all");
    cancelAll.title = isAsking ? "Press again to cancel everything that waits or runs here" : "Cancel everything that waits or runs here";
    attribute(cancelAll, "aria-label", cancelAll.title);
  }

  /** @param {Partial<Shown> & Omit<Shown, "paused">} value */
  function draw(value) {
    shown = { paused: false, ...value };
    const isEmpty = shown.queue.length === 0;
    element.hidden = isEmpty && !shown.paused;
    const held = focused(list);
    patchList(list, shown.queue, build, update);
    if (held) focusAgain(list, held);
    text(count, isEmpty ? "" : shown.queue.length + shown.more);
    text(more, shown.more > 0 ? `and ${shown.more} more` : "");
    const isHere = [pause, goOn].some((one) => one === document.activeElement);
    pause.hidden = shown.paused;
    goOn.hidden = !shown.paused;
    if (isHere) (shown.paused ? goOn : pause).focus(); // the button that had the focus may be hidden now
    cancelAll.hidden = isEmpty;
    text(find(element, ".queue-paused"), shown.paused ? "Paused: what runs goes on, and nothing further starts." : "");
  }

  onPress(element, {
    pause: () => act("pause_jobs", { paused: !shown.paused }),
    move: (button) => act("move_job", { job_id: jobOf(button), to: button.dataset.to }),
    cancelAll: () => {
      const isSure = cancelAll.hasAttribute("data-asking");
      confirm(!isSure);
      if (isSure) act("cancel_jobs", { workspace_id: shown.workspace });
      else setTimeout(() => confirm(false), CONFIRM_TIME);
    },
  });

  // Alt with an arrow key moves the job of a row.
  list.addEventListener("keydown", (event) => {
    const to = event.altKey ? { ArrowUp: "up", ArrowDown: "down", Home: "top" }[event.key] : undefined;
    const row = to && event.target?.closest?.("li");
    const button = row && buttonIn(row, `[data-to=${to}]`);
    if (!button || button.closest("[hidden]")) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });

  attribute(pause, "aria-label", "Pause: start nothing further");
  pause.title = "Pause: start nothing further";
  confirm(false);
  return { element, draw };
}

/** @param {Card} card */
function build(card) {
  const name = nameOf(card).slice(0, 80);
  const moves = Object.entries(MOVES).map(([to, [icon, label]]) =>
    iconButton("move", icon, `${label}: ${name}`, { class: "icon-button move", "data-to": to }));
  return h("li", {}, h("span", { class: "thumb" }, poster(card)),
    h("div", {}, h("p", { class: "prompt", dir: "auto" }), h("p", { class: "meta" }), progressBar()),
    h("span", { class: "moves" }, ...moves),
    iconButton("cancel", "close", `Cancel: ${nameOf(card)}`.slice(0, 90)));
}

/** @param {HTMLElement} node
 *  @param {Card} card */
function update(node, card) {
  const isRunning = card.status === "running";
  text(find(node, ".prompt"), nameOf(card));
  const state = isRunning ? [card.steps || card.progress_text || "Running", card.turn] : [card.turn || "Waiting"];
  text(find(node, ".meta"), [...(isRunning ? [card.model_name] : []), ...state, ...(isRunning ? [] : [card.model_name])].filter(Boolean).join(" · "));
  setMaking(find(node, ".thumb"), card.making);
  find(node, ".progress").hidden = !isRunning;
  setProgress(find(node, ".progress"), card.progress);
  find(node, ".moves").hidden = isRunning;
  for (const [to, isThere] of [["top", card.first], ["up", card.first], ["down", card.last]]) buttonIn(node, `[data-to=${to}]`).disabled = Boolean(isThere);
}

/** @param {Element} row
 *  @param {string} selectors */
const buttonIn = (row, selectors) => /** @type {HTMLButtonElement} */ (row.querySelector(selectors));

/** Which button of which row has the focus: a row that moves loses it.
 *  @param {HTMLElement} list */
function focused(list) {
  const button = /** @type {HTMLElement} */ (document.activeElement);
  return list.contains(button) ? { job: jobOf(button), to: button.dataset.to, action: button.dataset.do } : null;
}

/** @param {HTMLElement} list
 *  @param {{ job: string, to?: string, action?: string }} held */
function focusAgain(list, { job, to, action }) {
  const row = list.querySelector(`[data-job="${job}"]`);
  if (!row || row.contains(document.activeElement)) return;
  const button = buttonIn(row, to ? `[data-to=${to}]` : `[data-do=${action}]`);
  (button?.disabled ? row.querySelector(".move:not([disabled])") : button)?.focus();
  row.scrollIntoView({ block: "nearest" });
}
