/* Choose: a table of what the form holds now and what the job had; the ticked rows are reused. */
(() => {
  const studio = window.studio;
  const { h } = studio;

  const title = h("h2", { dir: "auto" });
  const rows = h("tbody");
  const all = h("input", { type: "checkbox", "aria-label": "Every row" });
  const apply = h("button", { type: "button", class: "choose-apply", "data-do": "apply" });
  const every = h("label", {}, all, h("span", {}, "Every row")); // the word shows where the columns have no heads
  const table = h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, every), h("th", { scope: "col" }, "Parameter"),
    h("th", { scope: "col" }, "Now"), h("th", { scope: "col" }, "In the job"))), rows);
  const dialog = h("dialog", { class: "choose", "aria-label": "Choose what to reuse" },
    studio.iconButton("close", "close", "Close", { class: "icon-button close" }),
    title, h("div", { class: "choose-rows" }, table),
    h("footer", {}, h("p", { class: "choose-hint", role: "status" }), apply));
  let plan = null;

  /** Opens the table of a plan's `rows`; differing ones come first and are ticked. */
  studio.choose = (asked) => {
    plan = asked;
    studio.reuseDone(plan.job_id, null);
    if (!dialog.isConnected) document.querySelector(".gradio-container .contain").append(dialog);
    studio.text(title, `Reuse in ${plan.model_name}`);
    rows.replaceChildren(...plan.rows.map(row));
    say("");
    count();
    dialog.showModal();
    dialog.querySelector(".choose-rows").scrollTop = 0;
  };

  function row(one) {
    const tick = h("input", { type: "checkbox", "aria-label": one.label, value: one.name, checked: one.differs });
    const id = `choose-${one.name}`;
    tick.id = id;
    return h("tr", { class: one.differs ? "differs" : "same", "data-name": one.name },
      h("td", {}, tick), h("th", { scope: "row", dir: "auto" }, h("label", { for: id }, one.label)),
      h("td", { "data-head": "Now" }, shown(one.now)), h("td", { "data-head": "In the job" }, shown(one.then)));
  }

  /** A value as people read it: {text, url, kind}; pictures as pictures. */
  function shown(value) {
    const words = h("span", { class: "words", dir: "auto" }, value.text);
    if (studio.ownUrl(value.url)) return h("span", { class: "file" }, studio.thumbnail(value.url, value.kind, ""), words);
    return words;
  }

  const ticks = () => [...rows.querySelectorAll("input")];
  const ticked = () => new Set(ticks().filter((tick) => tick.checked).map((tick) => tick.value));
  const parentsOf = (name) => plan.rows.find((one) => one.name === name)?.parents ?? [];

  /** A dependent brings the parents that it needs; without them it would have no place. */
  function follow(changed) {
    const differing = new Map(plan.rows.map((one) => [one.name, one.differs]));
    const moved = [];
    for (const tick of ticks()) {
      const isParent = changed.checked && parentsOf(changed.value).includes(tick.value) && differing.get(tick.value);
      const isDependent = !changed.checked && differing.get(changed.value) && parentsOf(tick.value).includes(changed.value);
      if ((isParent && !tick.checked) || (isDependent && tick.checked)) {
        tick.checked = changed.checked;
        moved.push(tick.getAttribute("aria-label"));
      }
    }
    say(moved.length ? `${changed.checked ? "Needed too" : "Left out too"}: ${moved.join(", ")}` : "");
  }

  const say = (words) => studio.text(dialog.querySelector(".choose-hint"), words);

  function count() {
    const number = ticked().size;
    apply.disabled = number === 0;
    studio.text(apply, number === 1 ? "Reuse 1 input" : `Reuse ${number} inputs`);
    all.checked = number === ticks().length;
    all.indeterminate = number > 0 && !all.checked;
  }

  rows.addEventListener("change", (event) => {
    follow(event.target);
    count();
  });
  all.addEventListener("change", () => {
    for (const tick of ticks()) tick.checked = all.checked;
    count();
  });
  dialog.addEventListener("close", () => rows.replaceChildren());
  studio.onPress(dialog, {
    close: () => dialog.close(),
    apply: async () => {
      const names = [...ticked()];
      const { ask, model_id, job_id } = plan;
      dialog.close();
      const { click } = studio.reuseClick(job_id);
      const now = await studio.form.present(model_id);
      if (click === studio.wanted) studio.form.ask("reuse", { ...ask, part: "names", names, click, now }, model_id);
    },
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
