"""The page rounds a size as the server does."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from model_configs.kinds import Size
from tests.browser.modules.module_page import module_page

SIDES = st.integers(1, 3000) | st.integers(1, 10**6)
MEGAPIXELS = st.none() | st.sampled_from([0.25, 1, 1.5, 4]) | st.floats(0.01, 64)


@pytest.fixture(scope="module")
def blank_page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/sizes.js") as page:
        yield page


@st.composite
def sizes(draw: st.DrawFn) -> Size:
    multiple = draw(st.sampled_from([1, 2, 8, 16, 64]) | st.integers(1, 1024))
    minimum = draw(st.integers(1, 1024))
    least = -(-minimum // multiple) * multiple
    most = draw(MEGAPIXELS)
    assume(most is None or least**2 <= most * 2**20)
    return Size(
        kind="size", multiple=multiple, minimum=minimum, maximum=draw(st.integers(least, least + 8192)),
        max_megapixels=most,
    )  # fmt: skip


@given(size=sizes(), wide=SIDES, high=SIDES)
@example(size=Size(kind="size", multiple=2, minimum=2, maximum=9), wide=3, high=5)  # halfway between two
@example(size=Size(kind="size", max_megapixels=1), wide=4096, high=4096)
@example(size=Size(kind="size", max_megapixels=0.3, multiple=64), wide=1, high=10**6)
def test_the_page_finds_the_size_that_the_server_finds(blank_page: Page, size: Size, wide: int, high: int) -> None:
    limits = size.model_dump(include={"multiple", "minimum", "maximum", "max_megapixels"})
    near = size.fit({"width": wide, "height": high})
    asked = "([wide, high, limits]) => sizes.nearestSize(wide, high, limits)"
    assert blank_page.evaluate(asked, [wide, high, limits]) == near
    assert size.check(near) == near
