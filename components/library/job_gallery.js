/* The gallery: a virtual list, which only draws the cards near the screen. `props.value` has the current state of the jobs that
   `studio.gallery.look()` names; this script fetches the jobs before and after them ahead of time. */
const studio = window.studio;
const { find, h, icon, text, attribute, rows } = studio;

const UNDO_TIME = 10000; // ms for which an action can be undone from here
const SETTLE = 4000; // ms after which optimistic feedback that the server did not confirm is reverted
const SKELETONS = 6;
const MIN_DRAWN = 24; // cards that are always in the page, wherever it is scrolled
const PREFETCHED_SCREENS = 2; // screens of cards that are fetched ahead
const MAX_REFRESHED = 100; // jobs whose state the server sends again
const LONG_PRESS = 450; // ms for which a finger rests on a card to choose it
const TOUCH = matchMedia("(hover: none), (pointer: coarse), (max-width: 759px)"); // the same as in the stylesheet
const CARD_FOOT = 84; // pixels below the picture of a card on a touch screen
const SIZE = { min: 72, max: 320, usual: TOUCH.matches ? 150 : 112 };

const count = h("span", { class: "count", role: "status", tabindex: -1 });
const size = h("input", { type: "range", class: "card-size", min: SIZE.min, max: SIZE.max, step: 4, "aria-label": "Size of the cards", title: "Size of the cards" });
const when = studio.textButton("jumpMenu", "more", "", "Go to another time", { class: "text-button trailing when", "aria-haspopup": "menu", "aria-expanded": "false" });
const group = h("strong", { class: "group", hidden: true }); // where the cards are not sorted by time
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
/** @typedef {Card & { day?: undefined }} Shown
 *  @typedef {{ id: string, day: string, isShort: boolean, today: string }} Heading
 *  @typedef {Shown | Heading} Item What stands in the list.
 *  @typedef {{ at?: string, newer?: boolean }} Jump
 *  @typedef {{ cards: Card[], isWhole: boolean, width: number, foot: number, wish: number, screen?: number, rows: import("./rows.js").Rows }} Layout
 *  @typedef {{
 *    workspace: Api.Workspace | null, deleted_workspace?: string | null, cards: Card[], near: import("./job_list.js").Near | null, next: string | null, previous: string | null,
 *    total: number, exact: boolean, trash_days: number, shown?: string,
 *    filters: { asked: number, active: boolean, search: string, notes: string[], chosen: boolean, trashed: boolean, sort: string | null, narrowed: boolean },
 *  }} Value As job_gallery.py says it. */

/** @type {string | null} */
let workspace = null;
let isStale = true; // whether another list than the shown one has been requested
let isMissed = false; // whether the server's last answer was not drawn, though it takes it for shown
let shownDigest = ""; // of what gallery and stage show
let shownNumber = 0; // of the list that shows as the server has said it
let looked = "null"; // the part of the list that was refreshed last, as JSON
/** @type {Layout | null} */
let layout = null; // the positions of the cards
/** @type {string | null} */
let active = null; // the id of the job whose card Tab stops at
/** @type {Promise<unknown>} */
let acting = Promise.resolve(); // the last request to an endpoint
/** @type {string | null} */
let gone = null; // the workspace to go to
/** @type {Map<string, string>} */
const names = new Map(); // the names of the workspaces that were open, by their ids
/** @type {Set<string>} */
const deleted = new Set(); // the ids of those that were deleted from here

/** The orders of the cards: their names, and how cards are grouped below headings.
 *  @type {Record<string, { words: string, group: ((card: any) => string) | undefined, heading: (group: string, isShort?: boolean) => string }>} */
const ORDERS = {
  time: { words: "newest first", group: undefined, heading: studio.dayName },
  rating: { words: "best first", group: (card) => String(card.rating ?? 0), heading: (stars) => (stars === "0" ? "Not rated" : "★".repeat(Number(stars))) },
  model: { words: "by model", group: (card) => card.model_name, heading: (name) => name },
  duration: { words: "what took longest first", group: () => "", heading: () => "Longest to make first" },
};
let order = ORDERS.time; // of the list that is shown

