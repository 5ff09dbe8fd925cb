/* Draws nothing: it starts the steps that spread a plan over the fields of one model. What stands before this text is
   `events`, one for each model, and `layout`. */
window.studio.form.setLayout(layout, (place) => trigger(events[place], {}));
