/* The gallery: the cards near the screen, of all the jobs that there are. `props.value` is how those jobs are now that
   `studio.gallery.look()` names; what comes before and after them this script asks for, before it is wanted. */
const studio = window.studio;
const { h, icon, text, attribute, rows } = studio;

const UNDO = 10000; // ms that what was done is said, and can be undone from here
const SETTLE = 4000; // ms after which feedback that the server did not confirm is taken back
const SKELETONS = 6;
const DRAWN = 24; // so many cards are in the page at least, wherever it is scrolled
const AHEAD = 2; // screens that are fetched before they are wanted
const MOST = 100; // jobs that the server looks at again
const HELD = 450; // ms that a finger rests on a card to choose it
const TOUCH = matchMedia("(hover: none), (pointer: coarse), (max-width: 759px)"); // as the stylesheet says it
const FOOT = 84; // pixels below a picture there
const SIZE = { min: 72, max: 320, usual: TOUCH.matches ? 150 : 112 };

const count = h("span", { class: "count", role: "status" });
const size = h("input", { type: "range", class: "card-size", min: SIZE.min, max: SIZE.max, step: 4, "aria-label": "Size of the cards", title: "Size of the cards" });
const when = studio.textButton("jumpMenu", "more", "", "Go to another time", { class: "text-button trailing when", "aria-haspopup": "menu", "aria-expanded": "false" });
const group = h("strong", { class: "group", hidden: true }); // where the cards are in another order than that of the times
const list = h("ol", { class: "cards" });
const more = { newer: h("div", { class: "gallery-more", hidden: true }), older: h("div", { class: "gallery-more", hidden: true }) };
const empty = h("div", { class: "empty", hidden: true },
  icon("spark"), h("h3", {}, "No jobs yet"), h("p", {}, "What you generate appears here. One click on Reuse brings its whole form back."));
const cleanBin = h("div", { class: "empty", hidden: true }, icon("trash"), h("h3", {}, "Nothing deleted"), h("p", {}));
const nothing = h("div", { class: "empty", hidden: true },
  icon("search"), h("h3", {}, "No job matches"), h("p", {}, "Looked for ", h("q", { dir: "auto" }), " in all jobs here."), h("p", {}, "Filters are in use."),
  studio.textButton("clearFilters", "close", "Clear search and filters", null));
const undos = h("div", { class: "undos", role: "status" });
const emptyBin = studio.textButton("emptyBin", "trash", "Empty the bin", null, { class: "text-button empty-bin", title: "Delete everything in the bin for good", hidden: true });
const section = h("section", { class: "gallery", "aria-label": "Gallery" },
  h("header", {}, h("h2", {}, "Gallery"), count, size), h("div", { class: "gallery-bar" }, when, group, emptyBin),
  more.newer, list, more.older, empty, cleanBin, nothing, h("div", { class: "below" }, undos));
element.append(section);

const jobs = studio.jobList(wanted);
const chosen = studio.choosing(() => draw());
const labels = studio.labelling({
  say: (words, back) => say("labels", words, back),
  act: (asks, then) => perform("labels", asks, (answer) => {
    then(answer);
    draw();
    trigger('changed');
  }),
  relabel: (ids, labels, lost) => {
    jobs.change(new Set(ids), (card) => ({ labels: labels(card.labels) }));
    if (lost !== undefined && studio.filters().label === lost) jobs.remove(new Set(ids));
    drawSoon();
  },
});
const onChosen = studio.chosenJobs({
  jobs, chosen, question: wanted, labels,
  say: (words, back) => say("chosen", words, back),
  act: (asks, then) => perform("chosen", asks, (answer) => {
    then(answer);
    draw();
    trigger('changed');
  }),
});
let workspace = null;
let isStale = true; // whether another list than the one that shows has been asked for
let isMissed = false; // whether the server takes for shown what was not
let shownDigest = ""; // of what gallery and stage show
let shownNumber = 0; // of the list that shows as the server has said it
let looked = "null"; // at which part of the list the server was last asked to look
let laid = null; // where the cards of `cards` stand
let active = null; // the id of the job whose card the Tab key comes to
let acting = Promise.resolve(); // what is asked of an endpoint
let gone = null; // the workspace that was asked for
/** @type {Map<string, string>} */
const names = new Map(); // of the workspaces that were open, by their ids
/** @type {Set<string>} */
const deleted = new Set(); // the ids of those that were deleted from here

