/* The changes of one model's form, above its fields. `props.value` is the model and what is known of its inputs. */
element.append(window.studio.form.changesOf(props.value.model, props.value.inputs));
