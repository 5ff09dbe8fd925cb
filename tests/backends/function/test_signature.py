"""A signature is a form: every kind of parameter, its limits, its words, and what is refused with its reason."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL.Image import Image
from pydantic import Field

from backends.describing import DescribeError
from backends.function import (
    Audio,
    Colour,
    Frames,
    Json,
    Lora,
    Run,
    Seed,
    Size,
    Video,
    depends_on,
    frame_count,
    mask,
    weights,
)
from backends.function.signature import described
from model_configs.schema import ModelConfig, ModelConfigError

PLACE = "/models/my_model.py:generate"


def config_of(function: Callable[..., Any]) -> ModelConfig:
    return ModelConfig.model_validate(described(function, PLACE))


def parameters_of(function: Callable[..., Any]) -> dict[str, Any]:
    """What stands in the description beside what every text, number … has anyway."""
    return described(function, PLACE)["parameters"]


class Weather(Enum):
    SUNNY = "sun"
    LIGHT_RAIN = "rain"


def test_pictures_masks_sizes_colours_and_json_follow_from_their_types() -> None:
    def generate(
        photo: Image,
        hole: Annotated[Image, mask(of="photo")],
        others: list[Image],
        files: list[Path] = [],  # noqa: B006 - a user's function
        size: Size = Size(512, 768),  # noqa: B008
        ground: Colour = "#ff8800",
        options: dict[str, Any] = {"a": [1.5]},  # noqa: B006
        more: Json = None,
        fps: int = 16,
        length: Annotated[int, frame_count("4n+1", fps="fps"), Field(ge=5, le=81)] = 21,
    ) -> Image: ...

    assert parameters_of(generate) == {
        "photo": {"kind": "image", "required": True},
        "hole": {"kind": "mask", "of": "photo", "required": True},
        "others": {"kind": "images", "required": True},
        "files": {"kind": "images"},
        "size": {"kind": "size", "default": {"width": 512, "height": 768}},
        "ground": {"kind": "colour", "default": "#ff8800"},
        "options": {"kind": "json", "default": {"a": [1.5]}},
        "more": {"kind": "json"},
        "fps": {"kind": "integer", "default": 16},
        "length": {"kind": "frames", "rule": "4n+1", "fps": "fps", "default": 21, "minimum": 5, "maximum": 81},
    }
    assert config_of(generate).parameters["length"].follows == "fps"


def test_files_and_adapters_are_chosen_from_a_folder_of_weights() -> None:
    def generate(
        checkpoint: Annotated[Path, weights("checkpoints")] = Path("base.safetensors"),
        upscaler: Annotated[str, weights("upscalers/2x", ".onnx")] = "sharp.onnx",
        loras: Annotated[list[Lora], weights("loras")] = [],  # noqa: B006
    ) -> Image: ...

    checkpoint, upscaler, loras = parameters_of(generate).values()
    assert checkpoint == {
        "kind": "choice",
        "choices": ["base.safetensors"],
        "choices_from": {"folder": "checkpoints"},
        "default": "base.safetensors",
    }
    assert upscaler["choices_from"] == {"folder": "upscalers/2x", "suffixes": [".onnx"]}
    assert (loras["kind"], loras["choices_from"]) == ("loras", {"folder": "loras"})
    assert config_of(generate).check({"checkpoint": "sdxl/new.pt"})["checkpoint"] == "sdxl/new.pt"


def test_every_kind_of_parameter_follows_from_its_type() -> None:
    def generate(
        words: str,
        prompt: str = "a fox",
        steps: int = 20,
        strength: float = 1,
        tiled: bool = True,
        style: Literal["oil", "ink"] = "ink",
        weather: Weather = Weather.LIGHT_RAIN,
        finish: list[Literal["grain", "frame"]] = ["grain"],  # noqa: B006 - a user's function
        image: Image | None = None,
        pixels: np.ndarray | None = None,
        film: Video | None = None,
        sound: Audio | None = None,
        voice: tuple[int, np.ndarray] | None = None,
        portrait: Path | None = None,
        clip: Annotated[Path, "video"] | None = None,
        loras: list[Lora] = [],  # noqa: B006
        *,
        seed: int,
        run: Run,
    ) -> Image: ...

    assert parameters_of(generate) == {
        "words": {"kind": "text", "required": True},
        "prompt": {"kind": "text", "default": "a fox", "lines": 3},
        "steps": {"kind": "integer", "default": 20},
        "strength": {"kind": "number", "default": 1.0},
        "tiled": {"kind": "boolean", "default": True},
        "style": {"kind": "choice", "choices": ["oil", "ink"], "default": "ink"},
        "weather": {
            "kind": "choice",
            "choices": [{"value": "sun", "label": "Sunny"}, {"value": "rain", "label": "Light rain"}],
            "default": "rain",
        },
        "finish": {"kind": "choices", "choices": ["grain", "frame"], "default": ["grain"]},
        "image": {"kind": "image"},
        "pixels": {"kind": "image"},
        "film": {"kind": "video"},
        "sound": {"kind": "audio"},
        "voice": {"kind": "audio"},
        "portrait": {"kind": "image"},
        "clip": {"kind": "video"},
        "loras": {"kind": "loras"},
        "seed": {"kind": "seed"},
    }
    config_of(generate)


def test_what_has_no_default_is_needed() -> None:
    def generate(prompt: str, steps: int, strength: float, image: Image, sound: Audio, tiled: bool) -> Image: ...

    needed = {name for name, parameter in config_of(generate).parameters.items() if parameter.required}
    assert needed == {"prompt", "steps", "strength", "image", "sound"}  # a switch is always on or off


def test_limits_words_and_settings_stand_in_the_annotation() -> None:
    def generate(
        steps: Annotated[int, Field(ge=1, lt=51), "How often it looks"] = 20,
        width: Annotated[int, Field(gt=250, le=2048, multiple_of=64)] = 512,
        guidance: Annotated[float, Field(ge=0, le=20, multiple_of=0.5, title="CFG", description="How close")] = 7.5,
        prompt: Annotated[str, Field(max_length=500), {"lines": 5, "placeholder": "a fox"}] = "",
        mode: Literal["draft", "fine"] = "draft",
        detail: Annotated[float, depends_on(mode="fine"), {"group": "advanced"}] = 0.5,
        scale: Annotated[float, {"renamed_from": "cfg"}] = 1.0,
    ) -> Image: ...

    assert parameters_of(generate) == {
        "steps": {"kind": "integer", "default": 20, "minimum": 1, "maximum": 50, "help": "How often it looks"},
        "width": {"kind": "integer", "default": 512, "minimum": 256, "maximum": 2048, "step": 64},
        "guidance": {
            **{"kind": "number", "default": 7.5, "minimum": 0, "maximum": 20, "step": 0.5},
            **{"label": "CFG", "help": "How close"},
        },
        "prompt": {"kind": "text", "max_length": 500, "lines": 5, "placeholder": "a fox"},
        "mode": {"kind": "choice", "choices": ["draft", "fine"], "default": "draft"},
        "detail": {"kind": "number", "default": 0.5, "depends_on": {"mode": "fine"}, "group": "advanced"},
        "scale": {"kind": "number", "default": 1.0},
    }
    assert config_of(generate).renames == {"cfg": "scale"}


def google(prompt: str, steps: int = 20) -> Image:
    """Paints a picture.

    It takes
    a while.

    Args:
        prompt: What to paint,
            in any language
        steps (int): How often it looks

    Returns:
        A picture: the painted one
    """


def sphinx(prompt: str, steps: int = 20) -> Image:
    """Paints a picture.

    It takes
    a while.

    :param prompt: What to paint,
        in any language
    :param int steps: How often it looks
    :returns: A picture
    """


def numpys(prompt: str, steps: int = 20) -> Image:
    """Paints a picture.

    It takes
    a while.

    Parameters
    ----------
    prompt : str
        What to paint,
        in any language
    steps : int
        How often it looks

    Returns
    -------
    Image
        A picture
    """


@pytest.mark.parametrize("function", [google, sphinx, numpys])
def test_the_docstring_has_the_description_and_the_helps(function: Callable[..., Any]) -> None:
    config = config_of(function)
    assert config.description == "Paints a picture. It takes a while."
    assert config.parameters["prompt"].help == "What to paint, in any language"
    assert config.parameters["steps"].help == "How often it looks"


def test_the_name_and_the_id_follow_from_the_file() -> None:
    def generate(prompt: str) -> Image: ...

    config = ModelConfig.model_validate(described(generate, "/a b/My_model 2.py:generate", "paint"))
    assert (config.id, config.name) == ("my-model-2-paint", "My model 2 paint")
    assert config.backend.model_dump() == {"kind": "function", "function": "/a b/My_model 2.py:generate"}


def image_one() -> Image: ...
def image_two() -> list[Image]: ...
def image_three() -> Iterator[Image]: ...
def image_four() -> tuple[Image, Image, float]: ...
def image_five() -> np.ndarray: ...
def image_six() -> Annotated[dict[str, Any], "image"]: ...
def image_seven() -> Image | None: ...
def video_one() -> Video: ...
def video_two() -> Annotated[Path, "video"]: ...
def video_three() -> Frames: ...
def video_four() -> Annotated[Iterator[np.ndarray], "video"]: ...
def audio_one() -> Audio: ...
def audio_two() -> tuple[int, np.ndarray]: ...
def audio_three() -> list[tuple[int, np.ndarray]]: ...


RESULTS = [
    *(image_one, image_two, image_three, image_four, image_five, image_six, image_seven),
    *(video_one, video_two, video_three, video_four, audio_one, audio_two, audio_three),
]


@pytest.mark.parametrize("function", RESULTS)
def test_what_it_gives_is_what_the_model_makes(function: Callable[..., Any]) -> None:
    assert described(function, PLACE)["type"] == function.__name__.partition("_")[0]


def without_result(prompt: str): ...  # type: ignore[no-untyped-def]
def with_text_as_result(prompt: str) -> str: ...
def with_unknown_file(prompt: str) -> Path: ...
def with_unknown_type(prompt: complex) -> Image: ...
def without_type(prompt) -> Image: ...  # type: ignore[no-untyped-def]
def with_rest(*prompts: str) -> Image: ...
def with_options(**options: str) -> Image: ...
def with_place(prompt: str, /) -> Image: ...
def with_name_that_is_not_there(prompt: Nowhere) -> Image: ...  # type: ignore[name-defined]  # noqa: F821
def with_pattern(prompt: Annotated[str, Field(pattern="a+")]) -> Image: ...
def with_open_limit(strength: Annotated[float, Field(gt=0)] = 1) -> Image: ...
def with_hidden_need(on: bool, prompt: Annotated[str, depends_on(on=True)]) -> Image: ...
def with_file_of_its_own(image: Image = "fox.png") -> Image: ...  # type: ignore[assignment]
def with_choice_of_nothing(style: Literal["a"] | None = None) -> Image: ...
def with_list_that_begins_with_nothing(checkpoint: Annotated[Path, weights("checkpoints")]) -> Image: ...
def with_anything(style: str | int) -> Image: ...


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (without_result, "say what it makes"),
        (with_text_as_result, "say what it makes"),
        (with_unknown_file, "say what it makes"),
        (with_unknown_type, "prompt: complex is no kind of input"),
        (without_type, "prompt: it has no type"),
        (with_rest, "prompts: "),
        (with_options, "options: "),
        (with_place, "prompt: "),
        (with_name_that_is_not_there, "name 'Nowhere' is not defined"),
        (with_pattern, "prompt: a form cannot keep to pattern"),
        (with_open_limit, "strength: "),
        (with_hidden_need, "prompt: it may be hidden, so it needs a default"),
        (with_file_of_its_own, "image: a file has no default but None"),
        (with_choice_of_nothing, "style: "),
        (with_anything, "style: "),
        (with_list_that_begins_with_nothing, "checkpoint: give it a default"),
    ],
)
def test_what_is_no_form_is_refused_with_line_and_reason(function: Callable[..., Any], reason: str) -> None:
    with pytest.raises(DescribeError) as refused:
        described(function, PLACE)
    assert refused.value.reason.startswith(reason)
    assert refused.value.line == function.__code__.co_firstlineno


def test_a_type_may_follow_from_the_default() -> None:
    def generate(prompt="a fox", steps=20, strength=0.5, tiled=False, seed=7, run=None) -> Image: ...  # type: ignore[no-untyped-def]

    kinds = {name: parameter["kind"] for name, parameter in parameters_of(generate).items()}
    assert kinds == {"prompt": "text", "steps": "integer", "strength": "number", "tiled": "boolean", "seed": "seed"}


def test_a_seed_is_one_by_name_or_by_type() -> None:
    def generate(noise: Seed, other: int = 1) -> Image: ...
    def older(seed: int | None = None) -> Image: ...
    def fixed(seed: int = 42) -> Image: ...

    assert parameters_of(generate)["noise"] == {"kind": "seed"}
    assert parameters_of(older)["seed"] == {"kind": "seed"}
    assert parameters_of(fixed)["seed"] == {"kind": "seed", "default": 42}


_NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z").filter(lambda name: not keyword.iskeyword(name) and name != "run")


@st.composite
def limited(draw: st.DrawFn) -> tuple[Any, Any]:
    """An annotation of a whole number with limits that leave room, and a number within them."""
    low = draw(st.none() | st.integers(-1000, 1000))
    step = draw(st.integers(1, 64))
    number = math.ceil((low or 0) / step) * step + step * draw(st.integers(0, 20))
    high = draw(st.none() | st.integers(number, number + 500))
    limits: dict[str, Any] = {"ge": low, "le": high, "multiple_of": step}
    return Annotated[int, Field(**{name: value for name, value in limits.items() if value is not None})], number


@given(st.dictionaries(_NAMES.filter(lambda name: name not in ("all", "any", "seed")), limited(), min_size=1))
def test_what_the_limits_allow_the_form_takes(numbers: dict[str, tuple[Any, int]]) -> None:
    def generate(**values: Any) -> Any: ...

    from inspect import Parameter, Signature

    annotations = {name: kind for name, (kind, _) in numbers.items()} | {"return": Image}
    generate.__annotations__ = annotations
    generate.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter(name, Parameter.KEYWORD_ONLY, default=number) for name, (_, number) in numbers.items()]
    )
    config = config_of(generate)
    assert config.check({}) == {name: number for name, (_, number) in numbers.items()}


def test_what_the_schema_refuses_is_refused_when_the_file_is_loaded() -> None:
    def generate(mode: Literal["a", "b"], detail: Annotated[int, depends_on(mode="c")] = 1) -> Image: ...

    with pytest.raises(ModelConfigError, match="mode is never 'c'"):
        config_of(generate)
