/* Reset, and how the form's scripts start Gradio's events: "reuse_part", "draft" and "prefer" among them. What stands before
   this text is `events`, the names of those that each model has of its own, and `layout`. */
const studio = window.studio;
studio.form.setLayout(layout, (event, data = {}) => trigger(event, data));

element.append(studio.h("div", { class: "form-tools" },
  studio.textButton("reset", "newer", "Reset to defaults", "Put every input of this model back to its default; it can be undone")));
studio.onPress(element, {
  reset: () => trigger("reset", { model_id: studio.form.selected(), click: studio.nextClick() }),
});

/** What the server remembers comes as the value, once. */
function recall() {
  if (!props.value) return;
  const memory = JSON.parse(props.value);
  props.value = null; // Gradio copies it at every event
  studio.drafts.recall(memory);
}

watch("value", recall);
recall();
