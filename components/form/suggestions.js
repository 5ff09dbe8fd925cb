/* A combobox: a list of choices below a text box, which is fetched whenever it opens and filtered by the words that are typed.
   Any text is allowed, in the list or not. The list is in the page's body, for the form would clip it. */
import { attribute, h, ownUrl, text } from "../kit/dom.js";
import { fieldAt } from "./places.js";
import { ask, errorText } from "./transport.js";

const MAX_ROWS = 100; // rows that are drawn
const GAP = 4; // px
let count = 0;

/** @typedef {{ value: string, label: string, picture?: string | null }} Choice */

/** Wraps a box with its list. `known` are the choices until the first answer, and `take` gets the chosen one, both as
 *  {value, label}.
 *  @param {HTMLInputElement} box
 *  @param {Choice[]} known
 *  @param {(choice: Choice) => void} take */
export function suggest(box, known, take) {
  const id = `suggestions-${(count += 1)}`;
  const list = h("ul", { id, role: "listbox" });
  const note = h("p", { class: "hint", role: "status", dir: "auto" });
  const below = h("div", { class: "suggestions studio-ui" }, list, note);
  const isOpen = () => below.isConnected;
  const labels = new Map(known.map(({ value, label }) => [value, label]));
  let all = known;
  let isSearch = false; // whether the box was typed in since the list opened, so that its words filter the list
  let active = -1;
  let hint = "";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": id, "aria-autocomplete": "list", "aria-expanded": "false", autocomplete: "off" })) box.setAttribute(name, value);

  function found() {
    const words = isSearch ? box.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
    return all.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  }

  function draw() {
    const rows = found();
    active = Math.min(active, Math.min(rows.length, MAX_ROWS) - 1);
    list.replaceChildren(...rows.slice(0, MAX_ROWS).map(row));
    list.hidden = rows.length === 0;
    const left = rows.length - MAX_ROWS;
    const none = all.length === 0 && !hint ? "There is nothing to choose from yet." : "";
    text(note, [left > 0 ? `${left} more: type a part of the name.` : none, hint].filter(Boolean).join(" "));
    note.hidden = note.textContent === "";
    place();
    point();
  }

  /** @param {Choice} choice
   *  @param {number} number */
  function row(choice, number) {
    const picture = ownUrl(choice.picture);
    const image = picture ? h("img", { src: picture, alt: "", loading: "lazy", decoding: "async" }) : null;
    const node = h("li", { id: `${id}-${number}`, role: "option", "aria-selected": String(choice.label === box.value) }, image, h("span", { dir: "auto" }, choice.label));
    node.addEventListener("click", () => pick(choice));
    return node;
  }

  function point() {
    for (const [number, node] of [...list.children].entries()) node.toggleAttribute("data-active", number === active);
    attribute(box, "aria-activedescendant", active < 0 ? null : `${id}-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  async function open() {
    if (isOpen()) return;
    isSearch = false;
    active = -1;
    document.body.append(below);
    box.setAttribute("aria-expanded", "true");
    addEventListener("scroll", place, true);
    addEventListener("resize", place);
    draw();
    const { model, name } = /** @type {import("./places.js").Field} */ (fieldAt(box));
    const answer = await ask("list_choices", { model_id: model, parameter: name }).catch((error) => ({ choices: /** @type {Choice[]} */ ([]), hint: errorText(error) }));
    if (answer.choices.length > 0 || !answer.hint) all = answer.choices.map((one) => ({ ...one, label: labels.get(one.value) ?? one.label }));
    hint = answer.hint && `${answer.hint} The list may be an older one.`;
    if (isOpen()) draw();
  }

  /** Places the list below the box, or above it where there is more room. */
  function place() {
    const { left, top, bottom, width } = box.getBoundingClientRect();
    const isAbove = bottom + below.offsetHeight + GAP > innerHeight && top > innerHeight - bottom;
    below.style.minWidth = `${Math.min(width, innerWidth - 2 * GAP)}px`;
    below.style.left = `${Math.max(GAP, Math.min(left, innerWidth - below.offsetWidth - GAP))}px`;
    below.style.top = `${isAbove ? top - below.offsetHeight - GAP : bottom + GAP}px`;
  }

  function close() {
    below.remove();
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  /** @param {Choice} choice */
  function pick(choice) {
    close();
    take(choice);
    box.dispatchEvent(new Event("change", { bubbles: true })); // the form listens to its fields
  }

  /** @param {number} by */
  function move(by) {
    if (!isOpen()) return open();
    const { length } = list.children;
    active = length === 0 ? -1 : (active + by + length + (active < 0 && by < 0 ? 1 : 0)) % length;
    point();
  }

  below.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  box.addEventListener("focus", open);
  box.addEventListener("click", open);
  box.addEventListener("blur", close);
  box.addEventListener("input", () => {
    open();
    isSearch = true;
    active = -1;
    draw();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && active >= 0 && isOpen() && !event.ctrlKey && !event.metaKey) pick(found()[active]);
    else if (event.key === "Escape" && isOpen()) close();
    else return;
    event.preventDefault();
  });
  return h("div", { class: "suggesting" }, box);
}
