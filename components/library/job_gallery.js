/* The gallery: cards of one page of jobs. It draws `props.value` and tells what was pressed; the server decides. */
const studio = window.studio;
const { h, icon, text, attribute } = studio;

const UNDO = 10000; // ms that what was done is said, and can be undone from here
const SETTLE = 4000; // ms after which feedback that the server did not confirm is taken back
const SKELETONS = 6;

const count = h("span", { class: "count", role: "status" });
const list = h("ol", { class: "cards" });
const empty = h("div", { class: "empty", hidden: true },
  icon("spark"), h("h3", {}, "No jobs yet"), h("p", {}, "What you generate appears here. One click on Reuse brings its whole form back."));
const cleanBin = h("div", { class: "empty", hidden: true }, icon("trash"), h("h3", {}, "Nothing deleted"), h("p", {}));
const nothing = h("div", { class: "empty", hidden: true },
  icon("search"), h("h3", {}, "No job matches"), h("p", {}, "Looked for ", h("q", { dir: "auto" }), " in the prompts."), h("p", {}, "Filters are in use."),
  studio.textButton("clearFilters", "close", "Clear search and filters", "Clear the search and all filters"));
const newer = studio.textButton("newer", "newer", "Newer", "Newer jobs");
const older = studio.textButton("older", "older", "Older", "Older jobs", { class: "text-button trailing" });
const paging = h("nav", { class: "paging", "aria-label": "Pages of jobs", hidden: true }, newer, h("span", { class: "page" }), older);
const undos = h("div", { class: "undos", role: "status" });
element.append(h("section", { class: "gallery", "aria-label": "Gallery" },
  h("header", {}, h("h2", {}, "Gallery"), count), list, empty, cleanBin, nothing, paging, undos));

let visited = []; // the cursors of the newer pages, so that "newer" knows where it came from
let workspace = null;

function draw() {
  const value = props.value || null;
  attribute(list, "aria-busy", value === null ? "true" : null);
  if (value === null) return drawSkeleton();
  if (value.filters.asked < studio.asked) return wait(); // the answer to an older question; that to the last one follows
  if (value.workspace?.id !== workspace || value.cursor === null) visited = [];
  workspace = value.workspace?.id ?? null;
  attribute(element.querySelector(".gallery"), "data-workspace", value.workspace?.name);
  for (const skeleton of list.querySelectorAll(".skeleton")) skeleton.remove();
  studio.patchList(list, value.cards, buildCard, updateCard);
  const jobs = value.filters.trashed ? "deleted job" : "job";
  const number = value.total === 1 && value.exact ? `1 ${jobs}` : `${value.total}${value.exact ? "" : "+"} ${jobs}s`;
  text(count, value.filters.trashed && value.total > 0 ? `${number}, ${keptFor(value.trash_days)}` : number);
  attribute(list, "aria-label", `${value.filters.trashed ? "Deleted jobs" : "Jobs"}, newest first`);
  drawEmpty(value);
  drawPaging(value);
  studio.form.expect(value.cards.map((card) => card.model_id));
}

/** How long a deleted job can be put back. */
function keptFor(days) {
  if (days === 0) return "not kept";
  return days === 1 ? "kept for 1 day" : `kept for ${days} days`;
}

/** An empty workspace is one thing, nothing deleted another, a search that finds nothing a third. */
function drawEmpty({ cards, cursor, filters, trash_days: days }) {
  const none = cards.length === 0 && cursor === null;
  const clean = filters.trashed && !filters.narrowed;
  empty.hidden = !none || filters.active;
  cleanBin.hidden = !none || !clean;
  nothing.hidden = !none || !filters.active || clean;
  text(cleanBin.querySelector("p"), `Deleted jobs are ${keptFor(days)}${days ? ", and can be put back from here" : ""}.`);
  const [bySearch, byFilters] = nothing.querySelectorAll("p");
  bySearch.hidden = filters.search === "";
  byFilters.hidden = !filters.chosen;
  text(bySearch.querySelector("q"), filters.search);
}

function drawSkeleton() {
  text(count, "");
  empty.hidden = cleanBin.hidden = nothing.hidden = paging.hidden = true;
  list.replaceChildren(...Array.from({ length: SKELETONS }, () => h("li", { class: "skeleton", "aria-hidden": "true" }, h("i"), h("i"), h("i"))));
}

function drawPaging(value) {
  paging.hidden = value.cursor === null && value.next === null;
  newer.disabled = value.cursor === null;
  older.disabled = value.next === null;
  text(paging.querySelector(".page"), visited.length ? `Page ${visited.length + 1}` : "");
}

function buildCard() {
  const dot = h("span", { class: "card-dot" }, " · ");
  return h("li", { class: "card" },
    h("button", { type: "button", class: "open", "data-do": "open" },
      h("span", { class: "picture" }), h("span", { class: "badge" }), studio.progressBar()),
    studio.iconButton("favourite", "heart", "Favourite", { "aria-pressed": "false", class: "icon-button favourite" }),
    deleteButton(),
    h("div", { class: "about" },
      h("p", { class: "prompt", dir: "auto" }),
      h("p", { class: "meta" }, h("span", { class: "model", dir: "auto" }), dot, h("time", { class: "ago" })),
      h("p", { class: "seed" }),
      h("p", { class: "why", dir: "auto" })),
    h("div", { class: "reuse-row" }, studio.reuseButton(), studio.reuseMenuButton()));
}

const deleteButton = () => studio.iconButton("delete", "trash", "Delete", { class: "icon-button delete" });
const putBackButton = () => studio.textButton("undelete", "putBack", "Put back", "Put back", { class: "text-button put-back" });