/** The arguments of `list_jobs` for the list that the filters ask for. */
function wanted() {
  const { everywhere, trashed, favourite, ...filters } = studio.filters();
  return { ...filters, workspace_id: everywhere ? null : workspace, deleted: trashed, favourite: favourite || null };
}

find(section, ".below").prepend(onChosen.bar);
studio.movesByDrag((id) => (wanted().deleted ? [] : chosen.ids.has(id) ? [...chosen.ids] : [id]), () => wanted().workspace_id, onChosen.put);

// --- the server's answers

function take() {
  /** @type {Value | null} */
  const value = props.value || null;
  attribute(list, "aria-busy", value === null ? "true" : null);
  if (value === null) return drawSkeleton();
  const isNews = workspace === null || workspace === value.deleted_workspace; // a second answer of the same tells nothing new
  if (value.deleted_workspace && isNews && !deleted.has(value.deleted_workspace)) tellOfDeletion(names.get(value.deleted_workspace), value.workspace?.name ?? "");
  // An answer to an older query, or for a list that was replaced, is not drawn.
  shownDigest = value.shown ?? "";
  isMissed = value.filters.asked < studio.asked || (value.near !== null && (isStale || value.near.number !== jobs.number));
  if (isMissed) return isStale || value.filters.asked < studio.asked ? wait() : undefined;
  if (value.near === null) begin(value);
  else merge({ ...value, near: value.near });
  shownNumber = jobs.number;
  drawHead(value);
  draw();
  studio.form.expect(value.cards.map((card) => card.model_id));
}

/** @param {string | undefined} name
 *  @param {string} now */
function tellOfDeletion(name, now) {
  studio.sayInHeader?.(`The workspace ${name === undefined ? "that was chosen" : `“${name}”`} was deleted elsewhere; this page shows “${now}” now.`);
}

/** @param {Value} value */
function begin(value) {
  workspace = value.workspace?.id ?? null;
  if (workspace !== null) deleted.delete(workspace);
  studio.inWorkspace(workspace);
  jobs.begin(value.cards, value.next);
  isStale = false;
  order = ORDERS[value.filters.sort ?? "time"];
  layout = null;
  chosen.keep([]);
  looked = JSON.stringify({ number: jobs.number, count: MIN_DRAWN }); // the part that the server sends first
  toFirst();
}

/** Takes a newer state of the shown part of the list; jobs that it no longer lists are no longer chosen.
 *  @param {Value & { near: import("./job_list.js").Near }} value */
function merge({ near, cards, next, previous }) {
  const left = jobs.merge(near, cards, next, previous);
  if ([...left].some((id) => chosen.ids.has(id))) chosen.put([...chosen.ids].filter((id) => !left.has(id)));
}

/** Shows that another list is being loaded. */
function wait() {
  attribute(list, "aria-busy", "true");
}

/** @param {Value} value */
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

/** How long deleted jobs are kept, in words.
 *  @param {number} days */
function keptFor(days) {
  if (days === 0) return "not kept";
  return days === 1 ? "kept for 1 day" : `kept for ${days} days`;
}

/** Shows why the list is empty: an empty workspace, an empty bin, or a search without results.
 *  @param {Value} value */
function drawEmpty({ total, filters, trash_days: days }) {
  const clean = filters.trashed && !filters.narrowed;
  empty.hidden = total > 0 || filters.active;
  cleanBin.hidden = total > 0 || !clean;
  nothing.hidden = total > 0 || !filters.active || clean;
  text(find(cleanBin, "p"), `Deleted jobs are ${keptFor(days)}${days ? ", and can be put back from here" : ""}.`);
  const [bySearch, byFilters] = nothing.querySelectorAll("p");
  bySearch.hidden = filters.search === "";
  byFilters.hidden = !filters.chosen;
  text(find(bySearch, "q"), filters.search);
}

function drawSkeleton() {
  text(count, "");
  empty.hidden = cleanBin.hidden = nothing.hidden = when.hidden = group.hidden = true;
  list.classList.add("is-loading");
  list.replaceChildren(...Array.from({ length: SKELETONS }, () => h("li", { class: "skeleton", "aria-hidden": "true" })));
}

// --- the cards near the screen

/** The element that scrolls: the column where the page is wide, else the page. */
const scroller = () => {
  const column = element.closest(".studio-gallery");
  return column && getComputedStyle(column).overflowY === "auto" ? column : document.scrollingElement ?? document.documentElement;
};

