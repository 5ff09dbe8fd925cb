/* The page's shared drawing kit. Every text comes from users, models or files: it is set as textContent, never as markup. */

/** Creates an element. Attributes that are null, undefined or false are left out, `true` is an empty one; strings become text.
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

/** Sets or removes an attribute; an unchanged one is left alone, for setting it would make the browser style the node again.
 *  @param {Element} node
 *  @param {string} name
 *  @param {unknown} value */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) return node.removeAttribute(name);
  const wanted = value === true ? "" : String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/** Adds an id to a control's `aria-describedby`, or removes it.
 *  @param {Element} control
 *  @param {string} id */
export function describe(control, id, isDescribed = true) {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  ids[isDescribed ? "add" : "delete"](id);
  attribute(control, "aria-describedby", [...ids].join(" ") || null);
}

/** Sets a node's text where it differs, so that a screen reader does not read an unchanged line again.
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

/** The absolute URL where it has this page's origin, else null: a stored "javascript:" URL never becomes a link.
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

/** A path for a URL, each segment percent-encoded.
 *  @param {string} path */
export const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");

/** Makes the children of `host` match `items` by id. Nodes that stay are neither moved nor rebuilt, so that focus, scroll
 *  position and playing media survive. `build(item)` creates a node, `update(node, item)` draws a changed one.
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
  let next = host.firstElementChild;
  for (const item of items) {
    const node = known.get(item.id) ?? build(item);
    node.dataset.job = item.id;
    drawChanged(node, item, update);
    if (node === next) next = node.nextElementSibling;
    else host.insertBefore(node, next);
  }
}

/** What each node shows: the item itself, and its JSON.
 *  @type {WeakMap<Element, { item: object, shown: string }>} */
const rendered = new WeakMap();

/** Calls `update(node, item)` where the item differs from what the node shows, and returns whether it did. An item must be
 *  replaced, never changed in place.
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

/** Has the node drawn again at its next update, whatever it shows: for optimistic feedback.
 *  @param {Element} node */
export function forget(node) {
  rendered.delete(node);
}

/** Delegates the clicks on buttons in `host`: `data-do` names the action, which is called with the button and the event.
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
