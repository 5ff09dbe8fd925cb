/* Draws nothing: it starts the steps that spread a plan over the fields of one model. `events`, one for each model, is
   defined before this text. */
window.studio.form.setLayout(props.layout, (place) => trigger(events[place], {}));