/** How the cards are ordered: what the order is called, and what stands below one heading, where there are any.
 *  @type {Record<string, { words: string, group: ((card: any) => string) | undefined, heading: (group: string, isShort?: boolean) => string }>} */
const ORDERS = {
  time: { words: "newest first", group: undefined, heading: studio.dayName },
  rating: { words: "best first", group: (card) => String(card.rating ?? 0), heading: (stars) => (stars === "0" ? "Not rated" : "★".repeat(Number(stars))) },
  model: { words: "by model", group: (card) => card.model_name, heading: (name) => name },
  duration: { words: "what took longest first", group: () => "", heading: () => "Longest to make first" },
};
let order = ORDERS.time; // of the list that shows

/** The list that is wanted, as the endpoint is asked for it. */
function wanted() {
  const { everywhere, trashed, favourite, ...filters } = studio.filters();
  return { ...filters, workspace_id: everywhere ? null : workspace, deleted: trashed, favourite: favourite || null };
}

section.querySelector(".below").prepend(onChosen.bar);
studio.movesByDrag((id) => (wanted().deleted ? [] : chosen.ids.has(id) ? [...chosen.ids] : [id]), () => wanted().workspace_id, onChosen.put);

// --- what the server says

function take() {
  const value = props.value || null;
  attribute(list, "aria-busy", value === null ? "true" : null);
  if (value === null) return drawSkeleton();
  if (value.deleted_workspace && !deleted.has(value.deleted_workspace)) tellOfDeletion(names.get(value.deleted_workspace), value.workspace.name);
  // The answer to an older question, or of a list that has gone: what it says was not drawn.
  shownDigest = value.shown ?? "";
  isMissed = value.filters.asked < studio.asked || (value.near !== null && (isStale || value.near.number !== jobs.number));
  if (isMissed) return isStale || value.filters.asked < studio.asked ? wait() : undefined;
  if (value.near === null) begin(value);
  else merge(value);
  shownNumber = jobs.number;
  drawHead(value);
  draw();
  studio.form.expect(value.cards.map((card) => card.model_id));
}

/** @param {string | undefined} name */
function tellOfDeletion(name, now) {
  studio.sayInHeader(`The workspace ${name === undefined ? "that was chosen" : `“${name}”`} was deleted elsewhere; this page shows “${now}” now.`);
}

function begin(value) {
  workspace = value.workspace?.id ?? null;
  deleted.delete(workspace);
  studio.inWorkspace(workspace);
  jobs.begin(value.cards, value.next);
  isStale = false;
  order = ORDERS[value.filters.sort ?? "time"];
  laid = null;
  chosen.keep([]);
  looked = JSON.stringify({ number: jobs.number, count: DRAWN }); // so many the server begins with
  toFirst();
}

/** What the server lists no more is chosen no more. */
function merge({ near, cards, next, previous }) {
  const before = ids();
  jobs.merge(near, cards, next, previous);
  const now = new Set(ids()), left = before.filter((id) => !now.has(id));
  if (left.some((id) => chosen.ids.has(id))) chosen.put([...chosen.ids].filter((id) => !left.includes(id)));
}

/** Other jobs are on their way. */
function wait() {
  attribute(list, "aria-busy", "true");
}

function drawHead(value) {
  attribute(section, "data-workspace", value.workspace?.name);
  if (value.workspace) names.set(value.workspace.id, value.workspace.name);
  const kind = value.filters.trashed ? "deleted job" : "job";
  const number = value.total === 1 && value.exact ? `1 ${kind}` : `${value.total}${value.exact ? "" : "+"} ${kind}s`;
  text(count, value.filters.trashed && value.total > 0 ? `${number}, ${keptFor(value.trash_days)}` : number);
  emptyBin.hidden = !value.filters.trashed || value.filters.narrowed || value.total === 0;
  attribute(list, "aria-label", `${value.filters.trashed ? "Deleted jobs" : "Jobs"}, ${order.words}`);
  drawEmpty(value);
  studio.tellSearch?.(value.filters.notes);
  if (value.total === 0) studio.checkLabel?.();
}

/** How long a deleted job can be put back. */
function keptFor(days) {
  if (days === 0) return "not kept";
  return days === 1 ? "kept for 1 day" : `kept for ${days} days`;
}

