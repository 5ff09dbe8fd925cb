"""Zooming and moving a picture in its frame: geometry that holds wherever the pointer and the edges are."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

View = dict[str, float]
SIZES = st.fixed_dictionaries({"width": st.integers(1, 9000), "height": st.integers(1, 9000)})
DOTS = st.sampled_from([1, 1 / 1.25, 1 / 2, 1 / 3])
PARTS = st.floats(0, 1)
FACTORS = st.lists(st.floats(0.2, 5), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/zoom.js") as page:
        yield page


def about(number: float) -> Any:
    return pytest.approx(number, rel=1e-6, abs=1e-3)


def is_settled(view: View, frame: View, picture: View) -> bool:
    """Centred where the picture is smaller than its frame, else it covers all of the frame."""
    for place, side in (("x", "width"), ("y", "height")):
        length = picture[side] * view["scale"]
        is_centred = view[place] == about((frame[side] - length) / 2)
        covers = view[place] <= 1e-3 and view[place] + length >= frame[side] - 1e-3
        if not (covers or (is_centred and length <= frame[side] * (1 + 1e-9))):
            return False
    return True


@given(frame=SIZES, picture=SIZES)
def test_all_of_a_picture_is_as_large_as_it_fits(page: Page, frame: View, picture: View) -> None:
    view = page.evaluate("([frame, picture]) => zoom.whole(frame, picture)", [frame, picture])
    sides = [picture[side] * view["scale"] / frame[side] for side in ("width", "height")]
    assert max(sides) == about(1)
    assert is_settled(view, frame, picture)


@given(frame=SIZES, picture=SIZES, dot=DOTS, across=PARTS, down=PARTS, factors=FACTORS)
def test_what_lies_under_the_pointer_stays_there_unless_an_edge_would_come_into_view(
    page: Page, frame: View, picture: View, dot: float, across: float, down: float, factors: list[float]
) -> None:
    at = {"x": across * frame["width"], "y": down * frame["height"]}
    views = page.evaluate(
        """([frame, picture, dot, at, factors]) => {
          const views = [zoom.whole(frame, picture)];
          for (const by of factors) {
            const last = views.at(-1);
            views.push(zoom.zoomed(last, last.scale * by, at, frame, picture, dot));
          }
          return views;
        }""",
        [frame, picture, dot, at, factors],
    )
    fit = views[0]["scale"]
    for before, after in pairwise(views):
        assert min(fit, dot) - 1e-9 <= after["scale"] <= max(fit, 32 * dot) * (1 + 1e-9)
        assert is_settled(after, frame, picture)
        by = after["scale"] / before["scale"]
        for place, side in (("x", "width"), ("y", "height")):
            wanted = at[place] - (at[place] - before[place]) * by
            length = picture[side] * after["scale"]
            if wanted <= 0 and wanted + length >= frame[side]:
                assert after[place] == about(wanted)


@given(frame=SIZES, picture=SIZES, scale=st.floats(0.01, 32), right=st.floats(-9000, 9000), down=st.floats(-9000, 9000))
def test_a_picture_that_is_moved_leaves_no_part_of_its_frame_empty(
    page: Page, frame: View, picture: View, scale: float, right: float, down: float
) -> None:
    moved = """([frame, picture, scale, right, down]) => {
      const view = zoom.moved({ x: 0, y: 0, scale }, right, down, frame, picture);
      return [view, zoom.settled(view, frame, picture)];
    }"""
    view, again = page.evaluate(moved, [frame, picture, scale, right, down])
    assert is_settled(view, frame, picture)
    assert view == again
