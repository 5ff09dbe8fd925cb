/* The search box and the filters above the gallery. `props.value` is the query, which every event of the gallery sends; null is
   an empty one. */
const studio = window.studio;
const { h, icon, text, attribute } = studio;

const DEBOUNCE = 250; // ms without a key after which the search starts by itself
const MINUTE = 60000;

/** @typedef {[value: string, label: string]} Option */

/** @param {Option} option */
const option = ([value, label]) => h("option", { value }, label);
/** @type {(name: string, label: string, ...options: Option[]) => HTMLSelectElement} */
const select = (name, label, ...options) => h("select", { name, "aria-label": label, title: label }, ...options.map(option));
/** @type {(name: string, label: string) => Node} */
const day = (name, label) => h("div", { class: "filter-day" }, h("label", {}, label,
  h("input", { type: "text", name, placeholder: "2026-11-30", autocomplete: "off", maxlength: 20, "aria-describedby": "days-wrong" })),
  studio.iconButton("months", "calendar", `${label}: choose a month`, { "data-for": name, "aria-haspopup": "menu", "aria-expanded": "false" }));

const box = h("input", { type: "search", name: "search", "aria-label": "Search jobs", placeholder: "Search jobs", autocomplete: "off",
  spellcheck: "false", enterkeyhint: "search", maxlength: props.longest, dir: "auto", "aria-describedby": "search-help" });
const empty = studio.iconButton("empty", "close", "Clear the search", { class: "icon-button empty-search", hidden: true });
/** Examples of searches, which a press puts into the box. */
const HELP = [
  ["Words in any order: of prompts, texts, file names, models, seeds", "fox", '"red fox"', "-owl"],
  ["A field of its own", "label:portrait", "model:flux", "seed:42", "negative:blurry"],
  ["Any number of the form, and stars", "steps>20", "width>=1024", "rating>3"],
];
const help = h("div", { class: "search-help", id: "search-help", hidden: true },
  ...HELP.map(([words, ...examples]) => h("div", {}, h("p", {}, words),
    h("p", { class: "examples" }, ...examples.map((one) => h("button", { type: "button", tabindex: "-1", "data-do": "example" }, one))))));
const notes = h("div", { class: "search-notes", role: "status" });
const used = h("span", {}), badge = h("span", { class: "filter-badge", hidden: true }, used, h("span", { class: "sr-only" }, " in use"));
const fold = studio.textButton("fold", "filter", "Filters", null, { class: "text-button fold", "aria-expanded": "false", "aria-controls": "filters" });
fold.append(badge);
/** @type {(name: string, glyph: string, label: string) => HTMLButtonElement} */
const toggle = (name, glyph, label) => h("button", { type: "button", class: "filter-toggle", name, "data-do": "toggle", "aria-pressed": "false" }, icon(glyph), h("span", {}, label));
const toggles = [toggle("favourite", "heart", "Favourites"), toggle("trashed", "trash", "Deleted")];
const when = select("date", "Date", ["", "Any date"], ["1", "Today"], ["7", "7 days"], ["30", "30 days"], ["days", "From, to"]);
const wrong = h("p", { class: "days-wrong", id: "days-wrong", role: "status" });
const days = h("div", { class: "filter-days", hidden: true }, day("from", "From"), day("to", "To"), wrong);
const choices = h("div", { class: "filters", id: "filters", role: "group", "aria-label": "Filters" },
  select("model_id", "Model", ["", "All models"], ...props.models.map((/** @type {{ id: string, name: string }} */ { id, name }) => [id, name])),
  select("type", "Type", ["", "All types"], ["image", "Images"], ["video", "Videos"], ["audio", "Sounds"]),
  select("status", "Status", ["", "Any status"], ...["completed", "running", "queued", "failed", "cancelled"].map((status) => /** @type {Option} */ ([status, studio.statusWord(status)]))),
  select("rating", "Rating", ["", "Any rating"], ["1", "★ and up"], ...["2", "3", "4"].map((stars) => /** @type {Option} */ ([stars, `${"★".repeat(Number(stars))} and up`])), ["5", "★★★★★"]),
  select("label", "Label", ["", "Any label"]),
  select("where", "Workspace", ["", "This workspace"], ["all", "All workspaces"]),
  when, days, select("sort", "Order", ["", "Newest first"], ["rating", "Best first"], ["model", "By model"], ["duration", "Longest to make"]), ...toggles);
const number = h("span", { role: "status" });
const active = h("div", { class: "filters-active", hidden: true }, number, studio.textButton("clear", "close", "Clear all", "Clear all: the search and the filters"));
const form = h("form", { class: "filter-bar", role: "search", "aria-label": "Search jobs" },
  h("div", { class: "search-row" }, h("div", { class: "search-box" }, icon("search"), box, empty), fold, help), notes, choices, active);
element.append(form);
studio.shareHeight(/** @type {Element} */ (element.closest("#filter-bar")), "--filters");

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name));

/** The beginning of the local day that is so many days after today, as ISO 8601.
 *  @param {number} days */
function midnight(days) {
  const begin = new Date(new Date().setHours(0, 0, 0, 0));
  begin.setDate(begin.getDate() + days);
  return begin.toISOString();
}

function dates() {
  if (when.value === "") return [null, null];
  if (when.value !== "days") return [midnight(1 - Number(when.value)), null];
  return [studio.spanOf(field("from").value)?.[0]?.toISOString() ?? null, studio.spanOf(field("to").value)?.[1]?.toISOString() ?? null];
}

