/* A finger that goes across something. */

const SWIPE = 40; // pixels

/** Calls `went` with the way that a single finger has gone, where `mayBegin` says so as it comes down.
 *  @param {HTMLElement} node
 *  @param {(way: "left" | "right" | "up" | "down") => void} went
 *  @param {() => boolean} mayBegin */
export function onSwipe(node, went, mayBegin = () => true) {
  /** @type {Touch | null} */
  let from = null;
  node.addEventListener("touchstart", ({ touches }) => {
    from = touches.length === 1 && mayBegin() ? touches[0] : null;
  }, { passive: true });
  node.addEventListener("touchend", ({ changedTouches: [to] }) => {
    if (from === null) return;
    const across = to.clientX - from.clientX, down = to.clientY - from.clientY;
    from = null;
    if (Math.max(Math.abs(across), Math.abs(down)) <= SWIPE) return;
    if (Math.abs(across) > Math.abs(down)) went(across < 0 ? "left" : "right");
    else went(down < 0 ? "up" : "down");
  });
}
