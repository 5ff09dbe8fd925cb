/* The Reset button, and the component by which the form's scripts trigger Gradio's events, "bring" among them. Python puts
   `events`, the names of the others, and `layout` before this script. */
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
