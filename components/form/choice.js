/* Which model is chosen in each tab, and which tab is open. */
import { tabButtonAt, tabButtons, tabOf } from "../gradio_ext/elements.js";
import { update } from "../gradio_ext/fields.js";
import { say, unsay } from "../kit/say.js";
import { signal } from "../kit/signal.js";
import { interacted } from "./clicks.js";
import { bring, isThere } from "./lazy_groups.js";
import { laidOut, models, tabs } from "./layout.js";
import { NO_ANSWER } from "./transport.js";

let chosen = {}; // type → the model whose group shows in that tab
let tab = null; // the type whose tab is open
const opened = new Set(); // the models whose groups have been opened; they stay so, for opening is what takes long
const sheet = document.createElement("style");

/** Tells of the model that the user has selected.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const picked = signal();

// What was said of another form is out of place.
picked.listen((model) => unsay((about) => about !== undefined && about !== model));

laidOut.listen((layout) => {
  chosen = { ...layout.chosen };
  tab = layout.tab;
  for (const model of Object.values(chosen)) opened.add(model);
});

/** The model whose form shows. */
export const selected = () => chosen[tab];

export const openTab = () => tab;
export const chosenIn = (type) => chosen[type];
export const isOpened = (model) => opened.has(model);

document.addEventListener("click", ({ target }) => {
  if (!target.closest?.(".model-tabs")) return;
  interacted();
  const button = tabButtonAt(target);
  if (button) turnTo(typeOf(button));
}, true);

const modelTabs = () => document.querySelector(".model-tabs");

/** The type of the tab that a button opens.
 *  @param {HTMLElement} button */
const typeOf = (button) => tabOf(modelTabs(), button, tabs());

/** Presses the tab that is open here, where Gradio shows another one. */
export function pressTab() {
  tabButtons(modelTabs()).find((button) => typeOf(button) === tab)?.click();
}

/** The user's choice of a tab. Heard as it is clicked: Gradio says it later, also of a tab that a restore has opened before
 *  the click, and of an open one, which a draft may be about to close, never. */
function turnTo(type) {
  tab = type;
  bringChosen(type);
  picked.tell(chosen[tab]);
}

/** The user's choice of a model: the selected one, and updates for the groups of its type. */
export function pick(type, model) {
  if (chosen[type] !== model) interacted(); // else a restore has picked it
  choose(type, model);
  if (type === tab) picked.tell(model);
  const groups = models().filter((one) => one.type === type);
  return groups.map(({ id }) => (id === model ? open(id) : undefined));
}

/** A restore's choice of both. */
export function select(type, model) {
  tab = type;
  choose(type, model);
}

function choose(type, model) {
  if (chosen[type] === model) return;
  chosen[type] = model;
  showChosen();
  bringChosen(type);
}

function bringChosen(type) {
  if (chosen[type]) bring(chosen[type]).catch(() => say({ text: NO_ANSWER, tone: "bad" }));
}

/** The update that opens the group of a chosen model, the first time; after that the stylesheet does the rest. */
export function open(model) {
  if (opened.has(model) || !isThere(model) || !Object.values(chosen).includes(model)) return undefined;
  opened.add(model);
  return update({ visible: true });
}

function showChosen() {
  const others = Object.values(chosen).map((model) => `:not(#group-${CSS.escape(model)})`).join("");
  sheet.textContent = `.model-group${others} { display: none !important; }`;
  if (!sheet.isConnected) document.head.append(sheet);
  const media = document.querySelectorAll(`.model-group${others} :is(audio, video)`);
  for (const one of /** @type {Iterable<HTMLMediaElement>} */ (media)) one.pause();
}