/** An empty workspace is one thing, nothing deleted another, a search that finds nothing a third. */
function drawEmpty({ total, filters, trash_days: days }) {
  const clean = filters.trashed && !filters.narrowed;
  empty.hidden = total > 0 || filters.active;
  cleanBin.hidden = total > 0 || !clean;
  nothing.hidden = total > 0 || !filters.active || clean;
  text(cleanBin.querySelector("p"), `Deleted jobs are ${keptFor(days)}${days ? ", and can be put back from here" : ""}.`);
  const [bySearch, byFilters] = nothing.querySelectorAll("p");
  bySearch.hidden = filters.search === "";
  byFilters.hidden = !filters.chosen;
  text(bySearch.querySelector("q"), filters.search);
}

function drawSkeleton() {
  text(count, "");
  empty.hidden = cleanBin.hidden = nothing.hidden = when.hidden = group.hidden = true;
  list.classList.add("is-loading");
  list.replaceChildren(...Array.from({ length: SKELETONS }, () => h("li", { class: "skeleton", "aria-hidden": "true" })));
}

// --- the cards near the screen

/** What scrolls: the column where the page is wide, else the page. */
const scroller = () => {
  const column = element.closest(".studio-gallery");
  return column && getComputedStyle(column).overflowY === "auto" ? column : document.scrollingElement;
};

/** What of the list the user sees, in pixels below its top. */
function view() {
  const scrolls = scroller(), isPage = scrolls === document.scrollingElement;
  const from = when.parentElement.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
  const top = Math.max(from, (isPage ? 0 : scrolls.getBoundingClientRect().top) - list.getBoundingClientRect().top);
  const bottom = (isPage ? innerHeight : scrolls.getBoundingClientRect().bottom) - list.getBoundingClientRect().top;
  return { top, bottom, screen: isPage ? innerHeight : scrolls.clientHeight };
}

/** Lays the cards out again where they or their size are others; what the user sees stays where it is. */
function layOut() {
  const width = list.clientWidth, foot = TOUCH.matches ? FOOT : 0, wish = Number(size.value);
  if (laid && laid.cards === jobs.cards && laid.width === width && laid.foot === foot && laid.wish === wish) return;
  const before = laid && anchor();
  const isOther = laid?.cards !== jobs.cards;
  laid = { cards: jobs.cards, isWhole: jobs.isWhole("newer"), width, foot, wish, rows: rows.layOut(jobs.cards, width, wish, foot, order.group) };
  if (isOther) studio.selection.ordered.tell();
  if (list.classList.contains("is-loading")) list.replaceChildren();
  list.classList.remove("is-loading");
  list.style.height = `${laid.rows.height}px`;
  list.style.setProperty("--cell", `${laid.rows.cell}px`);
  list.classList.toggle("is-roomy", laid.rows.cell >= 180);
  const now = before ? jobs.cards.findIndex((card) => before.ids.has(card.id)) : -1;
  const moved = now < 0 ? 0 : laid.rows.ys[now] - before.ids.get(jobs.cards[now].id);
  if (Math.abs(moved) >= 1) scroller().scrollTop += moved;
}

/** Where the cards are that the user sees, by their ids; nothing while the first of all are in sight. */
function anchor() {
  const { top, bottom } = view();
  if (laid.cards.length === 0 || (top <= rows.HEADING && laid.isWhole)) return null;
  const [from, to] = rows.between(laid.rows, Math.max(0, top), bottom);
  return { ids: new Map(laid.cards.slice(from, to).map((card, place) => [card.id, laid.rows.ys[from + place]])) };
}

let isAsked = false;

/** Draws at the next frame. */
function drawSoon() {
  if (isAsked || props.value === null) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    if (!isStale) draw();
  });
}

/** @param {number} screens that are drawn above and below the one in sight */
function draw(screens = 1) {
  layOut();
  const { cards } = jobs, { top, bottom, screen } = view(), around = screens * screen;
  laid.screen = screen;
  let [from, to] = rows.between(laid.rows, top - around, bottom + around);
  to = Math.min(cards.length, Math.max(to, from + DRAWN));
  from = Math.max(0, Math.min(from, to - DRAWN));
  const focused = list.contains(document.activeElement) ? placeOf(studio.jobOf(document.activeElement)) : -1;
  const places = Array.from({ length: to - from }, (_, place) => from + place);
  if (focused >= 0 && focused < from) places.unshift(focused); // or the focus would be lost
  if (focused >= to) places.push(focused);
  studio.patchList(list, shown(places), build, update);
  for (const node of list.children) stand(node);
  const seen = rows.between(laid.rows, Math.max(0, top), bottom);
  if (focused < 0 && !(placeOf(active) >= seen[0] && placeOf(active) < seen[1])) active = cards[Math.min(seen[0], cards.length - 1)]?.id ?? null;
  drawMarks();
  drawDay(top);
  feed(top, bottom, screen);
}