/** Says what is wrong with the dates that were typed. */
function checkDays() {
  const [from, to] = ["from", "to"].map((name) => studio.spanOf(field(name).value));
  const isReversed = from?.[0] && to?.[1] && from[0] >= to[1];
  attribute(field("from"), "aria-invalid", from ? null : "true");
  attribute(field("to"), "aria-invalid", to && !isReversed ? null : "true");
  text(wrong, from && to ? (isReversed ? "It ends before it begins." : "") : "A day is typed as 2026-11-30, a month as 2026-11, a year as 2026.");
}

function wanted() {
  const [since, until] = dates();
  const chosen = (/** @type {string} */ name) => field(name).value || null;
  const [favourite, trashed] = toggles.map((one) => one.getAttribute("aria-pressed") === "true");
  return { search: box.value.trim(), model_id: chosen("model_id"), type: chosen("type"), status: chosen("status"), rating: Number(chosen("rating")) || null,
    label: chosen("label"), sort: chosen("sort") ?? "time", favourite, trashed, everywhere: chosen("where") === "all", since, until };
}

let asked = JSON.stringify(wanted());
/** @type {number | undefined} */
let pause;

/** Searches at once, unless the query is the same as the last one. */
function seek() {
  clearTimeout(pause);
  show();
  const query = wanted();
  if (JSON.stringify(query) === asked) return;
  asked = JSON.stringify(query);
  studio.asked += 1;
  props.value = { asked: studio.asked, ...query };
  studio.awaitJobs?.();
  trigger('seek');
}

/** Lists the labels that there are now, and hides the choice where there are none. */
async function drawLabels() {
  const box = field("label"), labels = await studio.listLabels().catch(() => null);
  if (!labels) return;
  const chosen = box.value;
  box.replaceChildren(option(["", "Any label"]), ...labels.map(({ name }) => option([name, name])));
  box.value = labels.some(({ name }) => name === chosen) ? chosen : "";
  box.hidden = labels.length === 0;
  seek();
}

/** A label is called something else: at once, or a list that comes meanwhile would let go of it.
 *  @param {string} [before]
 *  @param {string} [now] */
function rename(before, now) {
  const box = /** @type {HTMLSelectElement} */ (field("label")), known = [...box.options].find(({ value }) => value !== "" && value === before);
  if (!known || now === undefined) return;
  known.value = now;
  text(known, now);
  seek();
}

/** Marks and counts the filters in use. */
function show() {
  for (const one of choices.querySelectorAll("select")) attribute(one, "data-used", one.value !== "");
  const inUse = choices.querySelectorAll("[data-used], [aria-pressed=true]").length;
  days.hidden = when.value !== "days";
  empty.hidden = box.value === "";
  showHelp();
  active.hidden = badge.hidden = inUse === 0;
  text(used, inUse);
  text(number, inUse === 1 ? "1 filter" : `${inUse} filters`);
}

/** Shows the help while the box is empty and has the focus, unless it would cover the filters. */
const showHelp = () => {
  help.hidden = box.value !== "" || document.activeElement !== box || form.classList.contains("unfolded");
};

function clear() {
  form.reset();
  for (const one of toggles) attribute(one, "aria-pressed", "false");
  checkDays();
  seek();
}

/** Shows the server's notes on a search, such as what was searched for as plain text. */
studio.tellSearch = (/** @type {string[]} */ sentences) => {
  notes.replaceChildren(...sentences.map((one) => h("p", { dir: "auto" }, one)));
};

studio.asked = 0;
studio.filters = wanted;
studio.clearFilters = () => {
  clear();
  box.focus();
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  seek();
});
box.addEventListener("input", () => {
  show();
  clearTimeout(pause);
  pause = setTimeout(seek, DEBOUNCE);
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (box.value === "") {
    help.hidden = true;
    return;
  }
  event.preventDefault();
  box.value = "";
  seek();
});
for (const event of ["focus", "blur"]) box.addEventListener(event, showHelp);
help.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
choices.addEventListener("change", () => {
  checkDays();
  seek();
});
days.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(seek, DEBOUNCE);
});
field("label").addEventListener("pointerdown", () => drawLabels());
studio.labelsChanged.listen((before, now) => {
  rename(before, now);
  if (form.classList.contains("unfolded")) drawLabels();
});
studio.checkLabel = async () => {
  const before = field("label").value;
  if (before === "") return;
  await drawLabels();
  if (field("label").value === "") studio.sayInHeader?.(`No job has the label “${before}” any more, so it is no filter now.`);
};
studio.findLabel = async (/** @type {string} */ label) => {
  if (!form.classList.contains("unfolded")) fold.click(); // a filter in use must be visible
  await drawLabels();
  field("label").value = label;
  seek();
};
setInterval(seek, MINUTE); // so that "today" stays today

studio.onPress(element, {
  fold: () => {
    attribute(fold, "aria-expanded", String(form.classList.toggle("unfolded")));
    drawLabels();
    showHelp();
  },
  toggle: (button) => {
    attribute(button, "aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    seek();
  },
  empty: () => {
    box.value = "";
    seek();
    box.focus();
  },
  clear: studio.clearFilters,
  months: (button) => {
    const box = field(button.dataset.for ?? "");
    studio.openMonths(button, button.title, (year, month) => {
      box.value = `${year}-${String(month).padStart(2, "0")}`;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
  },
  example: (button) => {
    box.value = button.textContent;
    box.focus();
    seek();
  },
});

show();
