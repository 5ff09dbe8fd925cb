"""A day, month or year that is typed among the filters."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

SPAN = """(text) => days.spanOf(text)?.map((moment) => moment && [moment.getFullYear(), moment.getMonth() + 1,
  moment.getDate(), moment.getHours(), moment.getMinutes()]) ?? null"""
DAYS = st.dates(date(100, 1, 1), date(9998, 12, 31))


@pytest.fixture(scope="module")
def script(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/days.js") as page:
        yield page


@given(day=DAYS, between=st.sampled_from("-/."), is_short=st.booleans())
@example(day=date(2024, 2, 29), between="-", is_short=False)
def test_a_day_a_month_and_a_year_end_where_the_next_begins(
    script: Page, day: date, between: str, is_short: bool
) -> None:
    year, month, date_ = f"{day.year:04}", f"{day.month:0{1 if is_short else 2}}", f"{day.day:0{1 if is_short else 2}}"
    this_month, this_year = day.replace(day=1), day.replace(month=1, day=1)
    next_month = (this_month + timedelta(days=31)).replace(day=1)
    spans = {
        between.join((year, month, date_)): (day, day + timedelta(days=1)),
        between.join((year, month)): (this_month, next_month),
        f" {year} ": (this_year, date(day.year + 1, 1, 1)),
    }
    for typed, bounds in spans.items():
        assert script.evaluate(SPAN, typed) == [[one.year, one.month, one.day, 0, 0] for one in bounds]


@given(typed=st.text(alphabet="0123456789-/. x", min_size=1))
@example(typed="2026-02-30")
@example(typed="2026-13")
@example(typed="2026-00-10")
@example(typed="0001-01-01")
@example(typed="9999")
@example(typed="2026-11-30-")
@example(typed="yesterday")
def test_what_is_no_day_names_none_and_nothing_has_no_bounds(script: Page, typed: str) -> None:
    span = script.evaluate(SPAN, typed)
    if typed.strip() == "":
        assert span == [None, None]
    else:
        assert span is None or all(1 <= one[1] <= 12 and typed.strip()[:4] == f"{span[0][0]:04}" for one in span)
    if typed in ("2026-02-30", "2026-13", "2026-00-10", "0001-01-01", "9999", "2026-11-30-", "yesterday"):
        assert span is None