/** What stands in the list: these cards, each day's below its heading. */
function shown(places) {
  const headings = new Map(laid.rows.days.slice(1).map((day) => [day.before, day])); // the first stands in the bar
  spots.clear();
  return places.flatMap((place) => {
    const day = headings.get(place), card = jobs.cards[place];
    const heading = day ? [{ id: `day ${day.day} ${card.id}`, day: day.day, isShort: day.beside > 0, today: rows.localDay({ created_at: new Date().toISOString() }) }] : [];
    spots.set(card.id, { y: laid.rows.ys[place], column: laid.rows.across[place] });
    if (day) spots.set(`day ${day.day} ${card.id}`, { y: day.y, column: laid.rows.across[place], beside: day.beside });
    return [...heading, studio.moving(card)];
  });
}

/** @type {Map<string, { y: number, column: number, beside?: number }>} */
const spots = new Map();

const build = (item) => (item.day === undefined ? studio.buildCard() : h("li", { class: "day" }, h("h3", {})));

function update(node, item) {
  marked.delete(node);
  if (item.day === undefined) studio.updateCard(node, item);
  else {
    text(node.firstChild, order.heading(item.day, item.isShort));
    node.firstChild.title = order.heading(item.day);
  }
}

function stand(node) {
  const { y, column, beside = 0 } = spots.get(node.dataset.job);
  const place = `translate(${column * (laid.rows.cell + rows.GAP)}px, ${y}px)`;
  if (node.style.transform !== place) node.style.transform = place;
  const width = beside ? `${beside * (laid.rows.cell + rows.GAP) - rows.GAP}px` : "";
  if (node.style.width !== width) node.style.width = width;
}

/** Draws those at work that have moved, and measures nothing. */
function drawMoves() {
  const moved = [...list.querySelectorAll(".card:is(.is-running, .is-queued)")].filter((node) => {
    const card = jobs.cards[placeOf(node.dataset.job)];
    return card && studio.drawChanged(node, studio.moving(card), update);
  });
  if (moved.length > 0) drawMarks();
}

/** How a card that has not changed is marked.
 *  @type {WeakMap<Element, string>} */
const marked = new WeakMap();

/** Which card is selected, which are chosen, and which one the Tab key comes to. */
function drawMarks() {
  const now = studio.selection.selectedJob();
  for (const node of list.children) {
    const { job } = node.dataset, isStop = job === active;
    const marks = [job === now, chosen.ids.has(job), chosen.ids.size > 0, isStop].join();
    if (marked.get(node) === marks || !node.classList.contains("card")) continue;
    marked.set(node, marks);
    node.toggleAttribute("data-selected", job === now);
    node.toggleAttribute("data-chosen", chosen.ids.has(job));
    attribute(node.querySelector(".open"), "aria-pressed", chosen.ids.size ? String(chosen.ids.has(job)) : null);
    for (const button of node.querySelectorAll("button")) if ((button.tabIndex === 0) !== isStop) button.tabIndex = isStop ? 0 : -1;
  }
  onChosen.draw();
}

function drawDay(top) {
  const day = rows.dayAt(laid.rows, Math.max(0, top));
  const isTime = order === ORDERS.time;
  attribute(when, "hidden", day === null || !isTime);
  attribute(group, "hidden", day === null || isTime);
  if (!day) return;
  text(isTime ? when.querySelector("span") : group, order.heading(day.day));
  if (isTime) attribute(when, "aria-label", `${studio.dayName(day.day)}: go to another time`);
}

const placeOf = (id) => jobs.cards.findIndex((card) => card.id === id);

// --- going on

/** @type {("older" | "newer")[]} */
const SIDES = ["older", "newer"];
const failed = { older: false, newer: false };

/** Asks for what is near an end of the list before it is wanted. */
function feed(top, bottom, screen) {
  if (isStale) return;
  const left = { newer: top, older: laid.rows.height - bottom };
  for (const side of SIDES) {
    if (!failed[side] && left[side] < AHEAD * screen) grow(side);
    attribute(more[side], "hidden", jobs.isWhole(side));
  }
}

