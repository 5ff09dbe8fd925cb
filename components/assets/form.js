/* The form's share in a restore: it spreads a plan over the fields and shows what the rules say. The plan comes from the
   server; nothing is decided here but which of two clicks was the last. */
(() => {
  let layout = { types: [], models: [], fields: [], rules: {} }; // fields: [model, name] of the whole form, in its order
  const setLayout = (made) => { layout = made; };

  const update = (change) => ({ __type__: "update", ...change });

  /** Whether a rule holds, or unless `wanted` its opposite; as `holds` in model_configs/conditions.py, on the same tree.
   *  A hidden parent meets neither. */
  function holds(rule, values, shown, wanted = true) {
    const [kind, ...rest] = rule;
    if (kind === "one") return shown.has(rest[0]) && rest[1].some((accepted) => accepted === values[rest[0]]) === wanted;
    if (kind === "set") return shown.has(rest[0]) && isEmpty(values[rest[0]]) !== wanted;
    if (kind === "not") return holds(rest[0], values, shown, !wanted);
    const test = (part) => holds(part, values, shown, wanted);
    return (kind === "all") === wanted ? rest.every(test) : rest.some(test);
  }

  function isEmpty(value) {
    if (value === null || value === undefined || value === "") return true;
    return typeof value === "object" && Object.keys(value).length === 0;
  }

  /** The names that show; `rules` lists [name, rule or null], parents first. */
  function visible(rules, values) {
    const shown = new Set();
    for (const [name, rule] of rules) if (rule === null || holds(rule, values, shown)) shown.add(name);
    return shown;
  }

  /** Updates for the dependents of one model, from the present values of its parents alone. */
  function show(rules, parents, dependents, present) {
    const values = Object.fromEntries(parents.map((name, index) => [name, present[index]]));
    const shown = visible(rules, values);
    return dependents.map((name) => update({ visible: shown.has(name) }));
  }

  const isWanted = (plan) => plan && (plan.click === null || plan.click === window.studio.wanted);

  /** Step one: select the model and show its inputs. */
  function reveal(plan, selected, present) {
    if (!isWanted(plan)) return [];
    if (plan.error) return [];
    remember(plan, selected, present);
    const tabs = [update({ selected: plan.type })];
    const pickers = layout.types.map((type) => (type === plan.type ? update({ value: plan.select }) : undefined));
    const groups = layout.models.map(([id, type]) => (type === plan.type ? update({ visible: id === plan.select }) : undefined));
    const fields = layout.fields.map(([model, name]) => (model === plan.model_id && name in plan.visible ? update({ visible: plan.visible[name] }) : undefined));
    return [...tabs, ...pickers, plan.select, ...groups, ...fields];
  }

  /** Step two: the values, now that every input they belong to is there. */
  function fill(plan) {
    if (!isWanted(plan)) return [];
    const fields = plan.error ? layout.fields.map(() => undefined) : layout.fields.map(([model, name]) =>
      model === plan.model_id && name in plan.values ? update({ value: plan.values[name] }) : undefined);
    finish(plan);
    return [plan.notice, ...fields];
  }

  let before = null;

  /** What the form of the plan's model holds now, so that the restore can be taken back. */
  function remember(plan, selected, present) {
    const values = {};
    layout.fields.forEach(([model, name], index) => {
      if (model === plan.model_id) values[name] = present[index] ?? null;
    });
    const types = Object.fromEntries(layout.models);
    const shown = visible(layout.rules[plan.model_id], values);
    before = {
      ...plan,
      select: selected,
      type: types[selected],
      values,
      visible: Object.fromEntries(Object.keys(values).map((name) => [name, shown.has(name)])),
      notice: { text: plan.undone ? "Restored again." : "Undone: the form is as it was before.", undo: true, again: !plan.undone },
      undone: !plan.undone,
    };
  }

  /** A plan that brings the form back as it was before the last restore; taken back itself, it is the restore again. */
  function undo() {
    if (before === null) return null;
    window.studio.reuseDone?.(before.job_id); // a reuse that is still under way has lost against this
    window.studio.wanted += 1;
    return { ...before, click: window.studio.wanted };
  }

  function finish(plan) {
    window.studio.reuseDone?.(plan.job_id, plan.error ?? null);
    if (!plan.error) focusWhenThere(`group-${plan.select}`, 60);
  }

  /** Focus goes to the form's group, not to a field: on a phone that would open the keyboard over what came back. */
  function focusWhenThere(id, frames) {
    const group = document.getElementById(id);
    if (group === null || group.offsetParent === null) {
      if (frames > 0) requestAnimationFrame(() => focusWhenThere(id, frames - 1));
      return;
    }
    group.tabIndex = -1;
    group.focus({ preventScroll: true });
    group.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const buttons = [...document.querySelectorAll("button.generate")];
    buttons.find((button) => button.offsetParent !== null)?.click();
  });

  /** Generate waits while a restore is under way or a file is on its way up, and goes on by itself. */
  let uploads = 0;
  const fetched = window.fetch;
  window.fetch = async (...request) => {
    const isUpload = /\/gradio_api\/upload\?/.test(String(request[0]?.url ?? request[0]));
    if (isUpload) uploads += 1;
    try {
      return await fetched(...request);
    } finally {
      if (isUpload) setTimeout(() => (uploads -= 1)); // after the field has taken what came back
    }
  };

  const isBusy = () => uploads > 0 || window.studio.isReusing();

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.generate");
    if (!button || !isBusy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const goOn = () => {
      if (isBusy()) return requestAnimationFrame(goOn);
      button.removeAttribute("aria-busy");
      if (button.offsetParent !== null) button.click();
    };
    goOn();
  }, true);

  /** What Gradio writes at a field after Generate may stand out of sight: the first one is brought into view. */
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === Node.ELEMENT_NODE);
    const error = added.map((node) => (node.matches(".validation-error") ? node : node.querySelector(".validation-error"))).find(Boolean);
    error?.closest(".field")?.scrollIntoView({ block: "center", behavior: "smooth" });
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.studio.form = { setLayout, visible, show, reveal, fill, undo };
})();
