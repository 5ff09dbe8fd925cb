"""A server that is away for a while."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

PAGE = """() => {
  const dependencies = [{ id: 1, targets: [[0, "tick"]] }, { id: 2, targets: [[0, "delete"]] }];
  window.gradio_config = { root: location.origin, api_prefix: "", app_id: 5, dependencies };
  window.away = window.fails = window.sleeps = false;
  window.fetch = async (address) => {
    calls.push(["server", address]);
    if (address === "/app_id") return away ? new Response("", { status: 502 }) : Response.json({ app_id: 5 });
    if (sleeps) return new Promise(() => {});
    if (away || fails) throw new TypeError("away");
    return new Response("answer");
  };
  window.event = (id) => fetch("/gradio_api/queue/join", { method: "POST", body: JSON.stringify({ fn_index: id }) });
}"""

EVENT = "/gradio_api/queue/join"


STAND_INS = {
    "kit/say.js": stand_in("say", "sayLoudly", "unsay"),
    "form/drafts.js": stand_in("leave"),
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "gradio_ext/reconnect.js", stand_ins=STAND_INS, before=PAGE) as page:
        yield page


def said(page: Page) -> list[str]:
    return list(page.evaluate("calls.filter(([name]) => name === 'say').map(([, { tone }]) => tone)"))


def test_an_event_that_changes_nothing_waits_for_the_server_and_is_asked_again(page: Page) -> None:
    page.evaluate("() => { away = true; window.asked = event(1).then((one) => one.text()); }")
    page.wait_for_function("calls.some(([name]) => name === 'say')")
    assert said(page) == ["warn"]
    page.evaluate("() => { away = false; }")
    assert page.evaluate("asked") == "answer"
    assert said(page) == ["warn", "good"]


def test_an_event_that_changes_something_is_asked_once(page: Page) -> None:
    page.evaluate("() => { away = true; }")
    assert page.evaluate("event(2).catch(({ message }) => message)") == "away"
    assert page.evaluate("calls.length") == 1


def test_one_failure_of_a_server_that_is_there_is_not_spoken_of(page: Page) -> None:
    page.evaluate("() => { fails = true; window.asked = event(1).then((one) => one.text(), () => 'none'); }")
    assert page.evaluate("asked") == "none"
    assert page.evaluate("calls.map(([, address]) => address)") == [EVENT, "/app_id", EVENT]
    assert said(page) == []


def test_other_requests_do_not_wait(page: Page) -> None:
    page.evaluate("() => { away = true; window.asked = event(1); }")
    page.wait_for_function("calls.some(([name]) => name === 'say')")
    assert page.evaluate("fetch('/elsewhere').catch(({ message }) => message)") == "away"


def test_what_is_never_answered_is_asked_again(chromium: Browser) -> None:
    """As it may be when a laptop slept meanwhile: the connection is gone, and nobody says so."""
    reconnect = "gradio_ext/reconnect.js"
    with module_page(chromium, reconnect, stand_ins=STAND_INS, before=PAGE, has_own_clock=True) as page:
        page.evaluate("() => { sleeps = true; window.asked = event(1).then((one) => one.text()); }")
        page.evaluate("() => { sleeps = false; }")
        page.clock.fast_forward(40_000)
        assert page.evaluate("asked") == "answer"
        assert said(page) == []