async function grow(side) {
  failed[side] = false;
  try {
    if (!(await jobs.grow(side))) return;
    studio.form.expect(jobs.cards.map((card) => card.model_id));
  } catch (error) {
    failed[side] = true;
    more[side].replaceChildren(h("p", {}, studio.wordsOf(error)), studio.textButton("again", "reset", "Try again", "Try again", { "data-side": side }));
    return;
  }
  more[side].replaceChildren();
  draw();
}

/** How many cards fill the screen, and a row more. */
function onScreen() {
  if (!laid?.screen) return DRAWN;
  return Math.min(MOST, laid.rows.columns * (Math.ceil(laid.screen / laid.rows.row) + 1));
}

/** Goes to the first jobs, the oldest, or those from before a time. */
async function jump(place) {
  const isOldest = place.newer === true;
  if (!jobs.isWhole(isOldest ? "older" : "newer") || place.at) {
    wait();
    try {
      if (!(await jobs.jump(place, onScreen()))) return;
      laid = null;
    } catch (error) {
      say("jump", [studio.wordsOf(error)]);
      isStale = true; // the next look at what is new begins again
      return;
    } finally {
      attribute(list, "aria-busy", null);
    }
  }
  layOut();
  if (isOldest) scroller().scrollTop = scroller().scrollHeight;
  else toFirst();
  draw(0); // what is in sight comes first
  drawSoon();
}

/** Scrolls to where the list begins. */
function toFirst() {
  const scrolls = scroller();
  if (scrolls !== document.scrollingElement) scrolls.scrollTop = 0;
  else if (section.getBoundingClientRect().top < 0) section.scrollIntoView();
}

/** Brings a card onto the screen, and no farther. */
function show(place) {
  layOut();
  const { top, bottom } = view(), y = laid.rows.ys[place], { row } = laid.rows;
  if (y < top + rows.GAP) scroller().scrollTop += y - top - (laid.rows.across[place] >= 0 ? rows.HEADING : 0);
  else if (y + row > bottom) scroller().scrollTop += y + row - bottom;
}

/** What of the list the server is to look at again; nothing begins it again. */
function near() {
  if (isStale || laid === null) return null;
  const { cards, number } = jobs;
  let [from, to] = seen();
  if (order !== ORDERS.time) {
    const begin = Math.max(from - DRAWN, jobs.isWhole("newer") ? 0 : 1); // of a list whose beginning is elsewhere, after its first
    return { number, count: Math.min(MOST, Math.max(DRAWN, Math.ceil((to - begin) / DRAWN) * DRAWN)), after: begin > 0 ? cards[begin - 1]?.id : null };
  }
  if (jobs.isWhole("newer") && (to <= DRAWN || from === 0)) return { number, count: Math.min(MOST, Math.max(DRAWN, Math.ceil(to / DRAWN) * DRAWN)) };
  from = Math.min(from, Math.max(0, cards.length - DRAWN));
  const times = cards.slice(from, to).map((card) => card.created_at).filter((time) => time !== null);
  return { number, newest: times[0] ?? null, oldest: to === cards.length && jobs.isWhole("older") ? null : times.at(-1) ?? null };
}

/** The same, for a look that begins now. */
function look() {
  const part = near();
  looked = JSON.stringify(part);
  return part;
}

/** Whether there is more to look at than what the server takes for shown.
 *  @param {string} digest */
const isBehind = (digest) => isStale || isMissed || digest !== shownDigest || JSON.stringify(near()) !== looked;

/** The places of the cards on the screen, the second one excluded. */
function seen() {
  if (laid === null) return [0, 0];
  const { top, bottom } = view(), [from, to] = rows.between(laid.rows, Math.max(0, top), bottom);
  return [from, Math.min(jobs.cards.length, Math.max(to, from + 1))];
}

// --- by the keys, and several at once

/** Moves the focus to a card. */
function focus(place) {
  const card = jobs.cards[place];
  if (!card) return;
  active = card.id;
  show(place);
  draw();
  list.querySelector(`[data-job="${CSS.escape(card.id)}"] .open`)?.focus({ preventScroll: true });
}

const ids = () => jobs.cards.map((card) => card.id);

