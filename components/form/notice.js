/* What the form has to say: the report of a restore, or an error. `studio.say` takes {text, tone, lines, kept, undo,
   again}; `lines` are {label, outcome, detail}, `kept` the labels of what came back as it was. */
const studio = window.studio;
const { h, text } = studio;

const WORDS = { renamed: "Renamed", new: "New", clamped: "Adjusted", default: "Default", gone: "Choice gone", hidden: "Hidden", missing: "Missing", removed: "No place", model: "Model", damaged: "Damaged" };
const FEW = 4; // up to here all lines are open at once

const words = h("p", { class: "notice-words" });
const lines = h("ul", { class: "notice-lines" });
const rest = h("summary", {});
const more = h("details", { class: "notice-more" }, rest, lines);
const keptWords = h("summary", {});
const keptNames = h("p", { dir: "auto" });
const kept = h("details", { class: "notice-kept" }, keptWords, keptNames);
const undo = h("button", { type: "button", class: "text-button", "data-do": "undo", hidden: true });
const close = h("button", { type: "button", class: "icon-button", "data-do": "close", "aria-label": "Dismiss", title: "Dismiss" }, studio.icon("close"));
const host = h("div", { class: "notice", role: "status", hidden: true }, words, undo, close, more, kept);
element.append(host);

studio.say = (value) => {
  host.hidden = false;
  const changed = value.lines ?? [];
  host.dataset.tone = value.tone || "good";
  text(words, value.text);
  lines.replaceChildren(...changed.map(line));
  more.hidden = changed.length === 0;
  more.open = changed.length <= FEW;
  text(rest, changed.length === 1 ? "1 did not come back as it was" : `${changed.length} did not come back as they were`);
  kept.hidden = !value.kept?.length;
  kept.open = false;
  text(keptWords, `${value.kept?.length} as in the job`);
  text(keptNames, (value.kept ?? []).join(" · "));
  if (value.undo === undefined) return; // what could be undone still can
  undo.hidden = !value.undo;
  text(undo, value.again ? "Redo" : "Undo");
};

function line(one) {
  return h("li", { "data-outcome": one.outcome, dir: "auto" }, h("span", { class: "outcome" }, WORDS[one.outcome] ?? one.outcome), h("span", {}, one.detail));
}

studio.onPress(element, {
  undo: () => studio.form.undo(),
  close: () => {
    host.hidden = true;
    undo.hidden = true;
  },
});
