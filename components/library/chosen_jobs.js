/* What is done to all the chosen jobs at once, from a bar below the gallery. */
import { ask } from "../form/transport.js";
import { attribute, h, text } from "../kit/dom.js";
import { rootPath } from "../kit/root.js";
import { iconButton } from "./job_parts.js";
import { menuItem, openMenu } from "./menu.js";

const several = (number) => (number === 1 ? "1 job" : `${number} jobs`);

/** @param {{
 *    jobs: ReturnType<typeof import("./job_list.js").jobList>,
 *    chosen: ReturnType<typeof import("./choosing.js").choosing>,
 *    question: () => Record<string, any>,
 *    act: (asks: () => Promise<any>, then: (answer: any) => void) => void,
 *    say: (words: (string | Node)[], back: () => void) => void,
 *    labels: ReturnType<typeof import("./labels.js").labelling>,
 *  }} gallery `question` is which jobs it lists, as `list_jobs` is asked for them; `act` has one thing done after the other,
 *    and `say` tells what was done and how to undo it */
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

  const cards = (ids) => jobs.cards.filter((card) => ids.has(card.id));

  const letGo = (ids) => chosen.put([...chosen.ids].filter((id) => !ids.has(id)));

  /** Has jobs leave the list, by a thing that the server does to them and another that undoes it. */
  function leave(does, words, back, ids = new Set(chosen.ids)) {
    const gone = cards(ids);
    act(() => does([...ids]), (answer) => {
      jobs.remove(ids);
      letGo(ids);
      say([words(several(ids.size))], () => act(() => back([...ids], answer), () => jobs.add(gone)));
    });
  }

  const all = (name) => (job_ids) => ask(name, { job_ids });

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
    const place = (job_ids, workspace_id) => ask("move_jobs", { job_ids, workspace_id });
    const words = (jobs) => `Moved ${jobs} to ${name}`;
    if (question().workspace_id !== null) return leave((ids) => place(ids, id), words, (_, before) => putBackTo(before, place), ids);
    act(() => place(job_ids, id), (before) => { // all workspaces are shown
      letGo(ids);
      say([words(several(ids.size))], () => act(() => putBackTo(before, place), () => {}));
    });
  }

  /** Puts each job where it was. */
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
      labelChosen: (button) => labels.open(() => button, cards(chosen.ids)),
      moveChosen: moveTo,
      downloadChosen: () => download([...chosen.ids]),
      deleteChosen: () => leave(all("delete_jobs"), (jobs) => `Deleted ${jobs}`, all("undelete_jobs")),
      putBackChosen: () => leave(all("undelete_jobs"), (jobs) => `Put back ${jobs}`, all("delete_jobs")),
      letGo: () => chosen.put([]),
    },
  };
}

/** Has the browser save the results of jobs: it sends a form, for only so a file of any size goes straight to the disk. */
function download(ids) {
  const frame = h("iframe", { name: "results", hidden: true });
  const form = h("form", { method: "post", action: `${rootPath()}/studio/results${location.search}`, target: "results", hidden: true }, h("input", { name: "jobs" }));
  form.querySelector("input").setAttribute("value", ids.join(","));
  document.querySelector("iframe[name=results]")?.remove();
  document.body.append(frame, form);
  form.submit();
  form.remove();
}
