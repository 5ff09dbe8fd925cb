/* Runs in the measured page: presses, looks again and again whether all is right, and tells the milliseconds it took. */
window.probe = (() => {
  const TIMEOUT = 15000; // ms

  /** Resolves with the present time once `isRight()` holds; it looks after every task of the page, not every frame. */
  function when(isRight) {
    const limit = performance.now() + TIMEOUT;
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve, reject) => {
      port1.onmessage = () => {
        const now = performance.now();
        if (isRight()) resolve(now);
        else if (now > limit) reject(new Error(`not right after ${TIMEOUT} ms: ${isRight.wrong?.() ?? ""}`));
        else port2.postMessage(null);
      };
      port2.postMessage(null);
    });
  }

  async function press() {
    const box = document.querySelector("#text textarea");
    const old = box.value;
    const start = performance.now();
    document.querySelector("#press").click();
    return (await when(() => box.value !== old)) - start;
  }

  /** What a field's boxes show, or the path of its file; null when the field is not in the page. */
  function read(id) {
    const field = document.getElementById(id);
    if (field === null) return null;
    const media = field.querySelector("img[src], video[src]");
    if (media !== null) return [new URL(media.src).pathname];
    const boxes = [...field.querySelectorAll("input, textarea")];
    return boxes.map((box) => (["checkbox", "radio"].includes(box.type) ? box.checked : box.value));
  }

  const isFieldRight = ([id, boxes]) => JSON.stringify(read(id)) === JSON.stringify(boxes);

  /** The ids of the fields that do not show what they should, `null` for one that must not show. */
  const wrong = (shown) => Object.entries(shown).filter((field) => !isFieldRight(field)).map(([id]) => id);

  /** Resolves with the present time once every field is right. */
  function right(shown) {
    const fields = Object.entries(shown);
    let next = fields[0]; // a wrong one is looked at first, so that waiting costs next to nothing
    const isRight = () => {
      if (!isFieldRight(next)) return false;
      next = fields.find((field) => !isFieldRight(field)) ?? next;
      return isFieldRight(next);
    };
    isRight.wrong = () => `${next} but ${JSON.stringify(read(next[0]))}`;
    return when(isRight);
  }

  /** Clicks Reuse on a job's card; resolves with the milliseconds until every field is right. */
  async function reuse(job, shown) {
    if (wrong(shown).length === 0) throw new Error(`job ${job} shows already`);
    const start = performance.now();
    document.querySelector(`.card[data-job="${job}"] .reuse`).click();
    return (await right(shown)) - start;
  }

  /**
   * Milliseconds from the start of the navigation until the selector is there. It looks when something changes: to look
   * after every task would be most of what the page works while it waits for the server.
   */
  function there(selector) {
    return new Promise((resolve, reject) => {
      const isThere = () => document.querySelector(selector) !== null;
      const observer = new MutationObserver(() => isThere() && done());
      const done = () => { observer.disconnect(); clearTimeout(late); resolve(performance.now()); };
      const late = setTimeout(() => reject(new Error(`no ${selector} after ${TIMEOUT} ms`)), TIMEOUT);
      if (isThere()) done();
      else observer.observe(document, { childList: true, subtree: true, attributes: true });
    });
  }

  const column = () => document.querySelector(".studio-gallery") ?? document.scrollingElement;
  const cards = () => [...document.querySelectorAll(".card")].map((card) => card.getBoundingClientRect());

  /** Scrolls the gallery by a screen; resolves with the milliseconds until cards fill the new one. */
  async function nextScreen() {
    const bottom = column().getBoundingClientRect().bottom, first = cards()[0];
    const columns = new Set(cards().map((card) => card.left)).size, rows = Math.floor((bottom - 200) / first.height) - 1;
    const start = performance.now();
    column().scrollTop += column().clientHeight - 150;
    return (await when(() => cards().filter((card) => card.bottom > 150 && card.top < bottom).length >= columns * rows)) - start;
  }

  /** Goes to a month of the gallery by its menu, which is open; resolves with the milliseconds until its cards show. */
  async function toMonth(name) {
    const start = performance.now();
    document.querySelector(`[role=menuitem][title="${name}"]`).click();
    const [month, year] = name.split(" ");
    const isThere = () => !document.querySelector(".cards[aria-busy]") && document.querySelector(".when").textContent.includes(month) && document.querySelector(".when").textContent.includes(year);
    isThere.wrong = () => document.querySelector(".when").textContent;
    return (await when(isThere)) - start;
  }

  /** Scrolls on by so many pixels, `step` of them a frame; resolves with the milliseconds of each frame. */
  async function frames(pixels, step) {
    const took = [];
    let last = await new Promise(requestAnimationFrame);
    for (let gone = 0; gone < pixels; gone += step) {
      column().scrollTop += step;
      const now = await new Promise(requestAnimationFrame);
      took.push(now - last);
      last = now;
    }
    return took;
  }

  return { press, read, wrong, right, reuse, there, nextScreen, toMonth, frames };
})();
