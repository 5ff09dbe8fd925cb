"""Colours, JSON, numbers of frames and sizes: what each takes, what is near to it, and how it is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.kinds import MEGAPIXEL, Colour, Json, Size
from model_configs.schema import Frames, ModelConfigError, ValuesError
from tests.model_configs.test_schema import model, parameter
from tests.strategies import json_texts, json_values


def refusal(declared: dict[str, Any], value: Any) -> str:
    with pytest.raises(ValuesError) as refused:
        model(it=declared).check({"it": value})
    return refused.value.problems["it"]


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        ({"kind": "colour"}, "navy", "It must be a colour such as #ff8800"),
        ({"kind": "colour"}, "#ff880080", "It must be a colour such as #ff8800"),
        ({"kind": "colour", "alpha": True}, "#ff8", "It must be a colour such as #ff8800 or #ff880080"),
        ({"kind": "colour"}, None, "It must be a colour"),
        ({"kind": "json"}, '{\n  "a": 1,\n}', "It is not JSON: line 3, column 1: "),
        ({"kind": "json"}, "[NaN]", "It is not JSON: NaN is no number"),
        ({"kind": "json"}, "1e999", "It is not JSON: "),
        ({"kind": "json"}, r'"\ud800"', "It is not JSON: it holds a lone surrogate, half of a character"),
        ({"kind": "json"}, "[" * 100_000, "It is nested too deeply"),
        ({"kind": "json", "max_length": 2}, "[1]", "It must be at most 2 characters"),
        ({"kind": "json"}, {"a": 1}, "It must be JSON of at most 100000 characters"),
        ({"kind": "json", "required": True}, " \n", "It is needed"),
        (
            {"kind": "frames", "rule": "4n+1", "minimum": 5, "maximum": 161, "default": 81},
            80,
            "It must be a number of frames of the form 4n+1 between 5 and 161",
        ),
        ({"kind": "frames", "default": 1}, 0, "It must be a number of frames of at least 1"),
        (
            {"kind": "size", "multiple": 16, "minimum": 256, "maximum": 2048, "max_megapixels": 1},
            {"width": 2048, "height": 2048},
            "It must be a width and a height, each a multiple of 16 between 256 and 2048 pixels, at most 1 megapixels",
        ),
        ({"kind": "size"}, {"width": 1023, "height": 512}, "each a multiple of 8 between 64 and 2048 pixels"),
        ({"kind": "size"}, {"width": True, "height": 512}, "a width and a height"),
        ({"kind": "size"}, {"width": 512, "height": 512, "depth": 1}, "a width and a height"),
    ],
)
def test_a_refused_value_says_what_and_where(declared: dict[str, Any], value: Any, message: str) -> None:
    assert message in refusal(declared, value)


def test_a_colour_is_stored_in_small_letters() -> None:
    assert model(it={"kind": "colour"}).check({"it": "#FF8800"}) == {"it": "#ff8800"}


@pytest.mark.parametrize(
    ("written", "stored"),
    [("navy", "#000080"), ("#f80", "#ff8800"), (" rgb(255, 136, 0) ", "#ff8800"), ("hsl(0, 100%, 50%)", "#ff0000")],
)
def test_a_colour_of_another_notation_has_one_that_is_near(written: str, stored: str) -> None:
    colour = parameter(kind="colour")
    assert isinstance(colour, Colour)
    assert colour.fit(written) == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("rgba(255, 136, 0, 0.5)", "#ff880080"),
        ("rgba(255, 136, 0, 1)", "#ff8800"),
        ("RGBA(255,136,0,1.0)", "#ff8800"),
        ("rgba(255, 136, 0, 0)", "#ff880000"),
        ("rgba(255, 136, 0, 7)", "#ff8800"),
        ("#f808", "#ff880088"),
    ],
)
def test_how_opaque_a_colour_is_reads_as_in_css(written: str, stored: str) -> None:
    colour = parameter(kind="colour", alpha=True)
    assert isinstance(colour, Colour)
    assert colour.fit(written) == stored


@given(json_values())
def test_json_begins_with_the_default_that_the_model_file_says(value: Any) -> None:
    declared = parameter(kind="json", default=value)
    assert isinstance(declared, Json)
    assert declared.run_value(declared.initial) == value


@given(json_texts())
def test_json_is_kept_as_it_was_written_and_run_as_it_says(text: str) -> None:
    declared = parameter(kind="json")
    assert declared.check(text) == text
    assert declared.run_value(text) == (json.loads(text) if text.strip() else None)


@given(st.integers(1, 6), st.integers(0, 9), st.integers(0, 500))
def test_the_nearest_number_of_frames_is_of_the_form(factor: int, rest: int, number: int) -> None:
    frames = parameter(kind="frames", rule=f"{factor}n+{rest}", minimum=rest, default=rest, fps=16)
    assert isinstance(frames, Frames)
    near = frames.fit(number)
    assert near is not None
    assert (near - rest) % factor == 0
    assert abs(near - max(number, rest)) <= factor / 2


@given(
    st.integers(1, 20_000), st.integers(1, 20_000), st.sampled_from([1, 8, 64]), st.sampled_from([None, 0.3, 1, 2.5])
)
def test_every_size_has_a_near_one_that_the_model_takes(
    wide: int, high: int, multiple: int, most: float | None
) -> None:
    size = parameter(kind="size", multiple=multiple, minimum=64, maximum=2000, max_megapixels=most, default=SMALL)
    assert isinstance(size, Size)
    near = size.fit({"width": wide, "height": high})
    assert size.check(near) == near
    assert size.fit(f"{wide}x{high}") == near
    assert most is None or near["width"] * near["height"] <= most * MEGAPIXEL
    if max(wide, high) <= 500 and min(wide, high) >= 64:
        assert abs(near["width"] - wide) <= multiple
        assert abs(near["height"] - high) <= multiple


SMALL = {"width": 64, "height": 128}


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"it": {"kind": "frames", "rule": "8n+1", "minimum": 2, "maximum": 8}}, "no number of the form 8n"),
        ({"it": {"kind": "frames", "fps": "rate"}}, "rate is no number of this model"),
        ({"it": {"kind": "size", "of": "photo"}}, "photo is no image input of this model"),
        ({"it": {"kind": "mask", "of": "list"}, "list": {"kind": "images"}}, "list is no image input of this model"),
        ({"it": {"kind": "size", "default": {"width": 1, "height": 1}}}, "the default .* must be a width and a height"),
        ({"it": {"kind": "colour", "default": "orange"}}, "the default 'orange' of It must be a colour"),
        ({"it": {"kind": "colour"}, "to": {"kind": "text", "depends_on": {"it": "#ffffff"}}}, "can only be tested"),
        ({"it": {"kind": "size"}, "to": {"kind": "text", "depends_on": {"it": 512}}}, "can only be tested"),
    ],
    ids=str,
)
def test_what_a_model_file_cannot_mean_is_refused(declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelConfigError, match=reason):
        model(**declared)


@pytest.mark.parametrize("kind", ["image", "images"])
def test_a_size_is_offered_as_that_of_a_picture_or_of_the_first_of_several(kind: str) -> None:
    size = model(it={"kind": "size", "of": "shown"}, shown={"kind": kind}).parameters["it"]
    assert size.follows == "shown"
