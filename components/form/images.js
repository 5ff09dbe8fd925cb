/* An ordered list of pictures. `props.value` is a list of Gradio's files, which are moved, but never changed. */
const studio = window.studio;
const { h } = studio;

/** @typedef {import("./files.js").FieldFile} FieldFile */

const rows = h("ol", { class: "picture-row" });
const picker = h("input", { type: "file", accept: "image/*", multiple: true, tabindex: -1, "aria-label": `${props.label}: files` });
const add = studio.textButton("add", "image", "Add pictures", `${props.label}: add pictures`);
const told = h("p", { class: "hint", role: "status" });
const field = h("fieldset", { class: "images-box takes-files", "aria-label": props.label }, studio.legendOf(props),
  rows, add, picker, told);
element.append(field);

/** @type {number | null} */
let replacing = null; // the index of the picture that the next chosen file replaces
/** @type {number | null} */
let dragged = null; // the index of the picture that is being dragged
let coming = 0; // the number of files being uploaded
let shown = "";

/** @returns {FieldFile[]} */
const files = () => (Array.isArray(props.value) ? [...props.value] : []);

function draw() {
  const now = files();
  const drawing = JSON.stringify([now, coming]);
  if (drawing === shown) return;
  shown = drawing;
  const focused = document.activeElement ? placeOf(document.activeElement) : -1;
  rows.replaceChildren(...now.map(tile), ...Array.from({ length: coming }, () => h("li", { class: "is-coming", "aria-label": "On its way" })));
  if (focused >= 0) rows.children[Math.min(focused, now.length - 1)]?.focus();
  rows.hidden = rows.children.length === 0;
  add.disabled = now.length + coming >= props.most;
  tell(now.length + coming > 0 ? `${now.length + coming} of at most ${props.most}` : "");
}

/** @param {string} words */
const tell = (words) => studio.text(told, words);

/** @param {FieldFile} file
 *  @param {number} place
 *  @param {FieldFile[]} all */
function tile(file, place, { length }) {
  const source = studio.ownUrl(file.url);
  const picture = source?.includes("/studio/media/") ? studio.thumbnail(source, "image", "") : h("img", { src: source, alt: "" });
  const name = file.orig_name ?? "picture";
  /** @type {(action: string, glyph: string, words: string) => Node} */
  const button = (action, glyph, words) => studio.iconButton(action, glyph, `${words} ${name}`, { tabindex: -1 });
  return h("li", { tabindex: 0, draggable: "true", title: name, "data-file": source, "aria-label": `${place + 1} of ${length}: ${name}. Arrow keys move it, Delete removes it, Enter replaces it.` },
    picture, h("span", { class: "place", "aria-hidden": "true" }, String(place + 1)),
    h("span", { class: "tile-actions" },
      button("earlier", "newer", "Move earlier:"), button("later", "older", "Move later:"),
      button("replace", "reuse", "Replace"), button("remove", "close", "Remove")));
}

/** @param {Element} node */
const placeOf = (node) => [...rows.children].findIndex((tile) => tile === node.closest("li"));

/** @param {FieldFile[]} value */
function set(value) {
  props.value = value;
  trigger("change");
  draw();
}

/** @param {number} from
 *  @param {number} to */
function move(from, to) {
  const now = files();
  if (to < 0 || to >= now.length || from === to) return;
  now.splice(to, 0, ...now.splice(from, 1));
  set(now);
  rows.children[to].focus();
  tell(`Moved to place ${to + 1} of ${now.length}`);
}

/** @param {number} place */
function remove(place) {
  set(files().filter((_, one) => one !== place));
  (rows.children[Math.min(place, files().length - 1)] ?? add).focus();
}

/** Uploads files one after the other, in their order; with a `place` the first replaces the picture there.
 *  @param {Iterable<File> & { length: number }} chosen
 *  @param {number | null} place */
async function take(chosen, place = null) {
  const room = place === null ? props.most - files().length - coming : 1;
  const taken = [...chosen].slice(0, room);
  const left = chosen.length - taken.length;
  coming += place === null ? taken.length : 0;
  draw();
  for (const file of taken) {
    const one = await studio.uploadToField(upload, file);
    if (place === null) coming -= 1;
    const now = files();
    if (one === null) draw();
    else if (place === null) set([...now, one]);
    else set(now.map((file, at) => (at === place ? one : file)));
  }
  if (left > 0) tell(`${left} left out: at most ${props.most}`);
}

picker.addEventListener("change", () => {
  const chosen = [...picker.files ?? []];
  const place = replacing;
  picker.value = ""; // so that the same file can be chosen again
  picker.multiple = true;
  replacing = null;
  if (chosen.length > 0) take(chosen, place);
});

/** @param {number | null} place */
function choose(place = null) {
  replacing = place;
  picker.multiple = place === null;
  picker.click();
}

studio.onPress(element, {
  add: () => choose(),
  earlier: (button) => move(placeOf(button), placeOf(button) - 1),
  later: (button) => move(placeOf(button), placeOf(button) + 1),
  replace: (button) => choose(placeOf(button)),
  remove: (button) => remove(placeOf(button)),
});

rows.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!target.matches("li") || event.ctrlKey || event.metaKey || event.altKey) return;
  const place = placeOf(target);
  const act = {
    ArrowLeft: () => move(place, place - 1),
    ArrowUp: () => move(place, place - 1),
    ArrowRight: () => move(place, place + 1),
    ArrowDown: () => move(place, place + 1),
    Delete: () => remove(place),
    Backspace: () => remove(place),
    Enter: () => choose(place),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

rows.addEventListener("dragstart", (event) => {
  const { dataTransfer: data, target } = event;
  dragged = placeOf(/** @type {Element} */ (target));
  if (data) data.effectAllowed = "move";
  data?.setData("text/plain", ""); // Firefox needs data to start a drag
});
rows.addEventListener("dragend", () => {
  dragged = null;
});
field.addEventListener("dragover", (event) => {
  if (dragged === null && !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
});
field.addEventListener("drop", (event) => {
  if (dragged !== null) {
    event.preventDefault();
    const onto = event.target?.closest?.("li");
    move(dragged, onto ? placeOf(onto) : files().length - 1);
  } else if (event.dataTransfer?.files.length) {
    event.preventDefault();
    take(event.dataTransfer.files);
  }
});

watch("value", draw);
draw();