/** The visible part of the list, in pixels below its top. */
function view() {
  const scrolls = scroller(), isPage = scrolls === document.scrollingElement;
  const from = find(section, ".gallery-bar").getBoundingClientRect().bottom - list.getBoundingClientRect().top;
  const top = Math.max(from, (isPage ? 0 : scrolls.getBoundingClientRect().top) - list.getBoundingClientRect().top);
  const bottom = (isPage ? innerHeight : scrolls.getBoundingClientRect().bottom) - list.getBoundingClientRect().top;
  return { top, bottom, screen: isPage ? innerHeight : scrolls.clientHeight };
}

/** Lays the cards out again where they or their size have changed; the visible cards keep their position on the screen. */
function layOut() {
  const width = list.clientWidth, foot = TOUCH.matches ? CARD_FOOT : 0, wish = Number(size.value);
  if (layout && layout.cards === jobs.cards && layout.width === width && layout.foot === foot && layout.wish === wish) return layout;
  const before = layout && anchor(layout);
  const isOther = layout?.cards !== jobs.cards;
  layout = { cards: jobs.cards, isWhole: jobs.isWhole("newer"), width, foot, wish, rows: rows.layOut(jobs.cards, width, wish, foot, order.group) };
  if (isOther) studio.selection.ordered.emit();
  if (list.classList.contains("is-loading")) list.replaceChildren();
  list.classList.remove("is-loading");
  list.style.height = `${layout.rows.height}px`;
  list.style.setProperty("--cell", `${layout.rows.cell}px`);
  list.classList.toggle("is-roomy", layout.rows.cell >= 180);
  const now = before ? jobs.cards.findIndex((card) => before.ids.has(card.id)) : -1;
  const moved = now < 0 ? 0 : layout.rows.ys[now] - (before?.ids.get(jobs.cards[now].id) ?? 0);
  if (Math.abs(moved) >= 1) scroller().scrollTop += moved;
  return layout;
}

/** The tops of the visible cards by id, to scroll by their shift; null at the top of the list.
 *  @param {Layout} layout */
function anchor(layout) {
  const { top, bottom } = view();
  if (layout.cards.length === 0 || (top <= rows.HEADING && layout.isWhole)) return null;
  const [from, to] = rows.between(layout.rows, Math.max(0, top), bottom);
  return { ids: new Map(layout.cards.slice(from, to).map((card, place) => [card.id, layout.rows.ys[from + place]])) };
}

let isAsked = false;

/** Draws in the next animation frame. */
function drawSoon() {
  if (isAsked || props.value === null) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    if (!isStale) draw();
  });
}

let lastFocused = 0; // the place of the card that had the focus

/** @param {number} screens to draw above and below the visible one */
function draw(screens = 1) {
  const layout = layOut();
  const { cards } = jobs, { top, bottom, screen } = view(), around = screens * screen;
  layout.screen = screen;
  let [from, to] = rows.between(layout.rows, top - around, bottom + around);
  to = Math.min(cards.length, Math.max(to, from + MIN_DRAWN));
  from = Math.max(0, Math.min(from, to - MIN_DRAWN));
  const at = list.contains(document.activeElement) ? document.activeElement : null;
  const focused = at ? placeOf(studio.jobOf(at)) : -1;
  const isGone = focused < 0 && at?.matches(".card :focus-visible");
  if (focused >= 0) lastFocused = focused;
  const places = Array.from({ length: to - from }, (_, place) => from + place);
  if (focused >= 0 && focused < from) places.unshift(focused); // or the focus would be lost
  if (focused >= to) places.push(focused);
  studio.patchList(list, shown(places, layout), build, update);
  for (const node of list.children) position(node, layout);
  const seen = rows.between(layout.rows, Math.max(0, top), bottom);
  if (focused < 0 && !(placeOf(active) >= seen[0] && placeOf(active) < seen[1])) active = cards[Math.min(seen[0], cards.length - 1)]?.id ?? null;
  drawMarks();
  drawDay(top, layout);
  feed(top, bottom, screen, layout);
  if (isGone) cards.length > 0 ? focus(Math.min(lastFocused, cards.length - 1)) : count.focus();
}

