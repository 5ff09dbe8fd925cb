"""The one place that intercepts requests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.browser.modules.module_page import module_page

SERVER = """() => { window.fetch = async (asked, options) => {
  calls.push(["server", String(asked?.url ?? asked), options?.method ?? null]);
  return new Response("from the server", { status: 200 });
}; }"""
INTERCEPT = """([name, answers]) => requests.intercept(async (address, options, next) => {
  calls.push([name, new URL(address, location).pathname]);
  const answer = answers ? new Response(`from ${name}`) : await next();
  calls.push([`${name} has`, await answer.clone().text()]);
  return answer;
})"""
ASK = "async () => (await fetch('/asked', { method: 'POST' })).text()"


@given(answering=st.lists(st.booleans(), max_size=5))
def test_a_request_passes_through_all_in_their_order_until_one_answers(
    chromium: Browser, answering: list[bool]
) -> None:
    with module_page(chromium, "kit/requests.js", before=SERVER) as page:
        for place, answers in enumerate(answering):
            page.evaluate(INTERCEPT, [str(place), answers])
        said = page.evaluate(ASK)
        calls: list[Any] = page.evaluate("calls")
    last = answering.index(True) if True in answering else None
    asked = list(range(len(answering) if last is None else last + 1))
    assert said == ("from the server" if last is None else f"from {last}")
    server = [["server", "/asked", "POST"]] if last is None else []
    there = [[str(place), "/asked"] for place in asked]
    assert calls == there + server + [[f"{place} has", said] for place in reversed(asked)]


def test_what_is_asked_with_a_request_object_is_intercepted_too(chromium: Browser) -> None:
    with module_page(chromium, "kit/requests.js", before=SERVER) as page:
        page.evaluate(INTERCEPT, ["one", False])
        page.evaluate("async () => (await fetch(new Request('/made'))).text()")
        assert page.evaluate("calls[0]") == ["one", "/made"]
        assert page.evaluate("calls[1][1]").endswith("/made")


def test_a_refusal_of_the_network_reaches_who_asked(chromium: Browser) -> None:
    broken = "() => { window.fetch = async () => { throw new TypeError('away'); }; }"
    with module_page(chromium, "kit/requests.js", before=broken) as page:
        page.evaluate("requests.intercept((address, options, next) => next())")
        assert page.evaluate("() => fetch('/asked').catch((error) => error.message)") == "away"


WHOSE = """() => { window.fetch = async (asked, options) => {
  calls.push(new Headers(options?.headers ?? asked.headers).get("x-studio-user"));
  return new Response("");
}; }"""


@pytest.mark.parametrize(
    ("asked", "whose"),
    [
        ("'/asked', { method: 'POST', headers: { 'x-studio-user': 'bob' } }", "ann%20%C3%A4"),
        ("new URL('/asked', location)", "ann%20%C3%A4"),
        ("new Request('/asked')", "ann%20%C3%A4"),
        ("'https://elsewhere.test/'", None),
    ],
)
def test_every_request_to_the_studio_says_whose_page_asks(chromium: Browser, asked: str, whose: str | None) -> None:
    with module_page(chromium, "kit/requests.js", before=WHOSE) as page:
        page.evaluate("() => { window.gradio_config = { username: 'ann ä' }; }")
        page.evaluate(f"async () => {{ await fetch({asked}); await requests.nativeFetch({asked}); }}")
        assert page.evaluate("calls") == [whose, whose]


def test_a_page_without_a_user_says_none(chromium: Browser) -> None:
    with module_page(chromium, "kit/requests.js", before=WHOSE) as page:
        page.evaluate("async () => { await fetch('/asked'); }")
        assert page.evaluate("calls") == [None]
