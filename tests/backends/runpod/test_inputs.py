"""What a model file says about its handler's inputs, and what becomes of files that are too large."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backends.base import BackendError
from backends.runpod import inputs
from backends.runpod.spec import RunPodSpec
from tests.backends.contract import is_sentence

KINDS = {
    "prompt": "text",
    "options": "json",
    "size": "size",
    "cfg": "number",
    "smooth": "boolean",
    "photo": "image",
    "voice": "audio",
    "high": "text",
}
MEDIA = {"photo": "image", "voice": "wav_{}_2"}


def spec(**more: Any) -> RunPodSpec:
    block = {"kind": "runpod", "endpoint": "abc", "result": "image", "media": MEDIA} | more
    return RunPodSpec.model_validate(block, context={"parameters": KINDS})


def sent(values: dict[str, Any], address: inputs.Address = lambda _: None, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(inputs.body(spec(**more), values, address))["input"]
    return given


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"endpoint_setting": "RUNPOD_X"}, "either endpoint or endpoint_setting"),
        ({"endpoint": None}, "either endpoint or endpoint_setting"),
        ({"endpoint": "abc/run"}, "endpoint"),
        ({"result": "smell"}, "result"),
        ({"result": []}, "result"),
        ({"media": MEDIA | {"film": "video"}}, "media names film, which is no parameter"),
        ({"media": MEDIA | {"prompt": "image"}}, "media names prompt, which takes no file"),
        ({"media": {"photo": "image"}}, "media does not say what the file voice is called"),
        ({"media": MEDIA | {"photo": "{}{}"}}, "media.photo"),
        ({"inputs": {"steps": "n"}}, "inputs names steps"),
        ({"inputs": {"smooth": {"key": "task", "on": 1}}}, "off"),
        ({"omit": ["steps"]}, "omit names steps"),
        ({"when_set": ["steps"]}, "when_set names steps"),
        ({"groups": {"pairs": [{"high": "steps"}]}}, "groups names steps"),
    ],
    ids=str,
)
def test_a_block_that_does_not_fit_its_model_is_refused(block: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        spec(**block)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("mask", "media does not say what the file hole is called"),
        ("images", "hole is a list of pictures, and RunPod's handlers take one each: omit it"),
    ],
)
def test_a_mask_is_a_file_and_a_list_of_pictures_is_refused(kind: str, reason: str) -> None:
    block = {"kind": "runpod", "endpoint": "abc", "result": "image", "media": MEDIA}
    with pytest.raises(ValidationError) as refused:
        RunPodSpec.model_validate(block, context={"parameters": KINDS | {"hole": kind}})
    assert reason in str(refused.value)
    assert RunPodSpec.model_validate(block | {"omit": ["hole"]}, context={"parameters": KINDS | {"hole": kind}})


def test_json_and_sizes_go_as_they_are() -> None:
    given = {"options": [{"a": [1.5]}, {"path": "x", "weight": 1, "b": None}], "size": {"width": 8, "height": 16}}
    assert sent(given) == given


def test_parameters_go_by_the_names_that_the_file_says() -> None:
    switch = {"key": "task", "on": "both", "off": "upscale"}
    named = {"inputs": {"cfg": "guidance_scale", "smooth": switch}, "fixed": {"output": "base64", "task": "upscale"}}
    assert sent({"prompt": "a", "cfg": 2.5}, **named) == {
        "output": "base64",
        "task": "upscale",
        "prompt": "a",
        "guidance_scale": 2.5,
    }
    assert sent({"smooth": True}, **named)["task"] == "both"
    assert sent({"smooth": False}, **named)["task"] == "upscale"


def test_what_is_left_out_is_not_sent() -> None:
    assert sent({"prompt": "", "high": "", "cfg": None}, when_set=["high"]) == {"prompt": ""}
    assert sent({"prompt": "a", "cfg": 1.0}, omit=["cfg"]) == {"prompt": "a"}


@pytest.mark.parametrize(
    ("values", "pairs"), [({"high": "a", "cfg": 1}, [{"to": "a", "w": 1}]), ({"high": "", "cfg": 1}, None)]
)
def test_a_group_is_sent_whole_or_not_at_all(values: dict[str, Any], pairs: Any) -> None:
    given = sent(values, groups={"pairs": [{"to": "high", "w": "cfg"}]})
    assert given.get("pairs") == pairs
    assert not {"high", "cfg"} & given.keys()


@given(photo=st.integers(0, 9_000_000), voice=st.integers(0, 9_000_000), words=st.integers(0, 10_000))
def test_a_body_is_never_too_large_and_no_more_goes_by_address_than_must(
    photo: int, voice: int, words: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    sizes = {"photo": photo, "voice": voice}
    values: dict[str, Any] = {name: folder / f"{name}.bin" for name in sizes}
    for name, size in sizes.items():
        with values[name].open("wb") as file:
            file.truncate(size)
    body = inputs.body(spec(), values | {"prompt": "é" * words}, lambda path: f"https://example.org/{path.name}?signed")
    given = json.loads(body)["input"]
    assert len(body) <= inputs.MOST_BYTES
    inline = {"photo": "image_base64" in given, "voice": "wav_base64_2" in given}
    assert inline["photo"] != ("image_url" in given)
    assert inline["voice"] != ("wav_url_2" in given)
    whole = sum((size + 2) // 3 * 4 for size in sizes.values()) + 6 * words
    if whole < inputs.MOST_BYTES - 10_000:
        assert all(inline.values())
    elif not all(inline.values()):
        assert photo == voice or not inline[max(sizes, key=lambda name: sizes[name])]


def test_a_file_that_needs_an_address_and_has_none_is_said_at_its_input(tmp_path: Path) -> None:
    small, large = tmp_path / "a.png", tmp_path / "b.wav"
    small.write_bytes(b"x" * 10)
    large.write_bytes(b"x" * 8_000_000)
    with pytest.raises(BackendError) as refused:
        sent({"photo": small, "voice": large})
    assert "STUDIO_MEDIA_URL" in str(refused.value)
    assert "8.0 MB" in str(refused.value)
    assert is_sentence(str(refused.value))
    assert refused.value.fields.keys() == {"voice"}


def test_texts_alone_may_be_too_long(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="10 MB"):
        sent({"prompt": "x" * 10_000_001})