/** The items of the list: these cards, with the heading of each day before its first.
 *  @param {number[]} places
 *  @param {Layout} layout
 *  @returns {Item[]} */
function shown(places, layout) {
  const headings = new Map(layout.rows.days.slice(1).map((day) => [day.before, day])); // the first heading is in the bar
  spots.clear();
  return places.flatMap((place) => {
    const day = headings.get(place), card = jobs.cards[place];
    const heading = day ? [{ id: `day ${day.day} ${card.id}`, day: day.day, isShort: day.beside > 0, today: rows.localDay({ created_at: new Date().toISOString() }) }] : [];
    spots.set(card.id, { y: layout.rows.ys[place], column: layout.rows.across[place] });
    if (day) spots.set(`day ${day.day} ${card.id}`, { y: day.y, column: layout.rows.across[place], beside: day.beside });
    return [...heading, studio.moving(card)];
  });
}

/** @typedef {{ y: number, column: number, beside?: number }} Spot */

/** @type {Map<string, Spot>} */
const spots = new Map();

/** @param {Item} item */
const build = (item) => (item.day === undefined ? studio.buildCard() : h("li", { class: "day" }, h("h3", {})));

/** @param {HTMLElement} node
 *  @param {Item} item */
function update(node, item) {
  marked.delete(node);
  if (item.day === undefined) studio.updateCard(node, item);
  else {
    text(find(node, "h3"), order.heading(item.day, item.isShort));
    find(node, "h3").title = order.heading(item.day);
  }
}

/** Moves a node to its position in the list.
 *  @param {Element} node
 *  @param {Layout} layout */
function position(node, layout) {
  const { y, column, beside = 0 } = /** @type {Spot} */ (spots.get(node.dataset.job ?? ""));
  const transform = `translate(${column * (layout.rows.cell + rows.GAP)}px, ${y}px)`;
  if (node.style.transform !== transform) node.style.transform = transform;
  const width = beside ? `${beside * (layout.rows.cell + rows.GAP) - rows.GAP}px` : "";
  if (node.style.width !== width) node.style.width = width;
}

/** Draws the cards whose progress has changed, without a new layout. */
function drawMoves() {
  const moved = [...list.querySelectorAll(".card:is(.is-running, .is-queued)")].filter((node) => {
    const card = jobs.cards[placeOf(node.dataset.job)];
    return card && studio.drawChanged(node, studio.moving(card), update);
  });
  if (moved.length > 0) drawMarks();
}

/** The marks that each card shows.
 *  @type {WeakMap<Element, string>} */
const marked = new WeakMap();

/** Marks the selected card, the chosen ones, and the one that Tab stops at. */
function drawMarks() {
  const now = studio.selection.selectedJob();
  for (const node of list.children) {
    const { job = "" } = node.dataset, isStop = job === active;
    const marks = [job === now, chosen.ids.has(job), chosen.ids.size > 0, isStop].join();
    if (marked.get(node) === marks || !node.classList.contains("card")) continue;
    marked.set(node, marks);
    node.toggleAttribute("data-selected", job === now);
    node.toggleAttribute("data-chosen", chosen.ids.has(job));
    attribute(find(node, ".open"), "aria-pressed", chosen.ids.size ? String(chosen.ids.has(job)) : null);
    for (const button of node.querySelectorAll("button")) if ((button.tabIndex === 0) !== isStop) button.tabIndex = isStop ? 0 : -1;
  }
  onChosen.draw();
}

/** @param {number} top
 *  @param {Layout} layout */
function drawDay(top, layout) {
  const day = rows.dayAt(layout.rows, Math.max(0, top));
  const isTime = order === ORDERS.time;
  attribute(when, "hidden", day === null || !isTime);
  attribute(group, "hidden", day === null || isTime);
  if (!day) return;
  text(isTime ? find(when, "span") : group, order.heading(day.day));
  if (isTime) attribute(when, "aria-label", `${studio.dayName(day.day)}: go to another time`);
}

/** @param {string | null | undefined} id */
const placeOf = (id) => jobs.cards.findIndex((card) => card.id === id);

// --- loading more

/** @type {("older" | "newer")[]} */
const SIDES = ["older", "newer"];
const failed = { older: false, newer: false };

