"""What Gradio makes of the studio's stylesheets: it reads them into script and writes them anew (see kit/page.css)."""

from itertools import zip_longest
from pathlib import Path

from playwright.sync_api import expect

from components.assets import FOLDER
from components.theme import STYLES
from tests import media_samples
from tests.browser.studio_page import StudioPage

READ = """(text) => {
  const rules = (text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text); return [...sheet.cssRules]; };
  const named = (rule) => rule.selectorText ?? rule.conditionText ?? rule.name ?? rule.cssText;
  const flat = (rule) => rule instanceof CSSMediaRule
    ? [...rule.cssRules].map((one) => `@media ${rule.conditionText}: ${named(one)}`) : [named(rule)];

  const style = [...document.querySelectorAll("style")].find((one) => one.textContent.includes("--studio-panel"));
  const version = /gradio-container-\\S+/.exec(document.querySelector(".gradio-container").className);
  const root = `.gradio-container.${version} .contain`;
  const lists = (selector) => { // cut where no parenthesis is open
    const parts = [""];
    let depth = 0;
    for (const letter of selector) {
      depth += "([".includes(letter) - ")]".includes(letter);
      if (letter === "," && depth === 0) parts.push("");
      else parts[parts.length - 1] += letter;
    }
    return parts;
  };
  const below = (one) => one.includes(".dark") ? `.dark ${root} ${one.replace(".dark", "")}` : `${root} ${one}`;
  const repeated = (selector) => named(rules(`${lists(selector).map(below).join()} {}`)[0]);
  const expected = rules(text).flatMap((rule) => {
    if (rule instanceof CSSMediaRule)
      return [...rule.cssRules].map((one) => `@media ${rule.conditionText}: ${repeated(one.selectorText)}`);
    return rule instanceof CSSStyleRule ? [named(rule), repeated(named(rule))] : [named(rule)];
  });
  return [[...style.sheet.cssRules].flatMap(flat), expected];
}"""


def test_the_page_has_each_selector_as_it_is_written_and_once_more_below_its_own_root(page: StudioPage) -> None:
    text = "\n".join((FOLDER / name).read_text() for name in STYLES)
    there, expected = page.page.evaluate(READ, text)
    assert [pair for pair in zip_longest(there, expected) if pair[0] != pair[1]] == []


def test_a_film_in_the_form_is_higher_than_the_field_that_waits_for_one(page: StudioPage, tmp_path: Path) -> None:
    page.choose("wan-animate")
    field = page.field("wan-animate", "video")
    page.fill("wan-animate", {"video": media_samples.video(tmp_path / "v.mp4", 1, seed=734)})
    expect(field.locator("video")).to_be_visible()
    assert field.evaluate("(field) => field.offsetHeight") > 148


def test_a_slider_that_a_script_draws_lies_in_no_box(page: StudioPage) -> None:
    page.choose("slideshow")
    expect(page.field("slideshow", "frames").locator("input[type=range]")).to_have_css("border-top-style", "none")


def test_what_is_ticked_by_the_keys_shows_the_focus_in_the_form_and_in_a_dialog(page: StudioPage) -> None:
    accent = "rgb(20, 117, 106)"
    page.choose("audio-edit")
    page.page.keyboard.press("Tab")  # from here on the focus shows
    tick = page.field("audio-edit", "trim").locator("input")
    tick.focus()
    expect(tick).to_have_css("outline", f"{accent} solid 2px")
    page.page.locator(".workspace-new").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#name-dialog-box")).to_be_focused()
    page.page.keyboard.press("Tab")
    expect(page.page.locator(".name-dialog button:focus")).to_have_css("outline", f"{accent} solid 2px")
    page.page.keyboard.press("Escape")
