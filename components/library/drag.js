/* A result that is dragged: what is carried is the file itself, by its address and its name, whatever picture stands for it.
   An input of the form that it is dropped on takes it as it lies in the store. */
import { fieldAt } from "../form/places.js";
import { askForPlan } from "../form/plan.js";
import { attribute, h, ownUrl } from "../kit/dom.js";
import { reuseClick } from "./reuse_click.js";

const results = new WeakMap(); // node → the card whose result it stands for
/** What carries the job's id and the place of the output. */
export const RESULT = "application/x-studio-result";

/** Lets a node carry the result of a card, if there is one. */
export const carries = (node, card) => {
  results.set(node, card);
  attribute(node, "draggable", card.result ? "true" : "false");
  return node;
};

document.addEventListener("dragstart", (event) => {
  const { dataTransfer } = event, target = /** @type {HTMLElement} */ (event.target);
  const card = results.get(target);
  const address = ownUrl(card?.result?.url);
  if (!address) return;
  const markup = card.result.kind === "image" ? h("img", { src: address }) : h("a", { href: address }, card.result.name);
  dataTransfer.effectAllowed = "copy";
  dataTransfer.setData(RESULT, JSON.stringify({ job_id: card.id, output: card.result.place }));
  dataTransfer.setData("text/uri-list", address);
  dataTransfer.setData("text/plain", address);
  dataTransfer.setData("text/html", markup.outerHTML);
  dataTransfer.setData("DownloadURL", `application/octet-stream:${card.result.name}:${address}`); // how Chrome names a file
  const picture = /** @type {HTMLImageElement} */ (target.querySelector("img"));
  if (picture) dataTransfer.setDragImage(picture, picture.width / 2, picture.height / 2);
});

for (const kind of ["dragenter", "dragover", "drop"]) {
  document.addEventListener(kind, (/** @type {DragEvent} */ event) => {
    const field = event.target.closest?.(".explained, .takes-files") && fieldAt(event.target);
    if (!field || !event.dataTransfer?.types.includes(RESULT)) return;
    event.preventDefault(); // it may be dropped here
    event.stopImmediatePropagation(); // or Gradio would take a copy up
    event.dataTransfer.dropEffect = "copy";
    if (kind === "drop") put(JSON.parse(event.dataTransfer.getData(RESULT)), field);
  }, true);
}

/** Brings the dragged result into a field that shows. */
function put({ job_id, output }, { model, name }) {
  askForPlan("send_on", { job_id, output, model_id: model, parameter: name, shows: true }, { click: reuseClick(job_id), model });
}
