"""Where the gallery's cards stand, and where the keys go among them."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

GAP, HEADING = 8, 36
LAY_OUT = """([days, width, size, foot]) => {
  const time = (day) => day && `2026-01-${String(day).padStart(2, "0")}T12:00:00+00:00`;
  window.laid = rows.layOut(days.map((day) => ({ created_at: time(day) })), width, size, foot);
  return laid;
}"""
layouts = st.fixed_dictionaries(
    {
        "days": st.lists(st.none() | st.integers(1, 28), max_size=40).map(
            lambda days: sorted(days, key=lambda day: -(day or 0))
        ),
        "width": st.integers(100, 2000),
        "size": st.integers(72, 320),
        "foot": st.sampled_from([0, 84]),
    }
)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/rows.js") as page:
        yield page


def lay_out(page: Page, layout: dict[str, Any]) -> dict[str, Any]:
    laid: dict[str, Any] = page.evaluate(LAY_OUT, [layout[name] for name in ("days", "width", "size", "foot")])
    return laid


@given(layout=layouts)
def test_cards_stand_in_order_below_their_day_and_none_on_another(page: Page, layout: dict[str, Any]) -> None:
    laid = lay_out(page, layout)
    places = list(zip(laid["ys"], laid["across"], strict=True))
    assert len(places) == len(layout["days"])
    assert laid["columns"] >= 2
    assert abs(laid["columns"] * (laid["cell"] + GAP) - GAP - layout["width"]) < 0.01
    for (y, column), (next_y, next_column) in pairwise(places):
        steps = [laid["row"], laid["row"] + HEADING] if next_column == 0 else [0]
        assert any(next_y - y == pytest.approx(step) for step in steps)
        assert next_column in (column + 1, 0)
    begins = [day["before"] for day in laid["days"]]
    for place, (before, after) in enumerate(pairwise(layout["days"]), 1):
        assert (place in begins) == (after is not None and after != before)
    assert laid["height"] == (places[-1][0] + laid["row"] if places else 0)


@given(layout=layouts.filter(lambda layout: layout["days"]))
def test_days_stand_side_by_side_where_the_whole_of_each_fits_into_the_row(page: Page, layout: dict[str, Any]) -> None:
    """Only the first day has no heading, and so nothing beside it."""
    laid = lay_out(page, layout)
    ends = [*(day["before"] for day in laid["days"][1:]), len(laid["ys"])]
    rows: dict[float, int] = {}
    for number, (day, end) in enumerate(zip(laid["days"], ends, strict=True)):
        cards, count = range(day["before"], end), end - day["before"]
        others = [one for one in laid["days"] if one is not day and one["y"] == day["y"]]
        assert day["beside"] == (count if others else 0)
        assert laid["across"][day["before"]] == rows.get(day["y"], 0)
        assert {laid["ys"][card] for card in cards} == {day["y"] + HEADING} or not others
        if number > 1 and not (others and day["y"] == laid["days"][number - 1]["y"]):
            before = laid["days"][number - 1]
            is_one_row = laid["ys"][day["before"] - 1] == before["y"] + HEADING
            assert not is_one_row or laid["across"][day["before"] - 1] + 1 + count > laid["columns"]
        rows[day["y"]] = laid["across"][end - 1] + 1
        at = "(y) => rows.dayAt(laid, y)"
        assert page.evaluate(at, day["y"]) == next(one for one in laid["days"] if one["y"] == day["y"])


@given(layout=layouts, top=st.integers(-500, 3000), more=st.integers(0, 2000))
def test_the_cards_between_two_heights_are_those_that_are_there(
    page: Page, layout: dict[str, Any], top: int, more: int
) -> None:
    laid = lay_out(page, layout)
    begin, end = page.evaluate("([top, bottom]) => rows.between(laid, top, bottom)", [top, top + more])
    there = [place for place, y in enumerate(laid["ys"]) if y + laid["row"] > top and y < top + more]
    assert list(range(begin, end)) == there


@given(layout=layouts.filter(lambda layout: layout["days"]), data=st.data())
def test_the_keys_go_to_the_next_card_row_and_screen_and_stop_at_the_ends(
    page: Page, layout: dict[str, Any], data: st.DataObject
) -> None:
    laid = lay_out(page, layout)
    last = len(laid["ys"]) - 1
    start = data.draw(st.integers(0, last))

    def go(key: str, screen: int = 2) -> int | None:
        ask = "([from, key, screen]) => rows.goBy(laid, from, key, screen)"
        place: int | None = page.evaluate(ask, [start, key, screen])
        return place

    assert (go("ArrowLeft"), go("ArrowRight")) == (max(0, start - 1), min(last, start + 1))
    assert go("Enter") is go("a") is None
    heights = sorted(set(laid["ys"]))
    row = heights.index(laid["ys"][start])
    for key, by in (("ArrowUp", -1), ("ArrowDown", 1), ("PageUp", -2), ("PageDown", 2)):
        place = go(key)
        assert place is not None
        wanted = min(len(heights) - 1, max(0, row + by))
        assert laid["ys"][place] == heights[wanted]
        assert laid["across"][place] <= laid["across"][start]