/** Fetches more jobs where an end of the list is near.
 *  @param {number} top
 *  @param {number} bottom
 *  @param {number} screen
 *  @param {Layout} layout */
function feed(top, bottom, screen, layout) {
  if (isStale) return;
  const left = { newer: top, older: layout.rows.height - bottom };
  for (const side of SIDES) {
    if (!failed[side] && left[side] < PREFETCHED_SCREENS * screen) grow(side);
    attribute(more[side], "hidden", jobs.isWhole(side));
  }
}

/** @param {"older" | "newer"} side */
async function grow(side) {
  failed[side] = false;
  try {
    if (!(await jobs.grow(side))) return;
    studio.form.expect(jobs.cards.map((card) => card.model_id));
  } catch (error) {
    failed[side] = true;
    more[side].replaceChildren(h("p", {}, studio.errorText(error)), studio.textButton("again", "reset", "Try again", "Try again", { "data-side": side }));
    return;
  }
  more[side].replaceChildren();
  draw();
}

/** The number of cards that fill the screen, and a row more. */
function onScreen() {
  if (!layout?.screen) return MIN_DRAWN;
  return Math.min(MAX_REFRESHED, layout.rows.columns * (Math.ceil(layout.screen / layout.rows.row) + 1));
}

/** Goes to the first jobs, the oldest, or those from before a time, as `jump` of job_list.js.
 *  @param {Jump} place */
async function jump(place) {
  const isOldest = place.newer === true;
  if (!jobs.isWhole(isOldest ? "older" : "newer") || place.at) {
    wait();
    try {
      if (!(await jobs.jump(place, onScreen()))) return;
      layout = null;
    } catch (error) {
      say("jump", [studio.errorText(error)]);
      isStale = true; // the next refresh begins the list again
      return;
    } finally {
      attribute(list, "aria-busy", null);
    }
  }
  layOut();
  if (isOldest) scroller().scrollTop = scroller().scrollHeight;
  else toFirst();
  draw(0); // the visible cards first
  drawSoon();
}

/** Scrolls to the top of the list. */
function toFirst() {
  const scrolls = scroller();
  if (scrolls !== document.scrollingElement) scrolls.scrollTop = 0;
  else if (section.getBoundingClientRect().top < 0) section.scrollIntoView();
}

/** Scrolls a card into view, no farther than needed.
 *  @param {number} place */
function show(place) {
  const layout = layOut(), { top, bottom } = view(), y = layout.rows.ys[place], { row } = layout.rows;
  if (y < top + rows.GAP) scroller().scrollTop += y - top - (layout.rows.across[place] >= 0 ? rows.HEADING : 0);
  else if (y + row > bottom) scroller().scrollTop += y + row - bottom;
}

/** The part of the list that the server is to send again; null begins the list again. */
function near() {
  if (isStale || layout === null) return null;
  const { cards, number } = jobs;
  let [from, to] = seen();
  if (order !== ORDERS.time) {
    const begin = Math.max(from - MIN_DRAWN, jobs.isWhole("newer") ? 0 : 1); // where the list does not begin at the first job, a part is named by the job before it
    return { number, count: Math.min(MAX_REFRESHED, Math.max(MIN_DRAWN, Math.ceil((to - begin) / MIN_DRAWN) * MIN_DRAWN)), after: begin > 0 ? cards[begin - 1]?.id : null };
  }
  if (jobs.isWhole("newer") && (to <= MIN_DRAWN || from === 0)) return { number, count: Math.min(MAX_REFRESHED, Math.max(MIN_DRAWN, Math.ceil(to / MIN_DRAWN) * MIN_DRAWN)) };
  from = Math.min(from, Math.max(0, cards.length - MIN_DRAWN));
  const times = cards.slice(from, to).map((card) => card.created_at).filter((time) => time !== null);
  return { number, newest: times[0] ?? null, oldest: to === cards.length && jobs.isWhole("older") ? null : times.at(-1) ?? null };
}

/** The same, for a refresh that starts now. */
function look() {
  const part = near();
  looked = JSON.stringify(part);
  return part;
}

/** Whether the page shows something else than what the server takes for shown.
 *  @param {string} digest */
