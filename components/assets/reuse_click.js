/* The immediate feedback of a Reuse click, wherever its button stands, and the number that lets the last click win. */
(() => {
  const studio = window.studio;
  const LONGEST = 20000; // ms: a page that lost its server must not show a busy card for ever
  const DONE = 1400; // ms
  let busy = null;
  let timer = null;

  studio.wanted = 0;

  /** The payload of a "reuse" event. Only this job is busy from now on: an earlier click has lost. */
  studio.reuseClick = (id, seed = "exact") => {
    studio.wanted += 1;
    setBusy(id);
    return { id, click: studio.wanted, seed };
  };

  /** Whether a restore is still under way. */
  studio.isReusing = () => busy !== null;

  /** The page calls this when the form is filled, or with an error when it could not be. */
  studio.reuseDone = (id, error = null) => {
    if (id !== busy) return;
    setBusy(null);
    const state = error === null ? "done" : "error";
    for (const button of buttonsOf(id)) showEnd(button, state);
  };

  /** Gives a freshly drawn Reuse button the state of its job. */
  studio.showBusy = (button) => {
    const isBusy = busy !== null && studio.jobOf(button) === busy;
    button.closest("[data-job]").toggleAttribute("data-reusing", isBusy);
    studio.attribute(button, "aria-busy", isBusy ? "true" : null);
  };

  function setBusy(id) {
    busy = id;
    clearTimeout(timer);
    if (id !== null) timer = setTimeout(() => studio.reuseDone(id, "no answer"), LONGEST);
    for (const button of allButtons()) studio.showBusy(button);
  }

  function showEnd(button, state) {
    button.dataset.end = state;
    setTimeout(() => delete button.dataset.end, DONE);
  }

  function allButtons() {
    return [...document.querySelectorAll("[data-job] [data-do^=reuse]")];
  }

  function buttonsOf(id) {
    return allButtons().filter((button) => studio.jobOf(button) === id);
  }
})();
