/* The page's shared drawing kit. Every text comes from users, models or files: it is set as textContent, never as markup. */

/** An element; `attributes` that are null, undefined or false are left out, `true` stands alone. Strings become text.
 *  @template {keyof HTMLElementTagNameMap} Tag
 *  @param {Tag} tag
 *  @param {Record<string, unknown>} attributes
 *  @param {(Node | string | null | undefined)[]} children
 *  @returns {HTMLElementTagNameMap[Tag]} */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attribute(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** What is known to be below a node.
 *  @template {string} Selectors
 *  @param {ParentNode} host
 *  @param {Selectors} selectors
 *  @returns {Selectors extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Selectors] : HTMLElement} */
export const find = (host, selectors) => /** @type {any} */ (host.querySelector(selectors));

/** Sets an attribute, or takes it away; one that is so already is left alone, for the browser would style it anew.
 *  @param {Element} node
 *  @param {string} name
 *  @param {unknown} value */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) return node.removeAttribute(name);
  const wanted = value === true ? "" : String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/** Lets the element of this id describe a control, beside those that do already, or no more.
 *  @param {Element} control
 *  @param {string} id */
export function describe(control, id, isSo = true) {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  ids[isSo ? "add" : "delete"](id);
  attribute(control, "aria-describedby", [...ids].join(" ") || null);
}

/** Sets a text only when it differs, so that a screen reader does not read an unchanged line again.
 *  @param {Node} node
 *  @param {unknown} value */
export function text(node, value) {
  const wanted = value === null || value === undefined ? "" : String(value);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Keeps a property of the page's style at an element's height, for what floats above or sticks below it. The height
 *  comes from the observer: to ask the element for it would have the whole page styled anew for each.
 *  @param {Element} element
 *  @param {string} property such as `--foot` */
export function shareHeight(element, property) {
  new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty(property, `${Math.round(entry.borderBoxSize[0].blockSize)}px`);
  }).observe(element);
}

/** The url when it points to this very site over http(s), else null: a stored "javascript:" url never gets a link.
 *  @param {unknown} url */
export function ownUrl(url) {
  if (typeof url !== "string" || url === "") return null;
  try {
    const parsed = new URL(url, document.baseURI);
    return /^https?:$/.test(parsed.protocol) && parsed.origin === location.origin ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A path as it stands in an address, piece by piece: # and % are signs there.
 *  @param {string} path */
export const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");

/** Makes the children of `host` match `items` by id. Nodes that stay are neither moved nor rebuilt: focus, scroll and
 *  playing media survive a live update. `build(item)` makes a node, `update(node, item)` draws a changed one.
 *  @template {{ id: string }} Item
 *  @param {HTMLElement} host
 *  @param {Item[]} items
 *  @param {(item: Item) => HTMLElement} build
 *  @param {(node: HTMLElement, item: Item) => void} update */
export function patchList(host, items, build, update) {
  /** @type {Set<string | undefined>} */
  const wanted = new Set(items.map((item) => item.id));
  /** @type {Map<string | undefined, HTMLElement>} */
  const known = new Map();
  for (const node of /** @type {HTMLElement[]} */ ([...host.children])) {
    if (wanted.has(node.dataset.job)) known.set(node.dataset.job, node);
    else node.remove();
  }
  let place = host.firstElementChild;
  for (const item of items) {
    const node = known.get(item.id) ?? build(item);
    node.dataset.job = item.id;
    drawChanged(node, item, update);
    if (node === place) place = node.nextElementSibling;
    else host.insertBefore(node, place);
  }
}

/** What each node shows, as the very object and as text.
 *  @type {WeakMap<Element, { item: object, shown: string }>} */
const rendered = new WeakMap();

/** Calls `update(node, item)` when the item differs from what the node shows; true when it did. An item is replaced, never
 *  changed in place.
 *  @template {object} Item
 *  @template {Element} Shown
 *  @param {Shown} node
 *  @param {Item} item
 *  @param {(node: Shown, item: Item) => void} update */
export function drawChanged(node, item, update) {
  const before = rendered.get(node);
  if (before?.item === item) return false;
  const shown = JSON.stringify(item);
  rendered.set(node, { item, shown });
  if (before?.shown === shown) return false;
  update(node, item);
  return true;
}

/** Draws that node again at the next update, whatever it shows: for feedback that ran ahead of the server.
 *  @param {Element} node */
export function forget(node) {
  rendered.delete(node);
}

/** One listener for all buttons below `host`: `data-do` names the action, which gets the button and the event.
 *  @param {HTMLElement} host
 *  @param {Record<string, (button: HTMLButtonElement, event: MouseEvent) => unknown>} actions */
export function onPress(host, actions) {
  host.addEventListener("click", (event) => {
    /** @type {HTMLButtonElement | null | undefined} */
    const button = event.target?.closest?.("[data-do]");
    if (!button || !host.contains(button) || button.disabled) return;
    actions[button.dataset.do ?? ""]?.(button, event);
  });
}

/** The id of the job that a pressed button belongs to.
 *  @param {Element} button */
export function jobOf(button) {
  return /** @type {string} */ (button.closest("[data-job]")?.dataset.job);
}
