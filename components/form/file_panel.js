/* The dialog that shows how a file was made, and offers to fill the form from it. Its texts come from the file, and are shown
   as text. */
import { closesBeside, makeDialog, openDialog } from "../kit/dialog.js";
import { h, onPress, ownUrl, text } from "../kit/dom.js";
import { iconButton, textButton, thumbnail } from "../library/job_parts.js";
import { models } from "./layout.js";

const title = h("h2", { id: "file-panel-title", dir: "auto" });
const picture = h("div", { class: "file-picture" });
const tool = h("p", { class: "file-tool", dir: "auto" });
const prompt = h("p", { class: "file-prompt", dir: "auto" });
const facts = h("dl", { class: "file-facts" });
const restWords = h("summary", {});
const rest = h("dl", { class: "file-facts" });
const more = h("details", {}, restWords, rest);
const says = h("div", { class: "file-says" }, tool, prompt, facts, more);
const into = h("select", { id: "file-panel-model" });
const words = h("p", { class: "hint", dir: "auto" });
const target = h("div", { class: "file-target" }, h("label", { for: "file-panel-model" }, "Into the form of"), into, words);
const places = h("div", { class: "file-places", role: "group", "aria-label": "Use the file as an input" });
const nowhere = h("p", { class: "hint", dir: "auto" });
const fill = h("button", { type: "button", class: "primary-button", "data-do": "fill" }, "Fill the form");
const pick = textButton("pick", "filter", "Choose…", "Choose what of it comes into the form");
const dialog = makeDialog({ class: "file-panel studio-ui", "aria-labelledby": "file-panel-title" },
  iconButton("close", "close", "Close", { class: "icon-button close" }),
  title, h("div", { class: "file-found" }, picture, says, target),
  h("footer", {}, nowhere, places, pick, fill));

/** @type {{ places: Api.FileInput[], use: (place: Api.FileInput) => void, fill: (model: string) => void, pick: (model: string) => void }} */
let offered;

/** Offers what was found in a file: to fill a form with it, wholly or in part, and to use it as an input.
 *  @param {typeof offered & { name: string, nowhere: string, found: import("./from_file.js").Found }} offer */
export function showFound(offer) {
  const { name, found } = offer;
  offered = offer;
  text(title, name);
  const source = found.kind && ownUrl(found.file?.url);
  picture.replaceChildren(...(source ? [thumbnail(source, found.kind, "")] : []));
  picture.hidden = !source;
  for (const node of [says, target, fill, pick]) node.hidden = found.says === null;
  if (found.says) draw(found.says, found);
  text(nowhere, found.says ? offer.nowhere : "Several inputs take it: which one?");
  places.replaceChildren(...offer.places.map((place, index) =>
    textButton("use", found.kind ?? "image", `Use as ${place.label}`, `Use the file as ${place.label}`, { "data-place": index })));
  openDialog(dialog);
  const first = found.says ? fill : places.querySelector("button");
  first?.focus();
}

/** @param {Api.FileSays} said
 *  @param {import("./from_file.js").Found} found */
function draw(said, { model_id: model, words: why }) {
  text(tool, ["Made with ", said.tool, said.model ? ` · ${said.model}` : ""].join(""));
  text(prompt, said.prompt);
  prompt.hidden = !said.prompt;
  facts.replaceChildren(...said.facts.flatMap(row));
  rest.replaceChildren(...said.rest.flatMap(row));
  text(restWords, `${said.rest.length} more`);
  more.hidden = said.rest.length === 0;
  more.removeAttribute("open");
  into.replaceChildren(...models().map(({ id, name }) => h("option", { value: id, selected: id === model }, name)));
  text(words, why);
}

/** @param {Api.Fact} fact */
const row = ({ label, text: words }) => [h("dt", { dir: "auto" }, label), h("dd", { dir: "auto" }, words)];

/** Closes the dialog, then acts.
 *  @param {() => void} act */
function end(act) {
  dialog.close();
  act();
}

const model = () => into.value;

onPress(dialog, {
  close: () => dialog.close(),
  fill: () => end(() => offered.fill(model())),
  pick: () => end(() => offered.pick(model())),
  use: (button) => end(() => offered.use(offered.places[Number(button.dataset.place)])),
});
closesBeside(dialog);
