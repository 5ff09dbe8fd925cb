/* A plain text. */
element.append(window.studio.h("p", { class: "hint", dir: "auto" }, props.value));
