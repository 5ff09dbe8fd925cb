/* A text that stands as it is. */
element.append(window.studio.h("p", { class: "hint", dir: "auto" }, props.value));
