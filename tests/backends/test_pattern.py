"""What words, seed and style do to a pattern."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from backends.local_models.pattern import STYLES
from backends.local_models.patterns import words
from backends.local_models.patterns.palettes import PALETTES, Ramp
from tests.backends.local_runs import LOCAL_MODELS, filled, run

CONFIG = LOCAL_MODELS["pattern"]
every_style = pytest.mark.parametrize("style", STYLES)


def draw(folder: Path, **values: Any) -> NDArray[np.uint8]:
    with Image.open(run(CONFIG, filled(CONFIG, {}, {"finish": [], **values}), folder)) as picture:
        return np.asarray(picture)


def test_every_style_and_palette_of_the_form_is_there() -> None:
    assert {option.value for option in CONFIG.parameters["style"].choices} == set(STYLES)
    assert {option.value for option in CONFIG.parameters["palette"].choices} <= {"words", *PALETTES}


@every_style
def test_another_seed_draws_another_picture(style: str, tmp_path: Path) -> None:
    first, second = (draw(tmp_path, style=style, seed=seed) for seed in (1, 2))
    assert (first != second).any()


@every_style
@pytest.mark.parametrize("prompt", ["calm forest", "wild ocean", "calm zebra"])
def test_other_words_draw_another_picture_of_the_same_seed(style: str, prompt: str, tmp_path: Path) -> None:
    first, second = (draw(tmp_path, style=style, seed=1, prompt=text) for text in ("calm ocean", prompt))
    assert (first != second).any()


@every_style
@pytest.mark.parametrize("size", [(256, 128), (128, 256)])
def test_a_picture_has_its_size_and_something_to_see(style: str, size: tuple[int, int], tmp_path: Path) -> None:
    picture = draw(tmp_path, style=style, width=size[0], height=size[1])
    assert picture.shape == (size[1], size[0], 3)
    assert picture.std() > 8


@every_style
def test_black_and_white_has_hardly_any_colour(style: str, tmp_path: Path) -> None:
    picture = draw(tmp_path, style=style, palette="mono").astype(int)
    assert np.abs(picture.max(axis=-1) - picture.min(axis=-1)).mean() < 12


def test_a_palette_has_the_colour_of_its_name(tmp_path: Path) -> None:
    red, green, blue = (
        draw(tmp_path, style="silk", prompt=word).reshape(-1, 3).mean(axis=0) for word in ("fire", "forest", "ocean")
    )
    assert red.argmax() == 0
    assert green.argmax() == 1
    assert blue.argmax() == 2


def test_finishes_come_in_one_order_however_they_were_picked(tmp_path: Path) -> None:
    first, second = (draw(tmp_path, finish=picked) for picked in (["border", "grain"], ["grain", "border"]))
    assert (first == second).all()


def test_words_are_read_whatever_their_case_and_punctuation() -> None:
    assert words.read("Calm OCEAN, at night!") == words.read("calm ocean at night")
    reading = words.read("calm ocean at night")
    assert (reading.palettes, reading.mood.night, reading.chance) == (("ocean",), True, 0)
    assert reading.mood.energy < 1


def test_two_colour_words_share_the_picture() -> None:
    reading = words.read("ocean at sunset")
    colours = words.ramp(reading, "words", np.random.default_rng(0))
    assert colours(0.0) == pytest.approx(Ramp(PALETTES["ocean"])(0.0), abs=0.01)
    assert colours(1.0) == pytest.approx(Ramp(PALETTES["sunset"])(1.0), abs=0.01)


@given(prompt=st.text(max_size=200))
def test_any_prompt_can_be_read(prompt: str) -> None:
    reading = words.read(prompt)
    assert 0.5 <= reading.mood.energy <= 1.6
    assert 0.5 <= reading.mood.density <= 1.6
    assert words.read(prompt) == reading


@given(number=st.floats(-1, 2), name=st.sampled_from(sorted(PALETTES)))
def test_ramps_give_colours_for_every_number(number: float, name: str) -> None:
    colour = Ramp(PALETTES[name])(number)
    assert colour.shape == (3,)
    assert 0 <= colour.min() <= colour.max() <= 1
