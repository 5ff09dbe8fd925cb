/* Polyfills for browsers of the last three years. Each goes when all of them have the feature. */
// Chrome 119, Firefox 121, Safari 17.4
Promise.withResolvers ??= /** @template Value */ function withResolvers() {
  const made = /** @type {PromiseWithResolvers<Value>} */ ({});
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

// Chrome 105, Firefox 106, Safari 17.4
Element.prototype.checkVisibility ??= function checkVisibility() {
  return this.getClientRects().length > 0;
};

// Chrome 114, Firefox 125, Safari 17
if (!HTMLElement.prototype.showPopover) addPopovers();

/** As much of a popover as the page needs: one at a time, closed by Escape or a press elsewhere. */
function addPopovers() {
  const style = document.createElement("style");
  style.textContent = "[popover] { display: none; } [popover][data-popover-open] { display: block; z-index: 9999; }";
  document.head.append(style);
  /** @type {HTMLElement | null} */
  let open = null;

  HTMLElement.prototype.showPopover = function showPopover() {
    open?.hidePopover();
    open = this;
    toggle("open");
  };

  HTMLElement.prototype.hidePopover = function hidePopover() {
    if (open === this) toggle("closed");
  };

  /** @param {"open" | "closed"} newState */
  function toggle(newState) {
    const popover = open;
    if (newState === "closed") open = null;
    popover?.toggleAttribute("data-popover-open", open !== null);
    popover?.dispatchEvent(Object.assign(new Event("toggle"), { newState }));
  }

  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || open === null) return;
    event.preventDefault(); // or the dialog around it would close too
    open.hidePopover();
  }, true);
  addEventListener("pointerdown", ({ target }) => {
    if (open !== null && !open.contains(/** @type {Node} */ (target))) open.hidePopover();
  }, true);
}
