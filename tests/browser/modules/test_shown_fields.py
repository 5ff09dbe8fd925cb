"""Which fields show."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

NAMES = ["a", "b", "c", "d"]
LAY_OUT = """(showing) => {
  const rules = { m: [["a", null], ["b", ["one", "a", [true]]], ["c", ["set", "b"]], ["d", ["not", ["set", "b"]]]] };
  layout.setLayout({ rules, showing: { m: showing } }, () => {});
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/shown_fields.js") as page:
        yield page


@given(first=st.sets(st.sampled_from(NAMES)), then=st.lists(st.sets(st.sampled_from(NAMES)), max_size=4))
def test_a_field_gets_an_update_when_it_changes_and_no_other(page: Page, first: set[str], then: list[set[str]]) -> None:
    page.evaluate(LAY_OUT, sorted(first))
    change = (
        "([names, shown]) => shown_fields.change('m', names, (name) => shown.includes(name)).map((one) => one ?? null)"
    )
    shows = first
    for wanted in then:
        updates = page.evaluate(change, [NAMES, sorted(wanted)])
        expected = [
            {"__type__": "update", "visible": name in wanted} if (name in shows) != (name in wanted) else None
            for name in NAMES
        ]
        assert updates == expected
        shows = wanted
    assert page.evaluate("(names) => names.filter((name) => shown_fields.isShowing('m', name))", NAMES) == sorted(shows)


def test_dependents_follow_the_present_values_of_their_parents(page: Page) -> None:
    page.evaluate(LAY_OUT, ["a"])
    show = "(present) => shown_fields.show('m', ['a', 'b'], ['b', 'c', 'd'], present)"
    update = {"__type__": "update"}
    assert page.evaluate(show, [True, "set"]) == [{**update, "visible": True}, {**update, "visible": True}, None]
    assert page.evaluate(show, [True, ""]) == [None, {**update, "visible": False}, {**update, "visible": True}]
    assert page.evaluate(show, [False, ""]) == [{**update, "visible": False}, None, {**update, "visible": False}]


def test_a_field_that_comes_to_show_is_waited_for(page: Page) -> None:
    page.evaluate(LAY_OUT, ["a"])
    assert page.evaluate("() => { shown_fields.change('m', ['b'], () => true); return shown_fields.isSettling('m'); }")
    page.evaluate("shown_fields.settled('m')")
    assert page.evaluate("shown_fields.isSettling('m')") is False
