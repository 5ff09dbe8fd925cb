/* The menu beside a Reuse button: which part of a job, with which seed, in which model. */
import { models } from "../form/layout.js";
import { PARTS, reuse } from "../form/reuse.js";
import { NO_ANSWER, ask, wordsOf } from "../form/transport.js";
import { h } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { rootPath } from "../kit/root.js";
import { say } from "../kit/say.js";
import { iconButton } from "./job_parts.js";
import { fillMenu, isMenuOf, menuItem, openMenu, stayingItem } from "./menu.js";
import { preferSeed, seedMode } from "./seed_mode.js";
import { sendItems } from "./send_on.js";

let opener = null; // the button that the menu is open for
let reused = null; // the card that it is for

/** A small button that opens the menu, to stand beside a Reuse button. */
export const reuseMenuButton = () =>
  iconButton("reuseMenu", "more", "Reuse a part of this job", { class: "icon-button reuse-more", "aria-haspopup": "menu", "aria-expanded": "false" });

/** Opens the menu for a card. */
export function openReuseMenu(button, card) {
  opener = button;
  reused = card;
  openMenu(button, "What to reuse", parts(card));
}

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

const item = (label, wanted) => menuItem(label, () => reuse(reused, wanted));

const title = (words, attributes = {}) => h("p", { class: "menu-title", ...attributes }, words);

function inAnotherModel(card) {
  if (!models().some((model) => model.id !== card.model_id)) return null;
  return stayingItem(["In another model…"], () => showTargets(card), { "aria-haspopup": "menu" });
}

/** The other models that something of the job carries over to, what of it goes there, and what becomes of the rest. */
async function showTargets(card) {
  const found = await ask("list_targets", { job_id: card.id }).catch(() => null);
  if (!isMenuOf(opener) || reused !== card) return;
  if (!found?.length) return fillMenu([title(found ? "No other model has a place for anything of this job." : NO_ANSWER, { role: "status" })]);
  const target = ({ model_id, name, inputs, of }) => {
    const words = [h("span", {}, name), h("span", { class: "how-much", "aria-hidden": "true" }, `${inputs} of ${of}`)];
    return menuItem(words, () => reuse(reused, { model_id, part: wantedPart, fromDefaults }), { "aria-description": `${inputs} of its ${of} inputs` });
  };
  wantedPart = "all";
  fillMenu([h("div", { class: "menu-parts", role: "group", "aria-label": "What goes there" }, ...whatGoes(card)), startTick(), h("hr"),
    title("Reuse in"), ...found.map(target)], "[role=menuitem]");
}

let wantedPart = "all";
let fromDefaults = false;

function whatGoes(card) {
  const has = { prompt: Boolean(card.prompt), all_but_seed: card.seed !== null, media: Boolean(card.media) };
  const there = Object.entries(PARTS).filter(([part]) => has[part] ?? true);
  return there.map(([part, label]) => ticked("menuitemradio", label, part === wantedPart, (button) => {
    wantedPart = part;
    choose(button);
  }));
}

/** What the job has nothing for stays in the other model's form, unless this is ticked. */
const startTick = () => ticked("menuitemcheckbox", "Start from defaults", fromDefaults, (button) => {
  fromDefaults = !fromDefaults;
  button.setAttribute("aria-checked", String(fromDefaults));
});

function choose(button) {
  for (const one of button.parentElement.querySelectorAll("[role=menuitemradio]")) one.setAttribute("aria-checked", String(one === button));
}

/** @param {(button: HTMLElement) => void} pressed */
const ticked = (role, label, isTicked, pressed) => stayingItem([icon("check"), label], pressed, { role, "aria-checked": String(isTicked) });

/** An item that shows the inputs that take the result in place of all; null where there are none. */
function asInput(card) {
  const inputs = sendItems(card);
  if (inputs.length === 0) return null;
  return stayingItem(["Use as input…"], () => fillMenu([title("Use the result as"), ...inputs]), { "aria-haspopup": "menu" });
}

/** Without the form: what has ended goes into the queue once more. */
function runAgain(card) {
  if (!["completed", "failed", "cancelled"].includes(card.status)) return [];
  return [h("hr"), menuItem(card.status === "completed" ? "Run again now" : "Try again now", async () => {
    try {
      await ask("run_job_again", { job_id: card.id });
      say({ text: "It is in the queue once more.", tone: "good" });
    } catch (error) {
      say({ text: wordsOf(error), tone: "bad" });
    }
  }), menuItem("Download the job as a ZIP", () => downloadJob(card))];
}

/** Its results, its inputs and all that it says, for a studio anywhere to drop on its page. */
function downloadJob({ id, result, model_id: model }) {
  const query = new URLSearchParams(location.search);
  query.set("name", `${result?.name?.replace(/\.\w+$/, "") || `${model}-${id.slice(0, 8)}`}.zip`);
  const link = h("a", { href: `${rootPath()}/studio/job/${id}?${query}`, download: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Which seed the one click on Reuse brings; the server remembers it for this user. */
function seedChoice() {
  const radio = (mode, label) => ticked("menuitemradio", label, (seedMode() ?? "exact") === mode, (button) => {
    preferSeed(mode);
    ask("set_seed_mode", { seed: mode }).catch(() => {}); // it is only not remembered
    choose(button);
  });
  return [h("hr"), title("One click on Reuse brings"), radio("exact", "The exact seed"), radio("new", "A new seed")];
}
