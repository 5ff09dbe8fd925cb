"""What is dropped: which files may be results."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from components.form.importable import IMPORTABLE
from storage.media.formats import OF_FFMPEG, OF_PILLOW
from tests.browser.modules.module_page import module_page

FORMATS = [*OF_PILLOW.values(), *OF_FFMPEG.values()]
MAY_BE_RESULT = "(names) => names.filter((name) => dropped.mayBeResult({ name, type: '' }))"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/dropped.js") as page:
        page.evaluate("(importable) => layout.setLayout({ importable }, () => {})", IMPORTABLE)
        yield page


def test_a_file_with_an_extension_that_the_store_knows_may_be_a_result(page: Page) -> None:
    names = [f"a.b.{name}" for one in FORMATS for name in (one.extension, one.extension.upper(), *one.others)]
    assert page.evaluate(MAY_BE_RESULT, names) == names


def test_a_file_of_another_extension_or_none_is_no_result(page: Page) -> None:
    assert page.evaluate(MAY_BE_RESULT, ["png", "a.txt", "a.png.json", "a.svg", "a.", "", "log.html"]) == []


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_a_file_that_the_browser_knows_the_kind_of_may_be_a_result_whatever_it_is_called(page: Page, kind: str) -> None:
    assert page.evaluate("(type) => dropped.mayBeResult({ name: 'a', type })", f"{kind}/x-unknown")
