"""What a page says of jobs that are out of sight: of other pages, behind its back, and on a phone its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage, has

NOTIFICATIONS = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "granted"); }
  constructor(title, { body }) { told.push([title, body]); }
  addEventListener() {}
};
"""
LOOK = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
TOP, BOTTOM = (f"(node) => node.getBoundingClientRect().{edge}" for edge in ("top", "bottom"))
EDGES = """() => ["generate", "work-bar", "form-foot"].map((name) => {
  const shown = [...document.querySelectorAll(`.${name}`)].find((node) => node.checkVisibility());
  return (({ top, bottom }) => [top, bottom])(shown.getBoundingClientRect());
})"""


@pytest.fixture
def other(chromium: Browser, studio: Studio) -> Iterator[StudioPage]:
    """A page of the same user in another browser, in a workspace of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(NOTIFICATIONS)
    other = StudioPage(context.new_page(), studio.url, studio.data_dir)
    other.open()
    other.new_workspace()
    yield other
    context.close()


def made(page: StudioPage, prompt: str) -> str:
    page.choose("pattern")
    page.fill("pattern", {"prompt": prompt, "width": 128, "height": 128})
    return str(page.generate("pattern").get_attribute("data-job"))


def test_what_ends_elsewhere_is_told_of_also_when_nobody_looked_or_nothing_was_connected(
    page: StudioPage, other: StudioPage
) -> None:
    notice = other.page.locator(".news")
    job = made(page, "from elsewhere")
    expect(notice).to_contain_text("from elsewhere")
    expect(page.page.locator(".news")).to_be_hidden()  # there it stands on the stage
    notice.get_by_role("button", name="Show it: from elsewhere").click()
    expect(other.page.locator(".scene")).to_have_attribute("data-job", job)
    expect(notice).to_be_hidden()
    expect(other.card(job)).to_have_attribute("data-selected", "")  # in its own workspace
    expect(other.page.locator(".workspace-choice input")).to_have_value(page.workspace)

    bell = other.page.locator(".bell")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    other.page.evaluate(LOOK, True)
    made(page, "secret")
    expect(other.page).to_have_title("✓ 1 done · Studio")
    expect(notice).to_contain_text("secret")
    assert other.page.evaluate("told") == [["Studio", "Done"]]

    other.page.context.set_offline(True)
    expect(other.notice).to_contain_text("The studio does not answer.")
    made(page, "while away")
    other.page.context.set_offline(False)
    expect(other.page).to_have_title("✓ 2 done · Studio")
    expect(notice).to_contain_text("2 done")
    other.page.evaluate(LOOK, False)
    expect(other.page).to_have_title("Studio")


def test_on_a_phone_undo_covers_nothing_and_the_header_is_one_line(page: StudioPage) -> None:
    made(page, "before")
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.cards.first.locator(".delete").click()
    page.page.locator(".studio-header").scroll_into_view_if_needed()
    page.page.evaluate("scrollTo(0, 0)")
    strip = page.page.locator(".below .undo")
    expect(strip).to_be_in_viewport(ratio=1)
    page.wait_until(lambda: _lower_edge(page, ".form-foot") <= _upper_edge(page, ".below .undo"))
    assert _lower_edge(page, "button.generate") <= _upper_edge(page, ".below .undo")
    assert _lower_edge(page, ".studio-header") < 72
    strip.get_by_role("button", name="Undo").click()
    expect(page.cards).to_have_count(1)
    page.wait_until(lambda: _lower_edge(page, ".form-foot") == 844)


def _upper_edge(page: StudioPage, selector: str) -> float:
    return float(page.page.locator(selector).locator("visible=true").first.evaluate(TOP))


def _lower_edge(page: StudioPage, selector: str) -> float:
    return float(page.page.locator(selector).locator("visible=true").first.evaluate(BOTTOM))


def test_on_a_phone_a_bar_follows_what_runs_and_covers_nothing(page: StudioPage, tmp_path: Path) -> None:
    made(page, "before")
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.choose("ken-burns")
    photo = media_samples.png(tmp_path / "p.png", size=(640, 480), seed=731)
    page.fill("ken-burns", {"image": photo, "duration": 60, "size": "1280x720", "fps": 24})
    page.group("ken-burns").locator(".generate").click()
    bar = page.page.locator(".work-bar")
    expect(bar).to_contain_text("%")
    expect(page.page).to_have_title(has("%"))
    (_, generate), (bar_top, bar_bottom), (_, foot) = page.page.evaluate(EDGES)
    assert generate <= bar_top
    assert foot <= bar_top
    assert bar_bottom == 844
    bar.locator(".news-job").click()
    expect(page.page.locator(".scene .work-line")).to_be_in_viewport()
    expect(bar).to_be_hidden()
    page.page.locator(".studio-header").scroll_into_view_if_needed()
    bar.locator("[data-do=cancel]").click()
    expect(page.cards.first).to_have_class(has("is-cancelled"))
    expect(bar).to_be_hidden()
    expect(page.page).to_have_title("Studio")
