"""Faults that are really caused under a page: it says so calmly, and goes on by itself when they are over."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from storage.errors import FULL
from tests import media_samples, postgres, s3
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage
from tests.studio.test_faults import fill, mounted


@contextmanager
def opened(window: BrowserContext, server: Studio) -> Iterator[StudioPage]:
    """The page of one who has never been there, with one job."""
    window.clear_cookies()
    tab = window.new_page()
    try:
        page = StudioPage(tab, server.url, server.data_dir)
        page.open()
        page.choose("pattern")
        page.fill("pattern", {"prompt": "a pond", "width": 128, "height": 128})
        page.generate("pattern")
        yield page
    finally:
        tab.close()


@dataclass
class Exposed:
    """A studio for anybody, with its data on a small disk of their own and its media in a bucket."""

    server: Studio
    disk: Path | None
    """None where none can be mounted."""
    bucket: s3.Peer
    port: int
    way: ExitStack
    """From the port to the bucket: when it is closed, the studio does not reach its media."""

    def open_way(self) -> None:
        self.way.enter_context(s3.way(self.port, self.bucket))


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exposed]:
    folder, port = tmp_path_factory.mktemp("exposed"), s3.free_port()
    with s3.moto() as bucket, mounted(folder / "disk") as disk, ExitStack() as way:
        settings = {"STUDIO_LOGIN": "anonymous", "STUDIO_MEDIA_URL": s3.Peer(port).url("studio")}
        server = Studio(disk or folder / "data", **settings)
        exposed = Exposed(server, disk, bucket, port, way)
        exposed.open_way()
        server.start()
        yield exposed
        server.stop()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[tuple[Studio, postgres.Server]]:
    """A studio, and the database server that it is on."""
    with postgres.studio_server() as database:
        server = Studio(tmp_path / "data", STUDIO_DATABASE_URL=database.url.format("studio"))
        server.start()
        yield server, database
        server.stop()


def test_a_database_that_stops_and_comes_back_under_an_open_page(
    window: BrowserContext, mortal: tuple[Studio, postgres.Server]
) -> None:
    server, database = mortal
    with opened(window, server) as page:
        card, outage, toast = page.cards, page.page.locator("#outage .outage"), page.page.locator(".toast-body")
        database.stop()
        expect(outage).to_have_text("The studio's database does not answer; trying again …")
        expect(toast).to_have_count(0)
        card.locator(".favourite").click()
        said = page.page.locator(".undos .undo")
        expect(said).to_contain_text("The studio's database does not answer: try again in a moment.")
        page.fill("pattern", {"prompt": "typed meanwhile"})
        expect(page.notice).to_contain_text("What you type is not kept yet.")

        database.start()
        expect(outage).to_have_text("")
        expect(page.notice).to_contain_text("What you type is kept again.")
        expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "false")
        card.locator(".favourite").click()
        expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "true")
        page.generate("pattern")
        page.open()
        expect(page.cards.last.locator(".favourite")).to_have_attribute("aria-pressed", "true")
        expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed meanwhile")


def test_a_disk_that_is_full_and_is_not_any_more(window: BrowserContext, exposed: Exposed) -> None:
    with opened(window, exposed.server) as page:
        ballast = fill(exposed.disk or pytest.skip("no disk can be mounted here"))
        page.group("pattern").locator(".generate").click()
        expect(page.notice).to_contain_text(FULL)
        expect(page.cards).to_have_count(1)
        ballast.unlink()
        page.generate("pattern")


def test_a_bucket_that_is_away_when_the_page_is_opened_keeps_back_only_forms_with_files(
    window: BrowserContext, exposed: Exposed, tmp_path: Path
) -> None:
    photo = media_samples.png(tmp_path / "photo.png")
    with opened(window, exposed.server) as page:
        page.fill("pattern", {"prompt": "left before"})
        page.choose("image-edit")
        page.fill("image-edit", {"image": photo, "operation": "blur"})
        page.wait_until(lambda: page.draft("image-edit").get("operation") == "blur")
        page.page.goto("about:blank")
        exposed.way.close()

        page.open()
        words = "The files of Image Edit cannot be reached. What you left there comes back with them."
        expect(page.notice).to_contain_text(words)
        page.choose("pattern")
        expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("left before")
        page.fill("pattern", {"prompt": "typed meanwhile"})
        page.choose("image-edit")
        page.fill("image-edit", {"format": "webp"})

        exposed.open_way()
        expect(page.field("image-edit", "image").locator("img").first).to_be_visible()
        assert page.read("image-edit", "image") == photo.read_bytes()
        assert (page.read("image-edit", "operation"), page.read("image-edit", "format")) == ("blur", "webp")
        page.wait_until(lambda: page.draft("image-edit")["format"] == "webp")
        page.open()
        page.choose("pattern")
        expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed meanwhile")


def test_a_page_whose_sign_in_has_ended_says_so(window: BrowserContext, exposed: Exposed) -> None:
    with opened(window, exposed.server) as page:
        window.clear_cookies()
        page.fill("pattern", {"prompt": "typed too late"})
        expect(page.notice).to_contain_text("You are signed out. Reload the page to come in again.")
