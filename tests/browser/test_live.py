"""A job at work on every open page of its user: each is told how far it is, and no more until all else changes."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage, has

SLOW = {"duration": 60, "size": "1280x720", "fps": 24}
LOOK = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def other(chromium: Browser, page: StudioPage, studio: Studio) -> Iterator[StudioPage]:
    """A page of the same user and workspace in another browser."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    other = StudioPage(context.new_page(), studio.url, studio.data_dir)
    other.workspace = page.workspace
    other.reload()
    yield other
    context.close()


def asked(page: Page, of: str) -> list[str]:
    """The addresses that are asked for from now on, and have this in them."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url) if of in request.url else None)
    return addresses


def percents(page: StudioPage) -> tuple[int, ...]:
    """What card, stage, and title say."""
    places = (page.cards.first.locator(".badge"), page.page.locator(".scene .work-percent"))
    texts = [*(str(place.text_content()) for place in places), page.page.title()]
    return tuple(int(found[1]) if (found := re.search(r"(\d+)\s%", text)) else -1 for text in texts)


def all_move(page: StudioPage, before: tuple[int, ...]) -> Callable[[], bool]:
    return lambda: all(now > then >= 0 for now, then in zip(percents(page), before, strict=True))


def begin(page: StudioPage, tmp_path: Path, seed: int) -> None:
    page.choose("ken-burns")
    photo = media_samples.png(tmp_path / "photo.png", size=(640, 480), seed=seed)
    page.fill("ken-burns", {"image": photo, **SLOW})
    page.group("ken-burns").locator(".generate").click()


def test_a_job_moves_on_every_page_without_a_look_at_the_gallery(
    page: StudioPage, other: StudioPage, tmp_path: Path
) -> None:
    begin(page, tmp_path, 741)
    pages = (page, other)
    for one in pages:
        expect(one.cards.first).to_have_class(has("is-running"))
        one.wait_until(all_move(one, (0, 0, 0)))
    looks = [asked(one.page, "/run/predict") for one in pages]
    before = [percents(one) for one in pages]
    for one, then in zip(pages, before, strict=True):
        one.wait_until(all_move(one, then))
    assert looks == [[], []]

    other.reload()
    other.wait_until(all_move(other, (0, 0, 0)))

    other.page.context.set_offline(True)
    page.page.locator(".scene [data-do=cancel]").click()
    expect(page.cards.first).to_have_class(has("is-cancelled"))
    expect(other.cards.first).to_have_class(has("is-running"))
    other.page.context.set_offline(False)
    expect(other.cards.first).to_have_class(has("is-cancelled"))
    expect(other.page.locator(".scene")).to_contain_text("Cancelled")
    expect(other.page).to_have_title("Studio")


def test_a_page_that_nobody_looks_at_fetches_no_picture_in_the_making(page: StudioPage, tmp_path: Path) -> None:
    begin(page, tmp_path, 742)
    expect(page.page.locator(".scene .making")).to_be_visible()
    page.page.evaluate(LOOK, True)
    pictures = asked(page.page, "/studio/preview/")
    page.wait_until(all_move(page, percents(page)))
    assert pictures == []
    page.page.evaluate(LOOK, False)
    page.wait_until(lambda: len(pictures) > 0)
    page.page.locator(".scene [data-do=cancel]").click()
    expect(page.cards.first).to_have_class(has("is-cancelled"))


def test_a_page_at_rest_asks_one_small_question_a_second(page: StudioPage) -> None:
    requests = asked(page.page, "/")
    page.wait_until(lambda: len(requests) >= 3 and all("/studio/live" in one for one in requests[-3:]))
    times = page.page.evaluate(
        "() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/studio/live')).slice(-3)"
        ".map(({ startTime, responseEnd }) => [startTime, responseEnd])"
    )
    assert all(later[0] - earlier[1] >= 990 for earlier, later in pairwise(times))
