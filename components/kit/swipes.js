/* Swipes of a single finger. */

const MIN_DISTANCE = 40; // pixels

/** Calls `swiped` with the direction of a swipe over a node; `mayBegin` is asked as the finger comes down.
 *  @param {HTMLElement} node
 *  @param {(direction: "left" | "right" | "up" | "down") => void} swiped
 *  @param {() => boolean} mayBegin */
export function onSwipe(node, swiped, mayBegin = () => true) {
  /** @type {Touch | null} */
  let from = null;
  node.addEventListener("touchstart", ({ touches }) => {
    from = touches.length === 1 && mayBegin() ? touches[0] : null;
  }, { passive: true });
  node.addEventListener("touchend", ({ changedTouches: [to] }) => {
    if (from === null) return;
    const across = to.clientX - from.clientX, down = to.clientY - from.clientY;
    from = null;
    if (Math.max(Math.abs(across), Math.abs(down)) <= MIN_DISTANCE) return;
    if (Math.abs(across) > Math.abs(down)) swiped(across < 0 ? "left" : "right");
    else swiped(down < 0 ? "up" : "down");
  });
}
