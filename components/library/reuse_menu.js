/* The menu beside a Reuse button: which part of a job to reuse, with which seed, in which model. */
import { models } from "../form/layout.js";
import { PARTS, reuse } from "../form/reuse.js";
import { NO_ANSWER, ask, errorText } from "../form/transport.js";
import { h } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { rootPath } from "../gradio_ext/server.js";
import { say } from "../kit/say.js";
import { iconButton } from "./job_parts.js";
import { fillMenu, isMenuOf, menuItem, openMenu, stayingItem } from "./menu.js";
import { preferSeed, seedMode } from "./seed_mode.js";
import { sendItems } from "./send_on.js";

/** @type {HTMLElement} */
let opener; // the button that the menu is open for
/** @type {Card} */
let reused; // the card that it is for

/** A small button beside a Reuse button, which opens the menu. */
export const reuseMenuButton = () =>
  iconButton("reuseMenu", "more", "Reuse a part of this job", { class: "icon-button reuse-more", "aria-haspopup": "menu", "aria-expanded": "false" });

/** Opens the menu for a card.
 *  @param {HTMLElement} button
 *  @param {Card} card */
export function openReuseMenu(button, card) {
  opener = button;
  reused = card;
  openMenu(button, "What to reuse", parts(card));
}

/** @param {Card} card */
function parts(card) {
  const other = seedMode() === "new" ? "exact" : "new";
  return [
    card.seed !== null ? item(other === "new" ? "Everything, with a new seed" : "Everything, with the exact seed", { seed: other }) : null,
    card.prompt ? item(PARTS.prompt, { part: "prompt" }) : null,
    card.resolved ? item("Prompt only, as resolved", { part: "prompt", text: "resolved" }) : null,
    card.has_resolved_texts ? item("Everything, as resolved", { text: "resolved" }) : null,
    item(PARTS.settings, { part: "settings" }),
    card.seed !== null ? item(PARTS.all_but_seed, { part: "all_but_seed" }) : null,
    card.media ? item(PARTS.media, { part: "media" }) : null,
    item(PARTS.choose, { part: "choose" }),
    inAnotherModel(card),
    asInput(card),
    ...runAgain(card),
    ...(card.seed !== null ? seedChoice() : []),
  ].filter((one) => one !== null);
}

/** @param {string} label
 *  @param {Parameters<typeof reuse>[1]} wanted */
const item = (label, wanted) => menuItem(label, () => reuse(reused, wanted));

/** @param {string} words */
const title = (words, attributes = {}) => h("p", { class: "menu-title", ...attributes }, words);

/** @param {Card} card */
function inAnotherModel(card) {
  if (!models().some((model) => model.id !== card.model_id)) return null;
  return stayingItem(["In another model…"], () => showTargets(card), { "aria-haspopup": "menu" });
}

/** Shows the other models that can take something of the job, which part of it to reuse, and what to do with the rest.
 *  @param {Card} card */
async function showTargets(card) {
  const found = await ask("list_targets", { job_id: card.id }).catch(() => null);
  if (!isMenuOf(opener) || reused !== card) return;
  if (!found?.length) return fillMenu([title(found ? "No other model has a place for anything of this job." : NO_ANSWER, { role: "status" })]);
  const target = (/** @type {Api.ReuseTarget} */ { model_id, name, inputs, of }) => {
    const words = [h("span", {}, name), h("span", { class: "how-much", "aria-hidden": "true" }, `${inputs} of ${of}`)];
    return menuItem(words, () => reuse(reused, { model_id, part: wantedPart, fromDefaults }), { "aria-description": `${inputs} of its ${of} inputs` });
  };
  wantedPart = "all";
  fillMenu([h("div", { class: "menu-parts", role: "group", "aria-label": "What goes there" }, ...whatGoes(card)), startTick(), h("hr"),
    title("Reuse in"), ...found.map(target)], "[role=menuitem]");
}

let wantedPart = "all";
let fromDefaults = false;

/** @param {Card} card */
function whatGoes(card) {
  /** @type {Record<string, boolean>} */
  const has = { prompt: Boolean(card.prompt), all_but_seed: card.seed !== null, media: Boolean(card.media) };
  const there = Object.entries(PARTS).filter(([part]) => has[part] ?? true);
  return there.map(([part, label]) => ticked("menuitemradio", label, part === wantedPart, (button) => {
    wantedPart = part;
    choose(button);
  }));
}

/** Unless it is ticked, inputs of the other model for which the job has no value keep theirs. */
const startTick = () => ticked("menuitemcheckbox", "Start from defaults", fromDefaults, (button) => {
  fromDefaults = !fromDefaults;
  button.setAttribute("aria-checked", String(fromDefaults));
});

/** @param {HTMLElement} button */
function choose(button) {
  for (const one of button.parentElement?.querySelectorAll("[role=menuitemradio]") ?? []) one.setAttribute("aria-checked", String(one === button));
}

/** @param {(button: HTMLElement) => void} pressed
 *  @param {string} role
 *  @param {string} label
 *  @param {boolean} isTicked */
const ticked = (role, label, isTicked, pressed) => stayingItem([icon("check"), label], pressed, { role, "aria-checked": String(isTicked) });

/** An item that opens the list of inputs that take the result; null where there are none.
 *  @param {Card} card */
function asInput(card) {
  const inputs = sendItems(card);
  if (inputs.length === 0) return null;
  return stayingItem(["Use as input…"], () => fillMenu([title("Use the result as"), ...inputs]), { "aria-haspopup": "menu" });
}

/** Items for a job that has ended: run it again without the form, download it.
 *  @param {Card} card */
function runAgain(card) {
  if (!["completed", "failed", "cancelled"].includes(card.status)) return [];
  return [h("hr"), menuItem(card.status === "completed" ? "Run again now" : "Try again now", async () => {
    try {
      await ask("run_job_again", { job_id: card.id });
      say({ text: "It is in the queue once more.", tone: "good" });
    } catch (error) {
      say({ text: errorText(error), tone: "bad" });
    }
  }), menuItem("Download the job as a ZIP", () => downloadJob(card))];
}

/** Downloads a job with its results and inputs as a ZIP that any studio can import.
 *  @param {Card} card */
function downloadJob({ id, result, model_id: model }) {
  const query = new URLSearchParams(location.search);
  query.set("name", `${result?.name?.replace(/\.\w+$/, "") || `${model}-${id.slice(0, 8)}`}.zip`);
  const link = h("a", { href: `${rootPath()}/studio/job/${id}?${query}`, download: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** The choice of the seed that Reuse brings by default; the server keeps it for this user. */
function seedChoice() {
  /** @type {(mode: "exact" | "new", label: string) => Node} */
  const radio = (mode, label) => ticked("menuitemradio", label, (seedMode() ?? "exact") === mode, (button) => {
    preferSeed(mode);
    ask("set_seed_mode", { seed: mode }).catch(() => {}); // it is only not remembered
    choose(button);
  });
  return [h("hr"), title("One click on Reuse brings"), radio("exact", "The exact seed"), radio("new", "A new seed")];
}
