"""What the page asks each second, and how far the jobs are for whoever shows them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

BEFORE = """() => {
  window.gradio_config = { root: "http://scripts.test/below/" };
  window.told = { changes: 1, jobs: {}, wait: "", loaded: [], may_unload: true };
  window.fetch = async (address, { headers }) => {
    const text = JSON.stringify(told);
    calls.push([String(address), headers["If-None-Match"] ?? null, Date.now()]);
    if (told === null) throw new TypeError("away");
    if (headers["If-None-Match"] === text) return new Response(null, { status: 304 });
    return new Response(text, { headers: { etag: text } });
  };
  window.heard = [];
  window.page = { workspace: () => "a b", hear: ({ changes }) => heard.push(changes) };
}"""
LOOK = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
MOVE = """([progress, making]) => {
  moves.tellMoves({ jobs: { a: { progress, making } }, wait: "" });
  return moves.moving({ id: "a", status: "running", title: "A" });
}"""


@pytest.fixture
def still(chromium: Browser) -> Iterator[Page]:
    """A page that asks nothing by itself."""
    with module_page(chromium, "library/moves.js", "library/tick.js", before=BEFORE, has_own_clock=True) as page:
        yield page


@pytest.fixture
def page(still: Page) -> Page:
    still.evaluate("() => tick.beginToAsk(page)")
    still.wait_for_function("heard.length === 1")
    return still


def test_it_asks_once_a_second_and_hears_also_that_nothing_is_new(page: Page) -> None:
    page.clock.fast_forward(1000)
    page.wait_for_function("heard.length === 2")
    (first, no_tag, then), (again, tag, later) = page.evaluate("calls")
    assert later - then >= 1000
    assert first == again == "/below/studio/live?workspace=a+b"
    assert (no_tag, tag) == (None, page.evaluate("JSON.stringify(told)"))
    page.evaluate("() => { told = { ...told, changes: 2 }; }")
    page.clock.fast_forward(1000)
    page.wait_for_function("heard.length === 3")
    assert page.evaluate("heard") == [1, 1, 2]


def test_a_question_that_failed_is_asked_again_and_nothing_is_heard(page: Page) -> None:
    page.evaluate("() => { told = null; }")
    page.clock.fast_forward(1000)
    page.wait_for_function("calls.length === 2")
    page.evaluate("() => { told = { changes: null }; }")
    page.clock.run_for(1100)
    page.wait_for_function("heard.length === 2")
    assert page.evaluate("heard") == [1, None]


def test_who_asks_now_does_not_ask_twice_at_a_time(page: Page) -> None:
    page.evaluate("() => Promise.all([tick.askNow(), tick.askNow(), tick.askNow()])")
    assert page.evaluate("calls.length") == 2


def test_a_page_that_is_looked_at_again_asks_at_once(page: Page) -> None:
    page.evaluate(LOOK, True)
    page.evaluate(LOOK, False)
    page.wait_for_function("heard.length === 2")


def test_a_card_has_what_moves_only_while_its_job_is_at_work(still: Page) -> None:
    moved = still.evaluate(MOVE, [0.5, "/b"])
    assert moved == {"id": "a", "status": "running", "title": "A", "progress": 0.5, "making": "/b"}
    for card in (None, {"id": "a", "status": "completed"}, {"id": "b", "status": "queued"}):
        assert still.evaluate("(card) => moves.moving(card)", card) == card
    assert still.evaluate("moves.progressOfOne()") == 0.5


def test_the_picture_stays_while_nobody_looks_and_is_the_newest_then(still: Page) -> None:
    still.evaluate(MOVE, [0.1, "/1"])
    still.evaluate(LOOK, True)
    assert still.evaluate(MOVE, [0.2, "/2"])["making"] == "/1"
    still.evaluate("() => moves.moved.listen(() => calls.push('moved'))")
    assert still.evaluate(MOVE, [0.2, "/3"])["making"] == "/1"
    assert still.evaluate("calls.includes('moved')") is False
    still.evaluate(LOOK, False)
    assert still.evaluate("moves.moving({ id: 'a', status: 'queued' }).making") == "/3"
    assert still.evaluate("calls.includes('moved')")
