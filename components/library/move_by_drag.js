/* Dragging cards onto the workspace picker: a list of workspaces opens below it, and the jobs move to the one that they are
   dropped on. Without a mouse the bar of the chosen jobs does the same. */
import { ask } from "../form/transport.js";
import { pageContents } from "../gradio_ext/elements.js";
import { find, h, jobOf } from "../kit/dom.js";
import { placeBy } from "./menu.js";

const JOBS = "application/x-studio-jobs";
const CHOICE = ".workspace-choice";
const list = h("div", { class: "reuse-menu drop-places", popover: "manual", "aria-hidden": "true" });
const count = h("div", { class: "drag-count" });

/** @typedef {Api.Workspace} Place */

/** @param {(jobId: string) => string[]} jobsOf the jobs that are dragged with a card
 *  @param {() => string | null} here the id of the workspace that is shown
 *  @param {(jobIds: string[], to: Place) => void} move */
export function movesByDrag(jobsOf, here, move) {
  /** @type {string[]} */
  let dragged = [];
  /** @type {Promise<Place[]>} */
  let places = Promise.resolve([]);
  let isOpen = false;

  document.addEventListener("dragstart", ({ target, dataTransfer, defaultPrevented }) => {
    const card = defaultPrevented ? null : target?.closest?.(".card");
    dragged = card ? jobsOf(jobOf(card)) : [];
    if (dragged.length === 0 || !dataTransfer) return;
    dataTransfer.setData(JOBS, dragged.join(" "));
    dataTransfer.effectAllowed = dataTransfer.types.length > 1 ? "copyMove" : "move";
    if (dragged.length > 1) showCount(dataTransfer);
    places = ask("list_workspaces").catch(() => []);
    setTimeout(() => document.querySelector(CHOICE)?.toggleAttribute("data-takes-jobs", true)); // changing the page at once may end the drag
  });

  document.addEventListener("dragover", (event) => {
    if (dragged.length === 0) return;
    const place = event.target?.closest?.("[data-place]");
    if (event.target?.closest?.(`${CHOICE}, .drop-places`)) open();
    else close();
    for (const one of list.children) one.toggleAttribute("data-over", one === place);
    if (!place) return;
    event.preventDefault(); // allows the drop
    if (event.dataTransfer) event.dataTransfer.dropEffect = "move";
  });

  document.addEventListener("drop", (event) => {
    const place = event.target?.closest?.("[data-place]");
    if (!place || dragged.length === 0) return;
    event.preventDefault();
    move(dragged, { id: place.dataset.place ?? "", name: place.textContent });
  });

  for (const ended of ["dragend", "drop"]) {
    document.addEventListener(ended, () => {
      dragged = [];
      close();
      document.querySelector(CHOICE)?.toggleAttribute("data-takes-jobs", false);
    });
  }

  async function open() {
    if (isOpen) return;
    isOpen = true;
    const others = (await places).filter(({ id }) => id !== here());
    if (!isOpen) return;
    list.replaceChildren(h("p", { class: "menu-title" }, others.length ? "Move to" : "There is no other workspace"),
      ...others.map(({ id, name }) => h("div", { class: "drop-place", "data-place": id, dir: "auto" }, name)));
    pageContents().append(list);
    list.showPopover();
    placeBy(list, find(document, CHOICE), 0); // over a gap it would close
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    list.remove();
  }

  /** @param {DataTransfer} dataTransfer */
  function showCount(dataTransfer) {
    count.textContent = `${dragged.length} jobs`;
    pageContents().append(count);
    dataTransfer.setDragImage(count, 16, 16);
    setTimeout(() => count.remove());
  }
}
