"""Browsers of 2023: the page works without what came later, and one that cannot start says so."""

import pytest
from playwright.sync_api import Browser, expect

from components.assets import FOLDER, script
from tests.browser.studio_page import StudioPage

LATER = """
  const gone = {
    Promise: [Promise, ["withResolvers", "try"]],
    Array: [Array, ["fromAsync"]],
    Object: [Object, ["groupBy"]],
    Map: [Map, ["groupBy"]],
    Set: [Set.prototype, ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf",
      "isDisjointFrom"]],
    MapProto: [Map.prototype, ["getOrInsert", "getOrInsertComputed"]],
    Text: [String.prototype, ["isWellFormed", "toWellFormed"]],
    RegExp: [RegExp, ["escape"]],
    Error: [Error, ["isError"]],
    Math: [Math, ["sumPrecise", "f16round"]],
    Bytes: [Uint8Array, ["fromBase64", "fromHex"]],
    BytesProto: [Uint8Array.prototype, ["toBase64", "toHex"]],
    Url: [URL, ["parse", "canParse"]],
    Abort: [AbortSignal, ["any"]],
    Intl: [Intl, ["DurationFormat"]],
    Element: [Element.prototype, ["checkVisibility", "moveBefore", "setHTMLUnsafe", "getHTML", "setHTML"]],
    Html: [HTMLElement.prototype, ["popover", "showPopover", "hidePopover", "togglePopover"]],
    Document: [Document.prototype, ["startViewTransition"]],
    Dialog: [HTMLDialogElement.prototype, ["requestClose", "closedBy"]],
    Window: [window, ["Iterator", "scheduler", "CloseWatcher", "ToggleEvent", "Temporal"]],
  };
  for (const [holder, names] of Object.values(gone)) for (const name of names) delete holder[name];
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  for (const name of "map filter take drop flatMap reduce toArray forEach some every find".split(" "))
    delete iterators[name];
  const UNKNOWN = /:popover-open|:open\\b|:state\\(/;
  for (const [holder, name] of [Element, Document].flatMap((one) =>
    ["matches", "closest", "querySelector", "querySelectorAll"].map((name) => [one.prototype, name]))) {
    const native = holder[name];
    if (native) holder[name] = function (selector) {
      if (UNKNOWN.test(selector)) throw new SyntaxError(`${selector} is not a valid selector`);
      return native.call(this, selector);
    };
  }
"""
"""What browsers have had since 2024 or not for three years in all of them, taken away."""

WORDS = "The studio needs Chrome or Edge 112, Firefox 121, Safari 16.5, or a newer one"


def test_a_browser_of_2023_remembers_brings_a_form_and_reuses(page: StudioPage) -> None:
    page.page.add_init_script(LATER)
    page.reload()
    page.choose("pattern")
    page.fill("pattern", {"prompt": "small", "seed": 1, "width": 128, "height": 128})
    card = page.generate("pattern")
    page.fill("pattern", {"prompt": "typed"})
    page.wait_until(lambda: page.draft("pattern").get("prompt") == "typed")
    page.reload()
    expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed")

    page.choose("image-edit")
    page.choose("pattern")
    menu = page.page.get_by_role("menu")
    card.locator(".reuse-more").click()
    expect(menu).to_be_visible()
    page.page.mouse.wheel(0, 40)
    page.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    card.locator(".reuse-more").click()
    page.page.locator(".studio-name h1").click()
    expect(menu).to_be_hidden()
    page.ask(card, "Prompt only")
    expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("small")
    expect(menu).to_be_hidden()
    page.reuse(card)
    expect(page.notice).to_contain_text("Restored all")

    page.fill("pattern", {"seed": -5})
    page.group("pattern").locator(".generate").click()
    expect(page.refusal("pattern", "seed")).to_be_in_viewport()


@pytest.mark.parametrize(
    "broken",
    [
        "delete Intl.RelativeTimeFormat",  # a script that throws at its load
        "CSS.supports = (words) => !words.includes('selector(&)')",
        "CSS.supports = (words) => !words.includes(':has(')",
    ],
)
def test_a_page_that_cannot_start_says_which_browser_it_needs(page: StudioPage, broken: str) -> None:
    page.page.add_init_script(broken)
    page.page.reload(wait_until="commit")
    said = page.page.get_by_role("alert").filter(has_text=WORDS)
    expect(said).to_be_visible()
    box = said.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1440, 900)
    page.errors.clear()
    page.page.goto("about:blank")


def test_a_js_component_that_cannot_start_says_so_too(chromium: Browser) -> None:
    page = chromium.new_page()
    page.evaluate((FOLDER / "kit" / "browser.js").read_text())
    page.evaluate("(script) => { try { Function('element', script)(); } catch {} }", script("form/hint"))
    expect(page.get_by_role("alert")).to_contain_text(WORDS)
    page.close()
