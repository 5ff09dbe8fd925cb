"""Fooocus' log in the browser: what the server's reader finds in it."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from interchange import fooocus_log
from tests.browser.modules.module_page import module_page
from tests.interchange import made_files

NAMES = st.text("ab1.-_é", min_size=1, max_size=9)
SETTINGS = st.dictionaries(st.sampled_from(["prompt", "seed", "steps"]), st.text(max_size=20), min_size=1)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/fooocus_log.js") as page:
        yield page


@given(st.dictionaries(NAMES, SETTINGS, max_size=4))
def test_each_picture_has_its_settings(page: Page, pictures: dict[str, dict[str, str]]) -> None:
    log = made_files.fooocus_log(pictures)
    found = fooocus_log.parse(log.encode())
    by_key = {fooocus_log.key(name): settings for name, settings in reversed(list(pictures.items()))}
    assert {key: json.loads(text) for key, text in found.items()} == by_key
    shown = page.evaluate("(log) => Object.fromEntries(fooocus_log.parseLog(log))", log)
    assert shown == {key: text.decode() for key, text in found.items()}
    assert page.evaluate("(names) => names.map(fooocus_log.keyOf)", [*pictures]) == [*map(fooocus_log.key, pictures)]


@pytest.mark.parametrize("log", ["", '<div id="a">to_clipboard(\'%', "<div id=", "<div id=\"a\">to_clipboard(''"])
def test_what_is_no_log_says_nothing(page: Page, log: str) -> None:
    assert page.evaluate("(log) => [...fooocus_log.parseLog(log).keys()]", log) == []
