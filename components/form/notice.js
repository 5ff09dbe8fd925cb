/* The notice below the form: a message, or the report of a restore as one quiet line, which is removed when the form is edited
   or submitted. It shows {text, tone, lines, kept, left, model, isQuiet}: `lines` are {label, outcome, detail}, `kept` the
   labels of inputs that came back unchanged, `left` those of inputs that the form has kept. Without a message it shows the
   queue. */
const studio = window.studio;
const { attribute, h, text } = studio;

/** @type {Record<string, string>} */
const WORDS = { renamed: "Renamed", new: "New", clamped: "Adjusted", default: "Default", gone: "Choice gone", hidden: "Hidden", missing: "Missing", removed: "No place", model: "Model", damaged: "Damaged" };

const words = h("p", { class: "notice-words", role: "status", dir: "auto" });
const open = h("button", { type: "button", class: "icon-button", "data-do": "report", "aria-label": "Report", title: "What came back", "aria-expanded": "false", "aria-controls": "notice-report", hidden: true }, studio.icon("more"));
const undo = h("button", { type: "button", class: "text-button", "data-do": "undo", hidden: true });
const close = h("button", { type: "button", class: "icon-button", "data-do": "close", "aria-label": "Dismiss", title: "Dismiss", hidden: true }, studio.icon("close"));
const full = h("p", { dir: "auto" });
const lines = h("ul", { class: "notice-lines" });
const kept = h("p", { class: "notice-kept", dir: "auto" });
const left = h("p", { class: "notice-kept", dir: "auto" });
const report = h("div", { class: "notice-report", id: "notice-report", role: "region", "aria-label": "What came back", tabindex: -1, hidden: true }, full, lines, kept, left);
const host = h("div", { class: "notice" }, report, words, open, undo, close);
element.append(host);

/** @type {string | null | undefined} */
let about; // the model whose form the message is about
let queued = ""; // the state of the queue in words
let again = ""; // the label of the form's own undo, once there is something to undo
/** @type {(() => void) | null} */
let back = null; // the undo of the message, in place of the form's

studio.sayWith((value) => {
  about = value.model;
  host.dataset.tone = value.tone || "good";
  host.toggleAttribute("data-quiet", Boolean(value.isQuiet));
  host.toggleAttribute("data-said", true);
  text(words, value.text);
  close.hidden = Boolean(value.isQuiet);
  back = value.undo ?? null;
  showUndo();
  write(value);
  show(false);
}, (isDone) => {
  if (host.hasAttribute("data-said") && isDone(about)) rest();
}, () => show(true));

/** Removes the message; the state of the queue is left. */
function rest() {
  host.toggleAttribute("data-said", false);
  host.toggleAttribute("data-quiet", true);
  host.dataset.tone = "none";
  text(words, queued);
  close.hidden = true;
  open.hidden = true;
  back = null;
  showUndo();
  show(false);
}

function showUndo() {
  const word = back ? "Undo" : again;
  undo.hidden = word === "";
  text(undo, word);
}

/** Writes a report, which can be opened until another one comes.
 *  @param {import("../kit/say.js").Notice} value */
function write(value) {
  const hasReport = Boolean(value.lines?.length || value.kept?.length || value.left?.length);
  open.hidden = !hasReport;
  if (!hasReport && !value.isQuiet) return;
  text(full, value.text);
  lines.replaceChildren(...(value.lines ?? []).map(line));
  list(kept, `As in the ${value.what}`, value.kept);
  list(left, "As they were", value.left);
}

/** @param {HTMLElement} host
 *  @param {string} what
 *  @param {string[]} names */
function list(host, what, names = []) {
  host.hidden = names.length === 0;
  text(host, `${what}: ${names.join(" · ")}`);
}

/** @param {Api.Line} one */
function line(one) {
  return h("li", { "data-outcome": one.outcome, dir: "auto" }, h("span", { class: "outcome" }, WORDS[one.outcome] ?? one.outcome), h("span", {}, one.detail));
}

/** @param {boolean} isOpen */
function show(isOpen) {
  report.hidden = !isOpen;
  attribute(open, "aria-expanded", String(isOpen));
  if (isOpen) report.focus({ preventScroll: true });
}

studio.onPress(element, {
  undo: () => {
    const act = back ?? studio.form.undo;
    if (back) rest();
    act();
  },
  report: () => show(report.hidden),
  close: rest,
});
words.addEventListener("click", () => !open.hidden && show(report.hidden));
document.addEventListener("pointerdown", ({ target }) => !target?.closest?.("#notice") && show(false), true);
element.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || report.hidden) return;
  show(false);
  open.focus();
});

studio.form.onUndoable((isAgain) => {
  again = isAgain ? "Redo" : "Undo";
  showUndo();
});
studio.form.onQueue((said) => {
  queued = said;
  if (!host.hasAttribute("data-said")) text(words, queued);
});
studio.shareHeight(/** @type {Element} */ (element.closest(".form-foot")), "--foot"); // for Generate, which floats above it
rest();
