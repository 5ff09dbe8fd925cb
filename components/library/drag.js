/* Dragging a result: the drag carries the file itself, by its URL and name, not the preview that is dragged. An input of the
   form that it is dropped on takes the stored file without an upload. */
import { fieldAt } from "../form/places.js";
import { askForPlan } from "../form/plan.js";
import { attribute, h, ownUrl } from "../kit/dom.js";
import { reuseClick } from "./reuse_click.js";

/** @type {WeakMap<Node, Card>} */
const results = new WeakMap(); // node → the card whose result it shows
/** The media type of the drag's data: the job's id and the index of the output. */
export const RESULT = "application/x-studio-result";

/** Makes a node draggable, with the result of a card where there is one.
 *  @template {HTMLElement} Carrier
 *  @param {Carrier} node
 *  @param {Card} card */
export const carries = (node, card) => {
  results.set(node, card);
  attribute(node, "draggable", card.result ? "true" : "false");
  return node;
};

document.addEventListener("dragstart", (event) => {
  const { dataTransfer } = event, target = /** @type {HTMLElement} */ (event.target);
  const card = results.get(target), result = card?.result, address = ownUrl(result?.url);
  if (!dataTransfer || !card || !result || !address) return;
  const markup = result.kind === "image" ? h("img", { src: address }) : h("a", { href: address }, result.name);
  dataTransfer.effectAllowed = "copy";
  dataTransfer.setData(RESULT, JSON.stringify({ job_id: card.id, output: result.place }));
  dataTransfer.setData("text/uri-list", address);
  dataTransfer.setData("text/plain", address);
  dataTransfer.setData("text/html", markup.outerHTML);
  dataTransfer.setData("DownloadURL", `application/octet-stream:${result.name}:${address}`); // Chrome names the file by it
  const picture = target.querySelector("img");
  if (picture) dataTransfer.setDragImage(picture, picture.width / 2, picture.height / 2);
});

for (const kind of ["dragenter", "dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const { dataTransfer: data, target } = /** @type {DragEvent} */ (event);
    const field = target?.closest?.(".explained, .takes-files") && fieldAt(target);
    if (!field || !data?.types.includes(RESULT)) return;
    event.preventDefault(); // allows the drop
    event.stopImmediatePropagation(); // or Gradio would upload a copy
    data.dropEffect = "copy";
    if (kind === "drop") put(JSON.parse(data.getData(RESULT)), field);
  }, true);
}

/** Puts the dragged result into a field.
 *  @param {{ job_id: string, output: number }} result
 *  @param {import("../form/places.js").Field} field */
function put({ job_id, output }, { model, name }) {
  askForPlan("send_on", { job_id, output, model_id: model, parameter: name, shows: true }, { click: reuseClick(job_id), model });
}
