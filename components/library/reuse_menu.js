/* The menu beside a Reuse button: which part of a job, with which seed, in which model. */
(() => {
  const studio = window.studio;
  const { h, icon } = studio;

  studio.seedMode = undefined; // until the page knows it, the server does

  const menu = h("div", { class: "reuse-menu", popover: "auto", role: "menu", "aria-label": "What to reuse" });
  let opener = null;
  let reused = null; // the card that it is for
  let isOpen = false;

  /** A small button that opens the menu, to stand beside a Reuse button. */
  studio.reuseMenuButton = () =>
    studio.iconButton("reuseMenu", "more", "Reuse a part of this job", { class: "icon-button reuse-more", "aria-haspopup": "menu", "aria-expanded": "false" });

  /** Opens the menu for a card. */
  studio.openReuseMenu = (button, card) => {
    opener = button;
    reused = card;
    button.closest("dialog, .contain").append(menu); // outside an open dialog it could not be used
    show(parts(card));
    menu.showPopover();
    place();
    items()[0].focus({ preventScroll: true });
  };

  function parts(card) {
    const other = studio.seedMode === "new" ? "exact" : "new";
    return [
      card.seed !== null ? item(other === "new" ? "Everything, with a new seed" : "Everything, with the exact seed", { seed: other }) : null,
      card.prompt ? item("Prompt only", { part: "prompt" }) : null,
      card.drawn ? item("Prompt only, as it was drawn", { part: "prompt", text: "resolved" }) : null,
      card.texts_drawn ? item("Everything, as it was drawn", { text: "resolved" }) : null,
      item("Settings only", { part: "settings" }),
      card.seed !== null ? item("All but the seed", { part: "all_but_seed" }) : null,
      card.media ? item("Media only", { part: "media" }) : null,
      item("Choose…", { part: "choose" }),
      inAnotherModel(card),
      ...(card.seed !== null ? seedChoice() : []),
    ];
  }

  function item(label, wanted) {
    const button = h("button", { type: "button", role: "menuitem", tabindex: -1, dir: "auto" }, label);
    button.addEventListener("click", () => {
      menu.hidePopover();
      studio.reuse(reused, wanted);
    });
    return button;
  }

  function inAnotherModel(card) {
    const others = studio.form.models().filter((model) => model.id !== card.model_id);
    if (others.length === 0) return null;
    const button = h("button", { type: "button", role: "menuitem", tabindex: -1, "aria-haspopup": "menu" }, "In another model…");
    button.addEventListener("click", () => {
      show([h("p", { class: "menu-title" }, "Reuse in"), ...others.map((model) => item(model.name, { model_id: model.id }))]);
      items()[0].focus();
    });
    return button;
  }

  /** Which seed the one click on Reuse brings; the server remembers it for this user. */
  function seedChoice() {
    const radio = (mode, label) => {
      const button = h("button", { type: "button", role: "menuitemradio", tabindex: -1 }, icon("check"), label);
      button.setAttribute("aria-checked", String((studio.seedMode ?? "exact") === mode));
      button.addEventListener("click", () => {
        studio.seedMode = mode;
        studio.form.post("prefer", { seed: mode }).catch(() => {}); // it is only not remembered
        for (const one of menu.querySelectorAll("[role=menuitemradio]")) one.setAttribute("aria-checked", String(one === button));
      });
      return button;
    };
    return [h("hr"), h("p", { class: "menu-title" }, "One click on Reuse brings"), radio("exact", "The exact seed"), radio("new", "A new seed")];
  }

  const items = () => [...menu.querySelectorAll("button")];

  function show(children) {
    menu.replaceChildren(...children.filter((child) => child !== null));
    menu.scrollTop = 0;
  }

  /** Below the button, or above it where there is no room; never off the screen. */
  function place() {
    const at = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = at.bottom + 4 + height <= innerHeight;
    menu.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
  }

  menu.addEventListener("toggle", (event) => {
    isOpen = event.newState === "open";
    opener?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen && menu.contains(document.activeElement)) opener?.focus();
  });

  const STEPS = { ArrowDown: 1, ArrowUp: -1 };

  menu.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const ends = { Home: 0, End: all.length - 1 };
    const next = event.key in STEPS ? (at + STEPS[event.key] + all.length) % all.length : ends[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    all[next].focus();
  });

  for (const moved of ["scroll", "resize"]) addEventListener(moved, () => isOpen && place(), true);
})();
