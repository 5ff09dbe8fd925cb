/* The bar below the gallery, with actions on all chosen jobs at once. */
import { ask } from "../form/transport.js";
import { attribute, find, h, text } from "../kit/dom.js";
import { numberOfJobs } from "../kit/format.js";
import { rootPath } from "../gradio_ext/server.js";
import { iconButton } from "./job_parts.js";
import { menuItem, openMenu } from "./menu.js";

/** @typedef {<Answer>(asks: () => Promise<Answer>, then: (answer: Answer) => void) => void} Act
 *  @typedef {(ids: string[], workspace: string) => Promise<Record<string, string | null>>} Place */

/** @param {{
 *    jobs: ReturnType<typeof import("./job_list.js").jobList>,
 *    chosen: ReturnType<typeof import("./choosing.js").choosing>,
 *    question: () => Record<string, any>,
 *    act: Act,
 *    say: (words: (string | Node)[], back: () => void) => void,
 *    labels: ReturnType<typeof import("./labels.js").labelling>,
 *  }} gallery `question` returns the arguments of `list_jobs` for the list that shows; `act` runs requests one after the
 *    other, and `say` shows what was done, with an Undo button */
export function chosenJobs({ jobs, chosen, question, act, say, labels }) {
  const number = h("span", { class: "chosen-number", role: "status" });
  const remove = iconButton("deleteChosen", "trash", "Delete the chosen jobs"), putBack = iconButton("putBackChosen", "putBack", "Put the chosen jobs back");
  const move = iconButton("moveChosen", "folder", "Move the chosen jobs to a workspace", { "aria-haspopup": "menu", "aria-expanded": "false" });
  const bar = h("div", { class: "chosen-bar", role: "toolbar", "aria-label": "Chosen jobs", hidden: true },
    number, iconButton("favouriteChosen", "heart", "Mark the chosen jobs as favourites, or take the marks away"),
    iconButton("labelChosen", "tag", "Give the chosen jobs a label, or take it away", { "aria-haspopup": "dialog", "aria-expanded": "false" }), move,
    iconButton("downloadChosen", "download", "Download the results as a ZIP file"), remove, putBack, iconButton("letGo", "close", "Choose none"));

  function draw() {
    const { deleted } = question();
    attribute(bar, "hidden", chosen.ids.size === 0);
    text(number, `${chosen.ids.size} chosen`);
    for (const button of [remove, move]) attribute(button, "hidden", deleted);
    attribute(putBack, "hidden", !deleted);
  }

  /** @param {Set<string>} ids */
  const cards = (ids) => jobs.cards.filter((card) => ids.has(card.id));

  /** @param {Set<string>} ids */
  const letGo = (ids) => chosen.put([...chosen.ids].filter((id) => !ids.has(id)));

  /** Runs a request that takes jobs out of the list, and says so with an Undo that runs `back`.
   *  @template Answer
   *  @param {(ids: string[]) => Promise<Answer>} request
   *  @param {(jobs: string) => string} words
   *  @param {(ids: string[], answer: Answer) => Promise<unknown>} back */
  function leave(request, words, back, ids = new Set(chosen.ids)) {
    const gone = cards(ids);
    act(() => request([...ids]), (answer) => {
      jobs.remove(ids);
      letGo(ids);
      say([words(numberOfJobs(ids.size))], () => act(() => back([...ids], answer), () => jobs.add(gone)));
    });
  }

  /** @param {"delete_jobs" | "undelete_jobs"} name
   *  @returns {(job_ids: string[]) => Promise<string[]>} */
  const all = (name) => (job_ids) => ask(name, { job_ids });

  /** @param {HTMLElement} button */
  async function moveTo(button) {
    const here = question().workspace_id, places = await ask("list_workspaces").catch(() => []);
    const others = places.filter((place) => place.id !== here);
    openMenu(button, "Move to", others.length ? others.map((place) => menuItem(place.name, () => put([...chosen.ids], place))) : [h("p", { class: "menu-title" }, "There is no other workspace")]);
  }

  /** Moves jobs to a workspace.
   *  @param {string[]} job_ids
   *  @param {{ id: string, name: string }} to */
  function put(job_ids, { id, name }) {
    const ids = new Set(job_ids);
    /** @type {Place} */
    const place = (job_ids, workspace_id) => ask("move_jobs", { job_ids, workspace_id });
    /** @param {string} jobs */
    const words = (jobs) => `Moved ${jobs} to ${name}`;
    if (question().workspace_id !== null) return leave((ids) => place(ids, id), words, (_, before) => putBackTo(before, place), ids);
    act(() => place(job_ids, id), (before) => { // all workspaces are shown
      letGo(ids);
      say([words(numberOfJobs(ids.size))], () => act(() => putBackTo(before, place), () => {}));
    });
  }

  /** Moves each job back to its workspace before.
   *  @param {Record<string, string | null>} before
   *  @param {Place} place */
  async function putBackTo(before, place) {
    const workspaces = new Set(Object.values(before).filter((workspace) => workspace !== null));
    for (const workspace of workspaces) await place(Object.keys(before).filter((id) => before[id] === workspace), workspace);
  }

  function favourite() {
    const ids = new Set(chosen.ids), on = cards(ids).some((card) => !card.favourite);
    act(() => ask("set_favourites", { job_ids: [...ids], favourite: on }), () => {
      jobs.change(ids, { favourite: on });
      if (!on && question().favourite) jobs.remove(ids);
      chosen.put([...chosen.ids]);
    });
  }

  return {
    bar,
    draw,
    put,
    actions: {
      favouriteChosen: favourite,
      /** @param {HTMLElement} button */
      labelChosen: (button) => labels.open(() => button, cards(chosen.ids)),
      moveChosen: moveTo,
      downloadChosen: () => download([...chosen.ids]),
      deleteChosen: () => leave(all("delete_jobs"), (jobs) => `Deleted ${jobs}`, all("undelete_jobs")),
      putBackChosen: () => leave(all("undelete_jobs"), (jobs) => `Put back ${jobs}`, all("delete_jobs")),
      letGo: () => chosen.put([]),
    },
  };
}

/** Has the browser save the results of jobs: by submitting a form, for only then a file of any size goes straight to disk.
 *  @param {string[]} ids */
function download(ids) {
  const frame = h("iframe", { name: "results", hidden: true });
  const form = h("form", { method: "post", action: `${rootPath()}/studio/results${location.search}`, target: "results", hidden: true }, h("input", { name: "jobs" }));
  find(form, "input").setAttribute("value", ids.join(","));
  document.querySelector("iframe[name=results]")?.remove();
  document.body.append(frame, form);
  form.submit();
  form.remove();
}
