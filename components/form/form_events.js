/* Reset, and how the form's scripts start Gradio's events in the page, "bring" and "recall" among them. The handlers of "draft",
   "prefer", "reuse", "send_on" and "reset" are asked at their address. What stands before this text is `events`, the names of those in the page,
   and `layout`. */
const studio = window.studio;
const AGAIN = 3000; // ms after which a database or a store that did not answer is asked again
studio.form.setLayout(layout, (event, data = {}) => trigger(event, data));

element.append(studio.h("div", { class: "form-tools" },
  studio.textButton("reset", "reset", "Reset to defaults", "Put every input of this model back to its default; it can be undone")));
studio.onPress(element, {
  reset: () => {
    const model = studio.form.selected();
    studio.form.ask("reset", { model_id: model, click: studio.nextClick() }, model);
  },
});

/** What the server remembers comes as the value. */
function recall() {
  if (!props.value) return;
  const memory = JSON.parse(props.value);
  props.value = null; // Gradio copies it at every event
  if (memory.again) setTimeout(() => trigger("recall"), AGAIN);
  if (memory.plans) studio.drafts.recall(memory);
}

watch("value", recall);
recall();
