/* The help of a field that has no place for one, which help.js shows behind a mark. */
element.append(window.studio.helpOf(props.value) ?? "");