const isBehind = (digest) => isStale || isMissed || digest !== shownDigest || JSON.stringify(near()) !== looked;

/** The indexes of the visible cards, as a half-open range. */
function seen() {
  if (layout === null) return [0, 0];
  const { top, bottom } = view(), [from, to] = rows.between(layout.rows, Math.max(0, top), bottom);
  return [from, Math.min(jobs.cards.length, Math.max(to, from + 1))];
}

// --- keys, and choosing several

/** Moves the focus to a card.
 *  @param {number} place */
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
  const card = event.target?.closest?.(".card");
  if (!card) return;
  const id = studio.jobOf(card), from = placeOf(id), isControl = event.ctrlKey || event.metaKey;
  const rating = studio.starsOfKey(event);
  if (rating !== undefined) act("rate_job", { job_id: id, rating });
  else if (isControl && event.key.toLowerCase() === "a") chosen.put(ids());
  else if (isControl && event.key === " ") chosen.toggle(id);
  else if (event.key === "Delete" && chosen.ids.size) onChosen.actions[wanted().deleted ? "putBackChosen" : "deleteChosen"]();
  else if (event.key === "Escape" && chosen.ids.size) chosen.put([]);
  else if (event.altKey || isControl) return;
  else if (event.key === "Home" || event.key === "End") jump(event.key === "End" ? { newer: true } : {}).then(() => focus(event.key === "End" ? jobs.cards.length - 1 : 0));
  else {
    const layout = layOut(), to = rows.goBy(layout.rows, from, event.key, Math.max(1, Math.floor(view().screen / layout.rows.row)));
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
  const card = target?.closest?.(".card");
  if (!card || studio.jobOf(card) === active) return;
  active = studio.jobOf(card);
  drawMarks();
});

/** @type {number | undefined} */
let held; // the timer of a long press
let isHeld = false; // whether a long press has just chosen a card: the click that follows it is ignored

function letGo() {
  clearTimeout(held);
  held = undefined;
}

list.addEventListener("pointerdown", (event) => {
  isHeld = false;
  const open = event.target?.closest?.(".open");
  if (event.pointerType !== "touch" || !open) return;
  held = setTimeout(() => {
    isHeld = true;
    chosen.toggle(studio.jobOf(open));
  }, LONG_PRESS);
});
for (const moved of /** @type {const} */ (["pointerup", "pointercancel", "pointermove"])) list.addEventListener(moved, (event) => (event.movementX || event.movementY || moved !== "pointermove") && letGo());
for (const kind of ["dragstart", "contextmenu"]) list.addEventListener(kind, (event) => (held !== undefined || isHeld) && event.preventDefault(), true);

/** Handles a click on a card: with a modifier key, or while cards are chosen by touch, it chooses the card, else it selects it.
 *  @param {HTMLElement} button
 *  @param {MouseEvent} event */
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
  if (layout === null) return;
  if (placeOf(id) >= 0 && studio.selection.isChosen() && scroller() !== document.scrollingElement) show(placeOf(id)); // not where that would scroll the stage away
  draw();
});

// --- actions

/** Draws a card again from the server's last answer, should that not have confirmed optimistic feedback.
 *  @param {HTMLElement} node */
function settle(node) {
  setTimeout(() => {
    studio.forget(node);
    node.removeAttribute("aria-busy");
    draw();
  }, SETTLE);
}

/** Shows for a while what was done, with an Undo that calls `back`, or why it was not. A message takes the place of the one
 *  with the same id, and of refusals.
 *  @param {string} id
 *  @param {(Node | string)[]} words
 *  @param {() => void} [back]
 *  @param {boolean} [focus] */
function say(id, words, back, focus) {
  for (const older of [...undos.children]) if (older.dataset.job === id || !older.querySelector("button")) older.remove();
  const undo = back ? h("button", { type: "button", class: "text-button" }, "Undo") : null;
  const bar = h("div", { class: "undo", "data-job": id }, h("span", {}, ...words), undo);
  undo?.addEventListener("click", () => {
    bar.remove();
    back?.();
  });
  undos.append(bar);
  if (focus) undo?.focus();
  const leave = () => (bar.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : bar.remove());
  setTimeout(leave, UNDO_TIME);
}

