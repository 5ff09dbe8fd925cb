/* The list of changes above a model's fields. `props.value` has the id of the model and its inputs. */
element.append(window.studio.form.changesOf(props.value.model, props.value.inputs));
