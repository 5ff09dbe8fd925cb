/* Reset, and how the form's scripts start Gradio's events in the page, "bring" among them. What stands before this text is
   `events`, the names of the others, and `layout`. */
const studio = window.studio;
studio.form.setLayout(layout, (event, data = {}) => trigger(event, data));

element.append(studio.h("div", { class: "form-tools" },
  studio.iconButton("reset", "reset", "Reset to defaults", { title: "Reset to defaults: every input of this model; it can be undone" })));
studio.onPress(element, {
  reset: () => {
    const model = studio.form.selected();
    if (model) studio.form.askForPlan("reset_form", { model_id: model }, { click: studio.nextClick(), model });
  },
});
