/* The model that is chosen in each tab, and the tab that is open. */
import { tabButtonAt, tabButtons, tabOf } from "../gradio_ext/elements.js";
import { update } from "../gradio_ext/fields.js";
import { find } from "../kit/dom.js";
import { say, unsay } from "../kit/say.js";
import { signal } from "../kit/signal.js";
import { interacted } from "./clicks.js";
import { bring, isThere } from "./lazy_groups.js";
import { laidOut, models, tabs } from "./layout.js";
import { NO_ANSWER } from "./transport.js";

/** @type {Record<string, string>} */
let chosen = {}; // type → the model whose group is shown in that tab
let tab = ""; // the type whose tab is open
/** @type {Set<string>} */
const opened = new Set(); // the models whose groups have been opened, and stay open, for opening is slow
const sheet = document.createElement("style");

/** Emitted with the model that the user has selected.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const picked = signal();

// A message about another form is out of place.
picked.listen((model) => unsay((about) => about !== undefined && about !== model));

laidOut.listen((layout) => {
  chosen = { ...layout.chosen };
  tab = layout.tab;
  for (const model of Object.values(chosen)) opened.add(model);
});

/** The model whose form is shown.
 *  @returns {string | undefined} */
export const selected = () => chosen[tab];

export const openTab = () => tab;
/** @param {string} type */
export const chosenIn = (type) => chosen[type];
/** @param {string} model */
export const isOpened = (model) => opened.has(model);

document.addEventListener("click", ({ target }) => {
  if (!target?.closest?.(".model-tabs")) return;
  interacted();
  const button = tabButtonAt(target);
  if (button) switchTab(typeOf(button));
}, true);

const modelTabs = () => find(document, ".model-tabs");

/** The type of the tab that a button opens.
 *  @param {HTMLElement} button */
const typeOf = (button) => tabOf(modelTabs(), button, tabs());

/** Presses the tab that should be open, where Gradio shows another one. */
export function pressTab() {
  tabButtons(modelTabs()).find((button) => typeOf(button) === tab)?.click();
}

/** The user's choice of a tab, handled on click: Gradio's own event comes later, also for a tab that a restore has opened
 *  before the click, and never for a tab that is open, though a draft may be about to close it.
 *  @param {string} type */
function switchTab(type) {
  tab = type;
  bringChosen(type);
  picked.emit(chosen[tab]);
}

/** The user's choice of a model. Returns updates for the groups of its type.
 *  @param {string} type
 *  @param {string} model */
export function pick(type, model) {
  if (chosen[type] !== model) interacted(); // else a restore has picked it
  choose(type, model);
  if (type === tab) picked.emit(model);
  const groups = models().filter((one) => one.type === type);
  return groups.map(({ id }) => (id === model ? open(id) : undefined));
}

/** A restore's choice of a tab and a model.
 *  @param {string} type
 *  @param {string} model */
export function select(type, model) {
  tab = type;
  choose(type, model);
}

/** @param {string} type
 *  @param {string} model */
function choose(type, model) {
  if (chosen[type] === model) return;
  chosen[type] = model;
  showChosen();
  bringChosen(type);
}

/** @param {string} type */
function bringChosen(type) {
  if (chosen[type]) bring(chosen[type]).catch(() => say({ text: NO_ANSWER, tone: "bad" }));
}

/** The update that opens the group of a chosen model for the first time; later the stylesheet shows and hides it.
 *  @param {string} model */
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
