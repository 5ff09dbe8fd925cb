/* The help of a field whose Gradio component has none, which help.js shows as a tooltip. */
element.append(window.studio.helpOf(props.value) ?? "");
