/* Presets: the form saved under a name, brought back whole or in part as a job is, renamed, overwritten and deleted. */
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

/** What `list_presets` answers, as components/api_types.py describes it.
 *  @typedef {{ id: string, name: string, workspace_id: string | null, model_id: string, model_name: string }} Preset */

const LONGEST = 600000; // ms: the files of the form are read and stored before

/** Opens the list beside its button.
 *  @param {HTMLElement} button */
export async function openPresets(button) {
  try {
    const all = /** @type {Preset[]} */ (await ask("list_presets"));
    openMenu(button, "Presets", list(all, button));
  } catch (error) {
    sayLoudly({ text: errorText(error), tone: "bad" });
  }
}

/** Those of this workspace, those of others behind an item, and what saves another one.
 *  @param {Preset[]} all */
function list(all, button) {
  const isHere = ({ workspace_id: workspace }) => workspace === null || workspace === workspaceHere();
  const here = all.filter(isHere), others = all.filter((one) => !isHere(one));
  return [
    ...(here.length ? here.map((one) => row(one)) : [h("p", { class: "menu-empty" }, "No presets in this workspace yet. Save the form as it is, and come back to it with one click.")]),
    ...(others.length ? [stayingItem("From other workspaces…", () => showOthers(others, button), { "aria-haspopup": "menu" })] : []),
    h("hr"),
    menuItem([icon("plus"), "Save the form as a preset…"], saveAs),
  ];
}

const title = (words) => h("p", { class: "menu-title", dir: "auto" }, words);

/** A preset, and beside it what else can be done with it.
 *  @param {Preset} preset */
function row(preset) {
  const isOther = preset.model_id !== selected();
  const words = [h("span", { class: "preset-name", dir: "auto" }, preset.name), isOther ? h("span", { class: "how-much" }, preset.model_name) : ""];
  const more = stayingItem(icon("dots"), () => fillMenu(acts(preset)),
    { class: "preset-more", "aria-haspopup": "menu", "aria-label": `More of ${preset.name}`, title: "More", "data-beside": true });
  return h("div", { class: "preset-row", role: "none" }, menuItem(words, () => reusePreset(preset), { title: preset.name, dir: false }), more);
}

/** @param {Preset[]} others */
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

/** What the form that shows holds, for the server. */
const formNow = async () => ({ model_id: selected(), values: forServer(await look(selected())) });

function saveAs() {
  askName("Save the form as the preset", "", async (name) => {
    const made = await ask("save_preset", { name, workspace_id: workspaceHere(), ...(await formNow()) }, LONGEST);
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

/** What it held is kept for a while as a deleted preset, which Undo puts in its place.
 *  @param {Preset} preset */
function overwrite({ id, name }) {
  let before;
  const undo = () => done(async () => {
    await ask("delete_preset", { preset_id: id });
    await ask("undelete_preset", { preset_id: before });
  }, `“${name}” holds again what it held.`);
  return done(async () => {
    before = (await ask("overwrite_preset", { preset_id: id, ...(await formNow()) }, LONGEST)).before;
  }, `“${name}” holds the form as it is now.`, undo);
}

/** @param {Preset} preset */
function remove({ id, name }) {
  const undo = () => done(() => ask("undelete_preset", { preset_id: id }), `“${name}” is back.`);
  return done(() => ask("delete_preset", { preset_id: id }), `“${name}” is deleted.`, undo);
}

/** Says what was done, and how to undo it; or why not.
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
