"""The drawing kit: texts stay texts, addresses stay on this site, and lists keep what stays in them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page
from tests.hostile_texts import HOSTILE_TEXTS


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "kit/dom.js") as page:
        yield page


def test_a_hostile_text_is_a_text_and_its_attribute_an_attribute(page: Page) -> None:
    draw = """(text) => {
      const node = dom.h("p", { title: text }, text);
      return [node.textContent, node.title, node.childElementCount];
    }"""
    for text in HOSTILE_TEXTS:
        assert page.evaluate(draw, text) == [text, text, 0]


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "blob:x"),
        *("http://elsewhere.test/a", "//elsewhere.test/a", "https://scripts.test/a", "http://[", "", None, 5),
    ],
)
def test_an_address_elsewhere_is_none(page: Page, address: Any) -> None:
    assert page.evaluate("(address) => dom.ownUrl(address)", address) is None


def test_an_address_here_is_whole(page: Page) -> None:
    assert page.evaluate("dom.ownUrl('/studio/media/a b')") == "http://scripts.test/studio/media/a%20b"


JOBS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 1)), unique_by=lambda job: job[0], max_size=9)
PATCH = """(lists) => {
  const host = document.createElement("ol"), built = [], drawn = [];
  return lists.map((jobs) => {
    const before = new Map([...host.children].map((node) => [node.dataset.job, node]));
    const items = jobs.map(([id, look]) => ({ id: String(id), look }));
    built.length = drawn.length = 0;
    dom.patchList(host, items, (item) => { built.push(item.id); return document.createElement("li"); },
      (node, item) => { drawn.push(item.id); node.textContent = `${item.id} ${item.look}`; });
    const kept = [...host.children].filter((node) => before.get(node.dataset.job) === node);
    return { shown: [...host.children].map((node) => node.textContent), built: [...built].sort(),
      drawn: [...drawn].sort(), kept: kept.map((node) => node.dataset.job).sort() };
  });
}"""


@given(lists=st.lists(JOBS, max_size=5))
def test_a_list_shows_its_items_and_touches_only_what_changed(page: Page, lists: list[list[tuple[int, int]]]) -> None:
    before: dict[int, int] = {}
    for jobs, patched in zip(lists, page.evaluate(PATCH, lists), strict=True):
        now = dict(jobs)
        assert patched["shown"] == [f"{id_} {look}" for id_, look in jobs]
        assert patched["built"] == sorted(str(id_) for id_ in now.keys() - before.keys())
        assert patched["kept"] == sorted(str(id_) for id_ in now.keys() & before.keys())
        assert patched["drawn"] == sorted(str(id_) for id_, look in jobs if before.get(id_) != look)
        before = now
