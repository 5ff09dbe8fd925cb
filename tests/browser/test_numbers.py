"""Numbers are what was typed, with a comma or a point: never another one without a word."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from components.whole_numbers import from_page, to_page
from tests.browser.modules.module_page import module_page
from tests.browser.studio_page import StudioPage

NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


@pytest.fixture(scope="module")
def blank_page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/numbers.js") as page:
        yield page


def read(page: Page, words: list[str], *, whole: bool) -> list[Any]:
    return list(page.evaluate("([all, whole]) => all.map((one) => numbers.readNumber(one, whole))", [words, whole]))


TYPED = st.text("0123456789.,-+e _x", max_size=9) | st.floats(-1e9, 1e9).map(str)


@given(words=st.lists(TYPED | TYPED.map(lambda one: one.replace(".", ",")), max_size=20))
def test_a_number_has_one_point_or_one_comma_and_all_else_stays_as_typed(blank_page: Page, words: list[str]) -> None:
    for whole, pattern in ((False, NUMBER), (True, re.compile(r"[+-]?\d+"))):
        expected = [
            None
            if one.strip() == ""
            else float(one.replace(",", "."))
            if pattern.fullmatch(one.strip())
            else one.strip()
            for one in words
        ]
        assert read(blank_page, words, whole=whole) == [
            one if not isinstance(one, float) or abs(one) != float("inf") else typed.strip()
            for one, typed in zip(expected, words, strict=True)
        ]


SEEDS = st.integers(0, 2**64 - 1) | st.integers(-5, 5).map(lambda near: 2**53 + near)


@given(seeds=st.lists(SEEDS, max_size=20))
def test_a_whole_number_is_exact_on_its_way_through_the_page(blank_page: Page, seeds: list[int]) -> None:
    typed = read(blank_page, [f" {seed:0>21} " for seed in seeds], whole=True)
    assert typed == [to_page(seed) for seed in seeds]
    told = json.dumps([to_page(seed) for seed in seeds])
    back = json.loads(blank_page.evaluate("(text) => JSON.stringify(JSON.parse(text))", told))
    assert [from_page(value) for value in back] == seeds


def test_a_keyboard_of_east_asia_and_a_true_minus_write_numbers_too(blank_page: Page) -> None:
    assert read(blank_page, ["２．５", "－１，５", "\u22122,5", "1e999", "1,234.5", "2²", "٢"], whole=False) == [
        2.5,
        -1.5,
        -2.5,
        "1e999",
        "1,234.5",
        "2²",
        "٢",
    ]


def held(page: StudioPage, model_id: str) -> dict[str, Any]:
    """What the form's fields hold, as Generate would send it."""
    return dict(page.page.evaluate("(model) => studio.form.present(model)", model_id))


def box_of(page: StudioPage, model_id: str, name: str) -> Locator:
    return page.field(model_id, name).locator("input:not([type=range])")


def enter(box: Locator, words: str, how: str) -> None:
    """Select what the box holds and type the words over it, or paste them; then leave it."""
    box.select_text()
    if how == "paste":
        box.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        box.page.evaluate("(words) => navigator.clipboard.writeText(words)", words)
        box.press("Control+V")
    else:
        box.page.keyboard.type(words)
    box.page.keyboard.press("Tab")


@pytest.mark.parametrize("how", ["type", "paste"])
def test_a_comma_is_a_point_in_every_field_of_numbers(page: StudioPage, how: str) -> None:
    page.choose("ken-burns")
    for name, words in (("duration", "2,5"), ("zoom_to", "1,5"), ("pan_amount", "2,5")):
        enter(box_of(page, "ken-burns", name), words, how)
    now = held(page, "ken-burns")
    assert (now["duration"], now["zoom_to"]) == (2.5, 1.5)
    assert now["pan_amount"] is None  # a whole number: it is refused, and stands there as it was typed
    expect(box_of(page, "ken-burns", "pan_amount")).to_have_value("2,5")
    page.choose("audio-edit")
    page.fill("audio-edit", {"trim": True})
    enter(box_of(page, "audio-edit", "trim_end"), "2,5", how)
    enter(box_of(page, "audio-edit", "trim_start"), "0.5", how)
    now = held(page, "audio-edit")
    assert (now["trim_start"], now["trim_end"]) == (0.5, 2.5)
    page.choose("flux-krea")
    page.fill("flux-krea", {"lora": [{"path": "a", "weight": 1}]})
    enter(page.field("flux-krea", "lora").get_by_label("Weight of LoRA 1"), "0,8", how)
    assert held(page, "flux-krea")["lora"] == [{"path": "a", "weight": 0.8}]


def test_keys_that_come_faster_than_the_page_follows_stand_in_their_order(page: StudioPage) -> None:
    page.choose("ken-burns")
    box = box_of(page, "ken-burns", "pan_amount")
    box.select_text()
    page.page.evaluate("(words) => [...words].forEach((key) => document.execCommand('insertText', false, key))", "2,5")
    page.page.keyboard.type("0")
    expect(box).to_have_value("2,50")


def test_neither_the_wheel_nor_leaving_a_field_changes_its_number(page: StudioPage) -> None:
    page.choose("flux-krea")
    page.fill("flux-krea", {"lora": [{"path": "a", "weight": 1}]})
    weight = page.field("flux-krea", "lora").get_by_label("Weight of LoRA 1")
    page.choose("ken-burns")
    duration = box_of(page, "ken-burns", "duration")
    enter(duration, "500", "type")
    assert held(page, "ken-burns")["duration"] == 500
    page.group("ken-burns").locator(".generate").click()
    expect(page.refusal("ken-burns", "duration")).to_contain_text("Duration must be a number between")
    for model_id, box in (("ken-burns", duration), ("flux-krea", weight)):
        page.choose(model_id)
        box.click()
        before = held(page, model_id)
        box.hover()
        page.page.mouse.wheel(0, -120)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
        assert held(page, model_id) == before


def test_the_arrow_keys_take_a_number_a_step_further(page: StudioPage) -> None:
    page.choose("image-edit")
    page.fill("image-edit", {"operation": "adjust"})
    brightness = box_of(page, "image-edit", "brightness")
    expect(brightness).to_have_attribute("inputmode", "text")  # some phones have no minus on their pad of digits
    enter(brightness, "-99", "type")
    for _ in range(3):
        brightness.press("ArrowDown")
    assert held(page, "image-edit")["brightness"] == -100
    brightness.press("ArrowUp")
    assert held(page, "image-edit")["brightness"] == -99
