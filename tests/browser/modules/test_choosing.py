"""Which jobs are chosen by presses with a key held, and by the keys."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

ORDER = [f"job-{number}" for number in range(8)]
DO = """([order, steps]) => {
  let changes = 0;
  const chosen = choosing.choosing(() => { changes += 1; });
  for (const [step, id] of steps) {
    if (step === "toggle") chosen.toggle(id);
    else if (step === "begin") chosen.beginAt(id);
    else if (step === "reach") chosen.reach(order, id);
    else if (step === "all") chosen.put(order);
    else chosen.keep(order.slice(0, 4));
  }
  return [[...chosen.ids], changes];
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/choosing.js") as page:
        yield page


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["toggle", "begin", "reach", "all", "keep"]), st.sampled_from(ORDER)), max_size=10
    )
)
def test_what_is_chosen_is_what_was_pressed(page: Page, steps: list[tuple[str, str]]) -> None:
    ids, _ = page.evaluate(DO, [ORDER, steps])
    chosen: set[str] = set()
    begin = None
    for step, job in steps:
        if step == "toggle":
            chosen ^= {job}
        if step in ("toggle", "begin"):
            begin = job
        if step == "reach":
            low, high = sorted((ORDER.index(begin or job), ORDER.index(job)))
            chosen = set(ORDER[low : high + 1])
        if step == "all":
            chosen = set(ORDER)
        if step == "keep":
            chosen &= set(ORDER[:4])
    assert set(ids) == chosen
