/* Splitters between the columns of a wide page, moved by dragging or by the arrow keys. The browser keeps the widths. */
import { laidOut } from "../form/layout.js";
import { attribute, find, h } from "./dom.js";
import { keep, kept } from "./kept.js";

const STEP = 16; // pixels

/** For each column its splitter's label, its least width in pixels, and its most as a fraction of the window; `grows` is 1
 *  where the splitter is at its right side, -1 at its left. */
const COLUMNS = {
  form: { label: "Width of the form", least: 320, most: 0.34, grows: 1 },
  gallery: { label: "Width of the gallery", least: 300, most: 0.46, grows: -1 },
};

/** @param {string} name */
const keyOf = (name) => `studio-${name}-width`;

laidOut.listen(() => {
  const page = document.querySelector("#studio");
  if (!page || page.querySelector(".splitter")) return;
  for (const [name, column] of Object.entries(COLUMNS)) page.append(splitter(page, name, column));
});

/** @param {HTMLElement} page
 *  @param {string} name
 *  @param {{ label: string, least: number, most: number, grows: number }} column */
function splitter(page, name, { label, least, most, grows }) {
  const column = find(page, `.studio-${name}`);
  const line = h("div", { class: `splitter of-${name}`, role: "separator", tabindex: 0, "aria-orientation": "vertical", "aria-label": label,
    title: `${label}: drag, or double click for the usual one` });
  const width = () => Math.round(column.getBoundingClientRect().width);
  /** @type {{ x: number, width: number } | null} */
  let from = null; // where a drag began, and the width then

  /** @param {number | null} pixels null for the usual width */
  function resize(pixels) {
    const fitting = pixels === null ? null : Math.round(Math.max(least, Math.min(pixels, innerWidth * most)));
    if (fitting === null) page.style.removeProperty(`--${name}-width`);
    else page.style.setProperty(`--${name}-width`, `${fitting}px`);
    keep(keyOf(name), fitting === null ? null : String(fitting));
  }

  /** @param {number} width in pixels, by the observer: to ask the column would have the page styled for it */
  function tell(width) {
    attribute(line, "aria-valuenow", Math.round(width));
    attribute(line, "aria-valuemin", least);
    attribute(line, "aria-valuemax", Math.round(innerWidth * most));
  }

  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    from = { x: event.clientX, width: width() };
  });
  line.addEventListener("pointermove", ({ clientX }) => from && resize(from.width + grows * (clientX - from.x)));
  for (const ended of ["pointerup", "pointercancel"]) line.addEventListener(ended, () => (from = null));
  line.addEventListener("dblclick", () => resize(null));
  line.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key], end = { Home: least, End: Infinity }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault(); // or the stage would show another job
    resize(end ?? width() + grows * (by ?? 0));
  });

  const before = Number(kept(keyOf(name)));
  if (before) resize(before);
  new ResizeObserver(([entry]) => tell(entry.borderBoxSize[0].inlineSize)).observe(column);
  return line;
}
