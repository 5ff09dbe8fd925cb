"""Faults that are really caused under a page: it says so calmly, and goes on by itself when they are over."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from storage.errors import FULL
from tests import media_samples, postgres, s3
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage
from tests.studio.test_faults import disk, fill

__all__ = ["disk"]


@contextmanager
def opened(chromium: Browser, data_dir: Path, **environment: str) -> Iterator[StudioPage]:
    """A page with one job, of a server of the test's own."""
    server, context = Studio(data_dir, **environment), chromium.new_context()
    server.start()
    try:
        page = StudioPage(context.new_page(), server.url, data_dir)
        page.open()
        page.choose("pattern")
        page.fill("pattern", {"prompt": "a pond", "width": 128, "height": 128})
        page.generate("pattern")
        yield page
    finally:
        context.close()
        server.stop()


@pytest.fixture
def database() -> Iterator[postgres.Server]:
    with postgres.studio_server() as server:
        yield server


def test_a_database_that_stops_and_comes_back_under_an_open_page(
    chromium: Browser, database: postgres.Server, tmp_path: Path
) -> None:
    with opened(chromium, tmp_path / "data", STUDIO_DATABASE_URL=database.url.format("studio")) as page:
        card, trouble, toast = page.cards, page.page.locator("#outage .outage"), page.page.locator(".toast-body")
        database.stop()
        expect(trouble).to_have_text("The studio's database does not answer; trying again …")
        expect(toast).to_have_count(0)
        card.locator(".favourite").click()
        expect(toast).to_contain_text("The studio's database does not answer: try again in a moment.")
        page.fill("pattern", {"prompt": "typed meanwhile"})
        expect(page.notice).to_contain_text("What you type is not kept yet.")

        database.start()
        expect(trouble).to_have_text("")
        expect(page.notice).to_contain_text("What you type is kept again.")
        expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "false")
        card.locator(".favourite").click()
        expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "true")
        page.generate("pattern")
        page.open()
        expect(page.cards.last.locator(".favourite")).to_have_attribute("aria-pressed", "true")
        expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed meanwhile")


def test_a_disk_that_is_full_and_is_not_any_more(chromium: Browser, disk: Path) -> None:
    with opened(chromium, disk) as page:
        ballast = fill(disk)
        page.group("pattern").locator(".generate").click()
        expect(page.page.locator(".toast-body")).to_contain_text(FULL)
        expect(page.cards).to_have_count(1)
        ballast.unlink()
        page.generate("pattern")


def test_a_bucket_that_is_away_when_the_page_is_opened_keeps_back_only_forms_with_files(
    chromium: Browser, tmp_path: Path
) -> None:
    port, photo = s3.free_port(), media_samples.png(tmp_path / "photo.png")
    url = s3.Peer(port).url("studio")
    with s3.moto() as peer, ExitStack() as road:
        road.enter_context(s3.way(port, peer))
        with opened(chromium, tmp_path / "data", STUDIO_MEDIA_URL=url) as page:
            page.fill("pattern", {"prompt": "left before"})
            page.choose("image-edit")
            page.fill("image-edit", {"image": photo, "operation": "blur"})
            page.wait_until(lambda: page.draft("image-edit").get("operation") == "blur")
            page.page.goto("about:blank")
            road.close()

            page.open()
            words = "The files of Image Edit cannot be reached. What you left there comes back with them."
            expect(page.notice).to_contain_text(words)
            page.choose("pattern")
            expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("left before")
            page.fill("pattern", {"prompt": "typed meanwhile"})
            page.choose("image-edit")
            page.fill("image-edit", {"format": "webp"})

            road.enter_context(s3.way(port, peer))
            expect(page.field("image-edit", "image").locator("img").first).to_be_visible()
            assert page.read("image-edit", "image") == photo.read_bytes()
            assert (page.read("image-edit", "operation"), page.read("image-edit", "format")) == ("blur", "webp")
            page.wait_until(lambda: page.draft("image-edit")["format"] == "webp")
            page.open()
            page.choose("pattern")
            expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed meanwhile")


def test_a_page_whose_sign_in_has_ended_says_so(chromium: Browser, tmp_path: Path) -> None:
    with opened(chromium, tmp_path / "data", STUDIO_LOGIN="anonymous") as page:
        page.page.context.clear_cookies()
        page.fill("pattern", {"prompt": "typed too late"})
        expect(page.notice).to_contain_text("You are signed out. Reload the page to come in again.")