function updateCard(node, card) {
  const find = (selector) => node.querySelector(selector);
  if (Boolean(card.deleted) === Boolean(find(".delete"))) find(".delete, .put-back").replaceWith(card.deleted ? putBackButton() : deleteButton());
  const name = card.prompt || card.model_name;
  node.className = `card is-${card.status} of-${card.type}`;
  node.classList.toggle("in-work", isOpenEnded(card));
  drawPicture(find(".picture"), card);
  studio.setMaking(find(".picture"), card.making);
  text(find(".badge"), badge(card));
  studio.setProgress(find(".progress"), card.status === "running" ? card.progress : null);
  text(find(".prompt"), name);
  find(".prompt").title = card.prompt ?? "";
  text(find(".model"), card.prompt ? card.model_name : "");
  find(".card-dot").hidden = !card.prompt;
  text(find(".why"), card.error);
  studio.setTime(find("time"), card.created_at);
  find(".seed").replaceChildren(...(card.seed === null ? [] : [studio.seedButton(card.seed)]));
  nameButtons(find, card, name);
  studio.showBusy(find(".reuse"));
}

function drawPicture(host, card) {
  studio.carries(host, card);
  const shown = `${card.preview}|${card.status}|${card.type}`;
  if (host.dataset.shown === shown) return;
  host.dataset.shown = shown;
  host.replaceChildren(studio.poster(card));
}

const percent = (card) => `${Math.round(card.progress * 100)} %`;

function nameButtons(find, card, name) {
  const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  attribute(find(".open"), "aria-label", `${studio.statusWord(card.status)}, open details: ${short}`);
  attribute(find(".reuse"), "aria-label", `Reuse: ${short}`);
  attribute(find(".reuse-more"), "aria-label", `Reuse a part of: ${short}`);
  attribute(find(".delete, .put-back"), "aria-label", `${card.deleted ? "Put back" : "Delete"}: ${short}`);
  const heart = find(".favourite");
  attribute(heart, "aria-label", `Favourite: ${short}`);
  showFavourite(heart, card.favourite);
}

function showFavourite(heart, on) {
  attribute(heart, "aria-pressed", on ? "true" : "false");
  heart.title = on ? "Remove from favourites" : "Mark as favourite";
}

function isOpenEnded(card) {
  return card.status === "running" || card.status === "queued";
}

function badge(card) {
  if (card.status === "running") return typeof card.progress === "number" ? [percent(card), card.left].filter(Boolean).join(" · ") : "Running";
  return card.status === "completed" ? "" : studio.statusWord(card.status);
}

/** Feedback that ran ahead of the server is drawn again from what the server last said. */
function settle(node) {
  studio.forget(node);
  setTimeout(() => {
    node.removeAttribute("aria-busy");
    draw();
  }, SETTLE);
}

/** Says for a while what was done, and `back` is the event that undoes it; or why not, without one. A refusal goes with
    the next word, and of one thing the last word stands alone. */
function say(id, words, back, focus) {
  for (const older of [...undos.children]) if (older.dataset.job === id || !older.querySelector("button")) older.remove();
  const undo = back ? h("button", { type: "button", class: "text-button", "data-do": "undo", "data-back": back }, "Undo") : null;
  const bar = h("div", { class: "undo", "data-job": id }, h("span", {}, ...words), undo);
  undos.append(bar);
  if (focus) undo?.focus();
  const leave = () => (bar.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : bar.remove());
  setTimeout(leave, UNDO);
}

/** Takes a job away from where it is shown, at once. */
function move(button, event, what, word, back) {
  const card = button.closest(".card");
  attribute(card, "aria-busy", "true");
  settle(card);
  say(card.dataset.job, [`${word} `, h("bdi", {}, card.querySelector(".prompt").textContent)], back, event.detail === 0);
  trigger(what, { id: card.dataset.job });
}

/** Other jobs are on their way. */
function wait() {
  attribute(list, "aria-busy", "true");
}

function turnPage(cursor) {
  wait();
  setTimeout(draw, SETTLE);
  trigger('turn_page', { cursor });
  list.closest(".studio-gallery")?.scrollTo({ top: 0 });
}

const cardOf = (button) => props.value.cards.find((card) => card.id === studio.jobOf(button));

studio.onPress(element, {
  open: (button) => trigger('open', { id: studio.jobOf(button) }),
  reuseMenu: (button) => studio.openReuseMenu(button, cardOf(button)),
  copy: studio.copy,
  reuse: (button) => studio.reuse(cardOf(button)),
  favourite: (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    showFavourite(button, on);
    settle(button.closest(".card"));
    trigger('favourite', { id: studio.jobOf(button), on });
  },
  delete: (button, event) => move(button, event, "delete", "Deleted", "undelete"),
  undelete: (button, event) => move(button, event, "undelete", "Put back", "delete"),
  undo: (button) => {
    const id = studio.jobOf(button);
    button.closest(".undo").remove();
    trigger(button.dataset.back, { id });
  },
  older: () => {
    visited.push(props.value.cursor);
    turnPage(props.value.next);
  },
  newer: () => turnPage(visited.pop() ?? null),
  clearFilters: () => studio.clearFilters(),
});
studio.awaitJobs = wait;
studio.tellOfWorkspace = ({ id, name, refused }) => {
  if (refused) say(id, [refused]);
  else say(id, ["Deleted the workspace ", h("bdi", {}, name)], "undelete_workspace", document.activeElement?.matches(".workspace-delete:focus-visible"));
};

watch("value", draw);
draw();
