"""How many jobs Generate makes, and their seeds."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from components.whole_numbers import from_page, to_page
from tests.browser.modules.module_page import module_page

MOST = 2**64 - 1
LAYOUT = 'export const seedsOf = () => [["seed", window.most]];'
PLACES = 'export const fieldAt = () => ({ model: "m", name: "seed" });'


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {"form/layout.js": LAYOUT, "form/places.js": PLACES}
    with module_page(chromium, "form/count.js", stand_ins=stand_ins) as page:
        yield page


def seeds(page: Page, seed: Any, number: int, most: int) -> list[Any]:
    page.evaluate("(most) => { window.most = most; }", str(most))
    made = page.evaluate("([seed, number]) => count.each('m', { seed, prompt: 'a' }, number)", [seed, number])
    assert [one["prompt"] for one in made] == ["a"] * number
    return [from_page(one["seed"]) for one in made]


@given(most=st.integers(8, MOST), seed=st.integers(0, MOST), number=st.integers(1, 8))
def test_a_chosen_seed_counts_up_within_the_models_own_and_none_comes_twice(
    page: Page, most: int, seed: int, number: int
) -> None:
    seed = min(seed, most)
    made = seeds(page, to_page(seed), number, most)
    assert made[0] == seed
    assert all(0 <= one <= most for one in made)
    assert all((after - before) % (most + 1) == 1 for before, after in pairwise(made))


@given(seed=st.none() | st.just("abc") | st.integers(max_value=-1).map(str) | st.integers(MOST + 1).map(str))
def test_a_random_seed_stays_one_and_what_is_none_is_left_to_the_server(page: Page, seed: Any) -> None:
    page.evaluate("(most) => { window.most = most; }", str(MOST))
    made = page.evaluate("(seed) => count.each('m', { seed }, 3)", seed)
    assert made == [{"seed": seed}] * 3


def test_the_count_stays_within_its_limits_and_is_told(page: Page) -> None:
    page.evaluate("() => count.counted.listen((one) => void calls.push(one))")
    page.evaluate("() => [0, 3, 99, NaN].forEach(count.countJobs)")
    assert page.evaluate("calls") == [1, 3, 8, 1]


def test_the_seed_that_ran_last_is_kept_else_a_new_one_that_the_model_takes(page: Page) -> None:
    page.evaluate("() => { window.most = '3'; }")
    assert page.evaluate("count.seedToKeep(document.body)") in range(4)
    page.evaluate("count.ranWith('m', 42)")
    assert page.evaluate("count.seedToKeep(document.body)") == 42
