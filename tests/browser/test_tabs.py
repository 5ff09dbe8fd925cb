"""Many tabs of one browser, which opens six connections to a host for all of them together."""

import json

from playwright.sync_api import BrowserContext, Request, expect

from tests.browser.conftest import Studio, leave, page_of
from tests.browser.studio_page import StudioPage

TABS = 10
SMALL = {"width": 128, "height": 128}


def test_ten_tabs_of_one_browser_work_and_an_idle_one_holds_no_connection(
    window: BrowserContext, studio: Studio
) -> None:
    with page_of(window, studio, "ten tabs") as first:
        others = [_tab(window, studio) for _ in range(TABS - 2)]
        streams: dict[Request, str] = {}
        last = StudioPage(window.new_page(), studio.url, studio.data_dir)
        last.page.on("request", lambda asked: _is_quick(asked) or streams.update({asked: asked.url}))
        last.page.on("requestfinished", lambda asked: streams.pop(asked, None))
        last.page.on("requestfailed", lambda asked: streams.pop(asked, None))
        last.open()
        first.choose("pattern")
        first.fill("pattern", SMALL)
        first.generate("pattern")
        expect(last.cards).to_have_count(1)
        last.wait_until(lambda: not streams, lambda: json.dumps(list(streams.values())))
        for tab in (last, *others):
            leave(tab)


def _tab(window: BrowserContext, studio: Studio) -> StudioPage:
    tab = StudioPage(window.new_page(), studio.url, studio.data_dir)
    tab.open()
    return tab


def _is_quick(asked: Request) -> bool:
    """The page's look at what is new, each second: its answer comes at once."""
    return "/gradio_api/run/" in asked.url