list.addEventListener("keydown", (event) => {
  if (!event.target.closest(".card")) return;
  const id = studio.jobOf(event.target), from = placeOf(id), isControl = event.ctrlKey || event.metaKey;
  const rating = studio.starsOfKey(event);
  if (rating !== undefined) act("rate_job", { job_id: id, rating });
  else if (isControl && event.key.toLowerCase() === "a") chosen.put(ids());
  else if (isControl && event.key === " ") chosen.toggle(id);
  else if (event.key === "Delete" && chosen.ids.size) onChosen.actions[wanted().deleted ? "putBackChosen" : "deleteChosen"]();
  else if (event.key === "Escape" && chosen.ids.size) chosen.put([]);
  else if (event.altKey || isControl) return;
  else if (event.key === "Home" || event.key === "End") jump(event.key === "End" ? { newer: true } : {}).then(() => focus(event.key === "End" ? jobs.cards.length - 1 : 0));
  else {
    const to = rows.goBy(laid.rows, from, event.key, Math.max(1, Math.floor(view().screen / laid.rows.row)));
    if (to === null) return;
    if (event.shiftKey) {
      if (chosen.ids.size === 0) chosen.beginAt(id);
      chosen.reach(ids(), jobs.cards[to].id);
    }
    focus(to);
  }
  event.preventDefault();
});

list.addEventListener("focusin", ({ target }) => {
  if (!target.closest(".card") || studio.jobOf(target) === active) return;
  active = studio.jobOf(target);
  drawMarks();
});

let held = null; // what waits for a finger to rest on a card long enough
let isHeld = false; // whether it has: the click that follows is none

function letGo() {
  clearTimeout(held);
  held = null;
}

list.addEventListener("pointerdown", (event) => {
  isHeld = false;
  const open = event.target.closest(".open");
  if (event.pointerType !== "touch" || !open) return;
  held = setTimeout(() => {
    isHeld = true;
    chosen.toggle(studio.jobOf(open));
  }, HELD);
});
for (const moved of ["pointerup", "pointercancel", "pointermove"]) list.addEventListener(moved, (event) => (event.movementX || event.movementY || moved !== "pointermove") && letGo());
for (const kind of ["dragstart", "contextmenu"]) list.addEventListener(kind, (event) => (held !== null || isHeld) && event.preventDefault(), true);

/** A press on a card: chooses it where several are chosen, else selects it. */
function press(button, event) {
  const id = studio.jobOf(button);
  if (isHeld) return void (isHeld = false);
  if (event.shiftKey) return chosen.reach(ids(), id);
  if (event.ctrlKey || event.metaKey || (chosen.ids.size && TOUCH.matches && event.detail)) return chosen.toggle(id);
  chosen.beginAt(id);
  if (chosen.ids.size) chosen.put([]);
  studio.selection.select(id);
}

studio.selection.orderBy({
  card: (id) => jobs.cards[placeOf(id)] ?? null,
  neighbour: (id, step) => jobs.cards[id === null ? 0 : placeOf(id) + (placeOf(id) < 0 ? 1 : step)]?.id ?? null,
});
studio.selection.selected.listen((id) => {
  if (laid === null) return;
  if (placeOf(id) >= 0 && studio.selection.isChosen() && scroller() !== document.scrollingElement) show(placeOf(id)); // else the stage would go
  draw();
});

// --- what is done to jobs

/** Feedback that ran ahead of the server is drawn again from what the server last said. */
function settle(node) {
  setTimeout(() => {
    studio.forget(node);
    node.removeAttribute("aria-busy");
    draw();
  }, SETTLE);
}

/** Says for a while what was done, and `back` undoes it; or why not, without one. A refusal goes with the next word, and of
    one thing the last word stands alone. */
function say(id, words, back, focus) {
  for (const older of [...undos.children]) if (older.dataset.job === id || !older.querySelector("button")) older.remove();
  const undo = back ? h("button", { type: "button", class: "text-button" }, "Undo") : null;
  const bar = h("div", { class: "undo", "data-job": id }, h("span", {}, ...words), undo);
  undo?.addEventListener("click", () => {
    bar.remove();
    back();
  });
  undos.append(bar);
  if (focus) undo?.focus();
  const leave = () => (bar.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : bar.remove());
  setTimeout(leave, UNDO);
}

