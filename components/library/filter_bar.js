/* The search box and the filters above the gallery. `props.value` is what they ask for, as every event of the gallery
   sends it; null asks for nothing. */
const studio = window.studio;
const { h, icon, text, attribute } = studio;

const PAUSE = 250; // ms without a key after which the search begins by itself
const MINUTE = 60000;

const option = ([value, label]) => h("option", { value }, label);
const select = (name, label, ...options) => h("select", { name, "aria-label": label, title: label }, ...options.map(option));
const day = (name, label) => h("div", { class: "filter-day" }, h("label", {}, label,
  h("input", { type: "text", name, placeholder: "2026-11-30", autocomplete: "off", maxlength: 20, "aria-describedby": "days-wrong" })),
  studio.iconButton("months", "calendar", `${label}: choose a month`, { "data-for": name, "aria-haspopup": "menu", "aria-expanded": "false" }));

const box = h("input", { type: "search", name: "search", "aria-label": "Search jobs", placeholder: "Search jobs", autocomplete: "off",
  spellcheck: "false", enterkeyhint: "search", maxlength: props.longest, dir: "auto", "aria-describedby": "search-help" });
const empty = studio.iconButton("empty", "close", "Clear the search", { class: "icon-button empty-search", hidden: true });
/** What can be typed, to be put into the box by a press; a hyphen and the like belong before the next word. */
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
const toggle = (name, glyph, label) => h("button", { type: "button", class: "filter-toggle", name, "data-do": "toggle", "aria-pressed": "false" }, icon(glyph), h("span", {}, label));
const toggles = [toggle("favourite", "heart", "Favourites"), toggle("trashed", "trash", "Deleted")];
const when = select("date", "Date", ["", "Any date"], ["1", "Today"], ["7", "7 days"], ["30", "30 days"], ["days", "From, to"]);
const wrong = h("p", { class: "days-wrong", id: "days-wrong", role: "status" });
const days = h("div", { class: "filter-days", hidden: true }, day("from", "From"), day("to", "To"), wrong);
const choices = h("div", { class: "filters", id: "filters", role: "group", "aria-label": "Filters" },
  select("model_id", "Model", ["", "All models"], ...props.models.map((model) => [model.id, model.name])),
  select("type", "Type", ["", "All types"], ["image", "Images"], ["video", "Videos"], ["audio", "Sounds"]),
  select("status", "Status", ["", "Any status"], ...["completed", "running", "queued", "failed", "cancelled"].map((status) => [status, studio.statusWord(status)])),
  select("rating", "Rating", ["", "Any rating"], ["1", "★ and up"], ...["2", "3", "4"].map((stars) => [stars, `${"★".repeat(Number(stars))} and up`]), ["5", "★★★★★"]),
  select("label", "Label", ["", "Any label"]),
  select("where", "Workspace", ["", "This workspace"], ["all", "All workspaces"]),
  when, days, select("sort", "Order", ["", "Newest first"], ["rating", "Best first"], ["model", "By model"], ["duration", "Longest to make"]), ...toggles);
const number = h("span", { role: "status" });
const active = h("div", { class: "filters-active", hidden: true }, number, studio.textButton("clear", "close", "Clear all", "Clear all: the search and the filters"));
const form = h("form", { class: "filter-bar", role: "search", "aria-label": "Search jobs" },
  h("div", { class: "search-row" }, h("div", { class: "search-box" }, icon("search"), box, empty), fold, help), notes, choices, active);
element.append(form);
// The gallery's own bar stays below it.
new ResizeObserver(() => {
  const bar = form.closest("#filter-bar");
  const isSticky = bar instanceof HTMLElement && getComputedStyle(bar).position === "sticky";
  document.documentElement.style.setProperty("--filters", isSticky ? `${bar.offsetHeight}px` : "0px");
}).observe(form);

const field = (name) => form.elements.namedItem(name);

/** The moment at which the local day begins that comes so many days after today. */
function midnight(later) {
  const begin = new Date(new Date().setHours(0, 0, 0, 0));
  begin.setDate(begin.getDate() + later);
  return begin.toISOString();
}

function dates() {
  if (when.value === "") return [null, null];
  if (when.value !== "days") return [midnight(1 - Number(when.value)), null];
  return [studio.spanOf(field("from").value)?.[0]?.toISOString() ?? null, studio.spanOf(field("to").value)?.[1]?.toISOString() ?? null];
}

/** Says what is wrong with the days, once they are typed. */
function checkDays() {
  const [from, to] = ["from", "to"].map((name) => studio.spanOf(field(name).value));
  const isTurned = from?.[0] && to?.[1] && from[0] >= to[1];
  attribute(field("from"), "aria-invalid", from ? null : "true");
  attribute(field("to"), "aria-invalid", to && !isTurned ? null : "true");
  text(wrong, from && to ? (isTurned ? "It ends before it begins." : "") : "A day is typed as 2026-11-30, a month as 2026-11, a year as 2026.");
}

function wanted() {
  const [since, until] = dates();
  const chosen = Object.fromEntries(["model_id", "type", "status"].map((name) => [name, field(name).value || null]));
  const pressed = Object.fromEntries(toggles.map((one) => [one.name, one.getAttribute("aria-pressed") === "true"]));
  return { search: box.value.trim(), ...chosen, rating: Number(field("rating").value) || null, label: field("label").value || null, sort: field("sort").value || "time", ...pressed, everywhere: field("where").value === "all", since, until };
}

let asked = JSON.stringify(wanted());
let pause;

/** Asks at once, unless the last question was the same. */
function seek() {
  clearTimeout(pause);
  show();
  const question = wanted();
  if (JSON.stringify(question) === asked) return;
  asked = JSON.stringify(question);
  studio.asked += 1;
  props.value = { asked: studio.asked, ...question };
  studio.awaitJobs?.();
  trigger('seek');
}

/** Offers the labels that there are now; without any there is no choice. */
async function drawLabels() {
  const box = field("label"), labels = await studio.listLabels().catch(() => null);
  if (!labels) return;
  const chosen = box.value;
  box.replaceChildren(...[["", "Any label"], ...labels.map(({ name }) => [name, name])].map(option));
  box.value = labels.some(({ name }) => name === chosen) ? chosen : "";
  box.hidden = labels.length === 0;
  seek();
}

/** A label is called something else: at once, or a list that comes meanwhile would let go of it.
 *  @param {string} [before]
 *  @param {string} [now] */
function rename(before, now) {
  const box = field("label"), known = [...box.options].find(({ value }) => value !== "" && value === before);
  if (!known || now === undefined) return;
  known.value = now;
  text(known, now);
  seek();
}

/** Marks what is in use, and counts it. */
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

/** The help stands below a box that has the focus and nothing in it, where it would not lie over the filters. */
const showHelp = () => {
  help.hidden = box.value !== "" || document.activeElement !== box || form.classList.contains("unfolded");
};

function clear() {
  form.reset();
  for (const one of toggles) attribute(one, "aria-pressed", "false");
  checkDays();
  seek();
}

/** What of a search was taken for text, in the server's words. */
studio.tellSearch = (sentences) => {
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
  pause = setTimeout(seek, PAUSE);
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
  pause = setTimeout(seek, PAUSE);
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
  if (field("label").value === "") studio.sayInHeader(`No job has the label “${before}” any more, so it is no filter now.`);
};
studio.findLabel = async (label) => {
  if (!form.classList.contains("unfolded")) fold.click(); // what is in use is in sight
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
    const box = field(button.dataset.for);
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