/** Deletes a job or puts it back, with immediate feedback and an Undo.
 *  @param {HTMLElement} button
 *  @param {MouseEvent} event
 *  @param {keyof Answers} what
 *  @param {string} word
 *  @param {keyof Answers} back */
function move(button, event, what, word, back) {
  const card = /** @type {HTMLElement} */ (button.closest(".card")), job_id = studio.jobOf(card);
  attribute(card, "aria-busy", "true");
  settle(card);
  say(job_id, [`${word} `, h("bdi", {}, find(card, ".prompt").textContent)], () => act(back, { job_id }), event.detail === 0);
  act(what, { job_id });
}

/** Calls endpoints one after the other, for an undo must not overtake its delete; `then` draws the result.
 *  @param {keyof Answers} name
 *  @param {Values & { job_id?: string, workspace_id?: string | null }} data */
function act(name, data, then = () => trigger('changed')) {
  perform(data.job_id ?? data.workspace_id ?? "", () => studio.ask(name, data), () => {
    if (order !== ORDERS.time && data.job_id) know(name, data);
    then();
  });
}

/** Applies an action to a card that may not be refreshed: in this order only the first cards are.
 *  @param {keyof Answers} name
 *  @param {{ job_id?: string, favourite?: boolean, rating?: number | null }} data */
function know(name, { job_id = "", favourite, rating }) {
  const job = new Set([job_id]);
  if (name === "set_favourite") jobs.change(job, { favourite });
  else if (name === "rate_job") jobs.change(job, { rating });
  else jobs.remove(job);
  draw();
}

/** @template Answer
 *  @param {string} id
 *  @param {() => Promise<Answer>} request
 *  @param {(answer: Answer) => void} then */
function perform(id, request, then) {
  acting = acting.then(request).then(then, (error) => say(id, [studio.errorText(error)]));
}

/** @param {string | null} workspace */
function goTo(workspace) {
  gone = workspace;
  trigger('go_to');
}

/** @param {Element} button */
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
    settle(/** @type {HTMLElement} */ (button.closest(".card")));
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
    const [jobs, them] = total === 1 ? ["the deleted job", "it"] : [`all ${total}${exact ? "" : "+"} deleted jobs`, "them"];
    const where = isEverywhere ? "of all workspaces" : `of ${here.name}`;
    if (!(await studio.confirmed(`Delete ${jobs} ${where} for good? Nobody can bring ${them} back.`, "Delete for good"))) return;
    act("empty_bin", { workspace_id: isEverywhere ? null : here.id });
  },
  again: (button) => grow(/** @type {"older" | "newer"} */ (button.dataset.side)),
  jumpMenu: () => studio.openJumpMenu(when, wanted, jump),
  clearFilters: () => studio.clearFilters?.(),
});
studio.awaitJobs = () => {
  isStale = true;
  wait();
};
studio.tellOfWorkspace = (/** @type {Api.Workspace & { refused?: string }} */ { id, name, refused }) => {
  if (refused) {
    deleted.delete(id);
    return say(id, [refused]);
  }
  const back = () => act("undelete_workspace", { workspace_id: id }, () => goTo(id));
  say(id, ["Deleted the workspace ", h("bdi", {}, name)], back, document.activeElement?.matches(".workspace-delete:focus-visible"));
};

studio.gallery = { labels, near, look, isBehind, digests: (/** @type {string[]} */ told) => (isMissed || jobs.number !== shownNumber || told?.[0] !== shownDigest ? [] : told), workspace: () => gone, here: () => workspace, goTo, deletes: (/** @type {string} */ id) => deleted.add(id), listWorkspaces: () => trigger('workspaces_changed'), drawAgain: () => trigger('changed') };

size.value = String(studio.cardSize(SIZE.usual));
size.addEventListener("input", () => {
  studio.keepCardSize(Number(size.value));
  drawSoon();
});
studio.moved.listen(drawMoves);
addEventListener("scroll", drawSoon, { capture: true, passive: true });
new ResizeObserver(drawSoon).observe(list);
// On a phone it is a strip at the lower edge, above which everything else there is placed.
studio.shareHeight(find(section, ".below"), "--below");
TOUCH.addEventListener("change", drawSoon);

watch("value", take);
take();
