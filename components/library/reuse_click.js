/* The immediate feedback of a Reuse click, wherever its button stands, and the number that lets the last click win. */
(() => {
  const studio = window.studio;
  const LONGEST = 20000; // ms: a page that lost its server must not show a busy card for ever
  const DONE = 1400; // ms
  let busy = null;
  let timer = null;
  let details = null; // the open details in which the last reuse was pressed

  studio.wanted = 0;

  /** The number of a click that the form is to follow: every earlier one has lost, and nothing waits for it any more. */
  studio.nextClick = () => {
    setBusy(null);
    return (studio.wanted += 1);
  };

  /** What a reuse of the job tells the server. Only this job is busy now. */
  studio.reuseClick = (id) => {
    const click = studio.nextClick();
    setBusy(id);
    details = document.querySelector(".job-details[open]");
    return { id, click };
  };

  /** Reuses the job of a card; `wanted` says what of it, and in which model: all of it, in its own, if nothing. */
  studio.reuse = (card, wanted = {}) => {
    studio.form.ask("reuse", { ...studio.reuseClick(card.id), seed: studio.seedMode, ...wanted }, wanted.model_id ?? card.model_id);
  };

  /** Whether a restore is still under way. */
  studio.isReusing = () => busy !== null;

  /** The page calls this when the form is filled ("done"), when it could not be ("error"), or when it waits for the user (null). */
  studio.reuseDone = (id, end = "done") => {
    if (id !== busy) return;
    setBusy(null);
    if (!end) return;
    if (end === "done") showBeginnings();
    for (const button of buttonsOf(id)) showEnd(button, end);
    details?.close(); // the form and what is said of it lie behind them
  };

  /** A box stays scrolled to where the text before was read. */
  function showBeginnings() {
    for (const box of document.querySelectorAll(".studio-form textarea")) box.scrollTop = 0;
  }

  document.addEventListener("close", ({ target }) => {
    if (target === details) details = null;
  }, true);

  /** Gives a freshly drawn Reuse button the state of its job. */
  studio.showBusy = (button) => {
    const isBusy = busy !== null && studio.jobOf(button) === busy;
    button.closest("[data-job]").toggleAttribute("data-reusing", isBusy);
    studio.attribute(button, "aria-busy", isBusy ? "true" : null);
  };

  function setBusy(id) {
    busy = id;
    clearTimeout(timer);
    if (id !== null) timer = setTimeout(() => giveUp(id), LONGEST);
    for (const place of document.querySelectorAll("[data-reusing]")) place.toggleAttribute("data-reusing", false); // its button may be gone
    for (const button of allButtons()) studio.showBusy(button);
  }

  /** A part of a job waits for the file that is on its way up into the form. */
  function giveUp(id) {
    if (studio.form.isUploading()) timer = setTimeout(() => giveUp(id), LONGEST);
    else studio.reuseDone(id, "error");
  }

  function showEnd(button, state) {
    button.dataset.end = state;
    setTimeout(() => delete button.dataset.end, DONE);
  }

  function allButtons() {
    return [...document.querySelectorAll("[data-job] :is([data-do=reuse], [data-do=reuseNewSeed])")];
  }

  function buttonsOf(id) {
    return allButtons().filter((button) => studio.jobOf(button) === id);
  }
})();
