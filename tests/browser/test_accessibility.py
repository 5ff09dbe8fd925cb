"""axe-core finds nothing serious on the page, in whatever state it is."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import media_samples
from tests.browser.studio_page import StudioPage

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const words = ({ target, any, all, none }) => [target, ...[...any, ...all, ...none].map(({ message }) => message)];
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => [id, ...words(node)].join(": ")));
}"""


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm ci")
def test_no_state_of_the_page_has_a_serious_fault(page: StudioPage, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        page.page.wait_for_function("document.getAnimations().every((one) => !(one instanceof CSSTransition))")
        if faults := page.page.evaluate(RUN):
            found[state] = faults

    page.page.evaluate(AXE.read_text())
    look("empty")
    page.choose("pattern")
    page.fill("pattern", {"prompt": "a calm sea", "width": 128, "height": 128})
    card = page.generate("pattern")
    look("one job")
    details = page.details(card)
    look("details")
    page.page.evaluate("document.body.classList.add('dark')")
    look("details, dark")
    page.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    page.fill("pattern", {"prompt": "another sea"})
    page.ask(card, "Choose…")
    look("Choose, dark")
    page.page.evaluate("document.body.classList.remove('dark')")
    look("Choose")
    page.choosing.close()
    card.locator(".reuse-more").click()
    look("menu")
    page.page.keyboard.press("Escape")
    page.choose("ken-burns")
    page.group("ken-burns").locator(".generate").click()
    expect(page.refusal("ken-burns", "image")).to_be_visible()
    look("refused")
    photo = media_samples.png(tmp_path / "p.png", size=(640, 480), seed=732)
    page.fill("ken-burns", {"image": photo, "duration": 60, "size": "1280x720", "fps": 24})
    page.group("ken-burns").locator(".generate").click()
    expect(page.page.locator(".scene .work-percent")).to_contain_text("%")
    look("running")
    page.page.set_viewport_size({"width": 390, "height": 844})
    expect(page.page.locator(".work-bar")).to_be_visible()
    look("phone, running")
    page.page.locator(".work-bar [data-do=cancel]").click()
    expect(page.cards.first.locator(".badge")).to_have_text("Cancelled")
    page.details(card)
    look("phone, details")
    assert found == {}