/** Takes a job away from where it is shown, at once. */
function move(button, event, what, word, back) {
  const card = button.closest(".card"), job_id = card.dataset.job;
  attribute(card, "aria-busy", "true");
  settle(card);
  say(job_id, [`${word} `, h("bdi", {}, card.querySelector(".prompt").textContent)], () => act(back, { job_id }), event.detail === 0);
  act(what, { job_id });
}

/** Asks endpoints one after the other, for an undo must not come before its delete; what came of it is drawn `then`. */
function act(name, data, then = () => trigger('changed')) {
  perform(data.job_id ?? data.workspace_id, () => studio.ask(name, data), () => {
    if (order !== ORDERS.time && data.job_id) know(name, data);
    then();
  });
}

/** Changes a card that the server may not look at again: of this order it looks at the first ones alone. */
function know(name, { job_id, favourite, rating }) {
  const job = new Set([job_id]);
  if (name === "set_favourite") jobs.change(job, { favourite });
  else if (name === "rate_job") jobs.change(job, { rating });
  else jobs.remove(job);
  draw();
}

function perform(id, asks, then) {
  acting = acting.then(asks).then(then, (error) => say(id, [studio.wordsOf(error)]));
}

function goTo(workspace) {
  gone = workspace;
  trigger('go_to');
}

const cardOf = (button) => jobs.cards[placeOf(studio.jobOf(button))];

studio.onPress(element, {
  ...onChosen.actions,
  open: press,
  reuseMenu: (button) => studio.openReuseMenu(button, cardOf(button)),
  copy: studio.copy,
  reuse: (button) => studio.reuse(cardOf(button)),
  favourite: (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    studio.showFavourite(button, on);
    settle(button.closest(".card"));
    act("set_favourite", { job_id: studio.jobOf(button), favourite: on });
  },
  delete: (button, event) => move(button, event, "delete_job", "Deleted", "undelete_job"),
  undelete: (button, event) => move(button, event, "undelete_job", "Put back", "delete_job"),
  deleteForever: async (button) => {
    const job_id = studio.jobOf(button), name = studio.nameOf(cardOf(button));
    const short = name.length > 80 ? `${name.slice(0, 80)}…` : name;
    if (!(await studio.confirmed(`Delete “${short}” for good? Nobody can bring it back.`, "Delete for good"))) return;
    act("delete_job_forever", { job_id });
  },
  emptyBin: async () => {
    const { total, exact, workspace: here } = props.value, isEverywhere = studio.filters().everywhere;
    const jobs = total === 1 ? "the deleted job" : `all ${total}${exact ? "" : "+"} deleted jobs`;
    const where = isEverywhere ? "of all workspaces" : `of ${here.name}`;
    if (!(await studio.confirmed(`Delete ${jobs} ${where} for good? Nobody can bring them back.`, "Delete for good"))) return;
    act("empty_bin", { workspace_id: isEverywhere ? null : here.id });
  },
  again: (button) => grow(button.dataset.side),
  jumpMenu: () => studio.openJumpMenu(when, wanted, jump),
  clearFilters: () => studio.clearFilters(),
});
studio.awaitJobs = () => {
  isStale = true;
  wait();
};
studio.tellOfWorkspace = ({ id, name, refused }) => {
  if (refused) {
    deleted.delete(id);
    return say(id, [refused]);
  }
  const back = () => act("undelete_workspace", { workspace_id: id }, () => goTo(id));
  say(id, ["Deleted the workspace ", h("bdi", {}, name)], back, document.activeElement?.matches(".workspace-delete:focus-visible"));
};

studio.gallery = { labels, near, look, isBehind, digests: (told) => (isMissed || jobs.number !== shownNumber || !told.startsWith(shownDigest) ? "" : told), workspace: () => gone, here: () => workspace, goTo, deletes: (id) => deleted.add(id), listWorkspaces: () => trigger('workspaces_changed'), drawAgain: () => trigger('changed') };

size.value = String(studio.cardSize(SIZE.usual));
size.addEventListener("input", () => {
  studio.keepCardSize(Number(size.value));
  drawSoon();
});
studio.moved.listen(drawMoves);
addEventListener("scroll", drawSoon, { capture: true, passive: true });
new ResizeObserver(drawSoon).observe(list);
// On a phone it is a strip at the lower edge: all else there stands above it.
new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--below", `${/** @type {HTMLElement} */ (target).offsetHeight}px`)).observe(section.querySelector(".below"));
TOUCH.addEventListener("change", drawSoon);

watch("value", take);
take();
