/* The menu of presets: forms saved under a name, which can be reused as jobs are, renamed, overwritten and deleted. */
import { h } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { say, sayLoudly } from "../kit/say.js";
import { fillMenu, isMenuOf, menuItem, openMenu, stayingItem } from "../library/menu.js";
import { askName } from "../library/name_dialog.js";
import { workspaceHere } from "../library/workspace_here.js";
import { selected } from "./choice.js";
import { forServer } from "./files.js";
import { isModel, models } from "./layout.js";
import { look } from "./reading.js";
import { PARTS, reusePreset } from "./reuse.js";
import { ask, errorText } from "./transport.js";

/** @typedef {Api.Preset} Preset */

const TIMEOUT = 600000; // ms: the server stores the form's files first

/** Opens the menu beside its button.
 *  @param {HTMLElement} button */
export async function openPresets(button) {
  try {
    const all = await ask("list_presets");
    openMenu(button, "Presets", list(all, button));
  } catch (error) {
    sayLoudly({ text: errorText(error), tone: "bad" });
  }
}

/** The presets of this workspace, an item for those of others, and one that saves a preset.
 *  @param {Preset[]} all
 *  @param {HTMLElement} button */
function list(all, button) {
  const isHere = (/** @type {Preset} */ { workspace_id: workspace }) => workspace === null || workspace === workspaceHere();
  const here = all.filter(isHere), others = all.filter((one) => !isHere(one));
  return [
    ...(here.length ? here.map((one) => row(one)) : [h("p", { class: "menu-empty" }, "No presets in this workspace yet. Save the form as it is, and come back to it with one click.")]),
    ...(others.length ? [stayingItem("From other workspaces…", () => showOthers(others, button), { "aria-haspopup": "menu" })] : []),
    h("hr"),
    menuItem([icon("plus"), "Save the form as a preset…"], saveAs),
  ];
}

/** @param {string} words */
const title = (words) => h("p", { class: "menu-title", dir: "auto" }, words);

/** A preset, with a button for its other actions.
 *  @param {Preset} preset */
function row(preset) {
  const isOther = preset.model_id !== selected();
  const words = [h("span", { class: "preset-name", dir: "auto" }, preset.name), isOther ? h("span", { class: "how-much" }, preset.model_name) : ""];
  const more = stayingItem(icon("dots"), () => fillMenu(acts(preset)),
    { class: "preset-more", "aria-haspopup": "menu", "aria-label": `More of ${preset.name}`, title: "More", "data-beside": true });
  return h("div", { class: "preset-row", role: "none" }, menuItem(words, () => reusePreset(preset), { title: preset.name, dir: false }), more);
}

/** @param {Preset[]} others
 *  @param {HTMLElement} button */
async function showOthers(others, button) {
  const places = await ask("list_workspaces").catch(() => []);
  if (!isMenuOf(button)) return;
  fillMenu(places.flatMap(({ id, name }) => {
    const its = others.filter((one) => one.workspace_id === id);
    return its.length ? [title(name), ...its.map((one) => row(one))] : [];
  }));
}

/** @param {Preset} preset */
function acts(preset) {
  const into = models().find(({ id }) => id === selected());
  return [
    title(preset.name),
    ...Object.entries(PARTS).map(([part, label]) => menuItem(label, () => reusePreset(preset, { part }))),
    into && into.id !== preset.model_id && isModel(preset.model_id) ? menuItem(`Into ${into.name}`, () => reusePreset(preset, { model_id: into.id })) : "",
    h("hr"),
    menuItem("Overwrite with the form", () => overwrite(preset)),
    menuItem("Rename…", () => rename(preset)),
    menuItem("Delete", () => remove(preset)),
  ];
}

/** The visible form for the server. */
const formNow = async () => {
  const model = /** @type {string} */ (selected()); // the button of the list stands above its form
  return { model_id: model, values: forServer(await look(model)) };
};

function saveAs() {
  askName("Save the form as the preset", "", async (name) => {
    const made = await ask("save_preset", { name, workspace_id: workspaceHere(), ...(await formNow()) }, TIMEOUT);
    say({ text: `The form is saved as “${made.name}”.`, tone: "good" });
  });
}

/** @param {Preset} preset */
function rename({ id, name: before }) {
  askName(`Another name for “${before}”`, before, async (name) => {
    const made = await ask("rename_preset", { preset_id: id, name });
    say({ text: `“${before}” is called “${made.name}” now.`, tone: "good" });
  });
}

/** Overwrites a preset with the form. The server keeps the old one for a while as a deleted preset, which Undo restores.
 *  @param {Preset} preset */
function overwrite({ id, name }) {
  let before = "";
  const undo = () => done(async () => {
    await ask("delete_preset", { preset_id: id });
    await ask("undelete_preset", { preset_id: before });
  }, `“${name}” holds again what it held.`);
  return done(async () => {
    before = (await ask("overwrite_preset", { preset_id: id, ...(await formNow()) }, TIMEOUT)).before;
  }, `“${name}” holds the form as it is now.`, undo);
}

/** @param {Preset} preset */
function remove({ id, name }) {
  const undo = () => done(() => ask("undelete_preset", { preset_id: id }), `“${name}” is back.`);
  return done(() => ask("delete_preset", { preset_id: id }), `“${name}” is deleted.`, undo);
}

/** Runs an action, and shows what was done with an Undo, or the error.
 *  @param {() => Promise<unknown>} act
 *  @param {string} words
 *  @param {() => void} [undo] */
async function done(act, words, undo) {
  try {
    await act();
    say({ text: words, tone: "good", undo });
  } catch (error) {
    sayLoudly({ text: errorText(error), tone: "bad" });
  }
}
