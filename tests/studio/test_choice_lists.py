"""Choices from a folder of weights and from a service: what is listed, what never is, and what stays without them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, cast

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from backends.base import Backend, BackendError
from components.addresses import choice_url
from model_configs.schema import ModelConfig
from storage.accounts import AccountStore
from storage.database import open_database
from studio.choice_lists import ChoiceLists, Listed
from studio.settings import Settings
from studio_ui import build, open_studio
from tests import media_samples
from tests.memory_studio import Ready
from web.app import create_app

LORAS = {"folder": "loras", "suffixes": [".safetensors", ".pt"]}


def model(**parameters: dict[str, Any]) -> ModelConfig:
    about = {"id": "painter", "name": "Painter", "type": "image", "backend": {"kind": "test"}}
    return ModelConfig.model_validate({**about, "parameters": parameters})


def choice(source: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "choice", "choices": ["first"], "choices_from": source, **more}


FROM_FOLDER = model(lora=choice(LORAS), several={"kind": "loras", "choices_from": LORAS}, plain={"kind": "text"})
FROM_SERVICE = model(lora=choice("service"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights" / "loras"
    for name in (
        "film.safetensors",
        "style/Ink.PT",
        "style/deep/old.safetensors",
        "notes.txt",
        ".hidden/x.pt",
        ".y.pt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"weights")
    media_samples.png(folder / "film.preview.png")
    media_samples.png(folder / "style" / "Ink.png")
    return tmp_path / "weights"


class Service(Ready):
    """Lists what it is told to, or fails with it."""

    said: Sequence[str] | BackendError = ()

    def choices(self, spec: Any, parameter: str) -> Sequence[str]:
        assert parameter == "lora"
        if isinstance(self.said, BackendError):
            raise self.said
        return self.said


# --- a folder --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lora", "several"])
def test_a_folder_lists_its_files_by_their_paths_in_it(weights: Path, name: str) -> None:
    listed = ChoiceLists(weights).of(FROM_FOLDER, name, {})
    assert listed.choices == ("film.safetensors", "style/deep/old.safetensors", "style/Ink.PT")
    assert listed.pictured == {"film.safetensors", "style/Ink.PT"}
    assert listed.hint == ""


def test_a_list_is_as_the_folder_is_now(weights: Path) -> None:
    lists = ChoiceLists(weights)
    lists.of(FROM_FOLDER, "lora", {})
    (weights / "loras" / "new.pt").write_bytes(b"")
    (weights / "loras" / "film.safetensors").unlink()
    assert lists.of(FROM_FOLDER, "lora", {}).choices == ("new.pt", "style/deep/old.safetensors", "style/Ink.PT")


def test_a_list_stays_when_its_folder_goes(weights: Path) -> None:
    lists = ChoiceLists(weights)
    before = lists.of(FROM_FOLDER, "lora", {})
    (weights / "loras").rename(weights / "elsewhere")
    after = lists.of(FROM_FOLDER, "lora", {})
    assert (after.choices, after.pictured) == (before.choices, before.pictured)
    assert after.hint == "The folder loras is not there: make it in the one of STUDIO_WEIGHTS_DIR."


def test_without_a_folder_of_weights_it_is_said_what_to_set() -> None:
    assert ChoiceLists().of(FROM_FOLDER, "lora", {}) == Listed(
        hint="Choices of files need a folder: set STUDIO_WEIGHTS_DIR."
    )


def test_a_link_that_leaves_the_folder_of_weights_is_no_choice_and_shows_nothing(weights: Path) -> None:
    outside = weights.parent / "secret"
    outside.mkdir()
    (outside / "secret.pt").write_bytes(b"")
    media_samples.png(outside / "secret.png")
    loras = weights / "loras"
    (loras / "secret.pt").symlink_to(outside / "secret.pt")
    (loras / "all").symlink_to(outside)
    (loras / "loop.pt").symlink_to(loras / "loop.pt")
    (loras / "again.pt").symlink_to(loras / "style" / "Ink.PT")
    (loras / "again.png").symlink_to(outside / "secret.png")
    os.mkfifo(loras / "pipe.pt")
    lists = ChoiceLists(weights)
    found = lists.of(FROM_FOLDER, "lora", {}).choices
    assert set(found) == {"film.safetensors", "style/deep/old.safetensors", "style/Ink.PT", "again.pt"}
    for name in (
        "secret.pt",
        "all/secret.pt",
        "loop.pt",
        "again.pt",
        "../../secret/secret.pt",
        str(outside / "secret.pt"),
    ):
        assert lists.picture(FROM_FOLDER, "lora", name) is None


SEGMENTS = st.sampled_from(
    ["..", ".", "", "loras", "style", "film.safetensors", "Ink.PT", "film", "\0", "~", "secret.pt"]
)


@settings(max_examples=300)
@given(name=st.lists(SEGMENTS | st.text(max_size=6), min_size=1, max_size=6).map("/".join) | st.text())
def test_no_name_leads_to_a_picture_that_lies_elsewhere(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    place = tmp_path_factory.getbasetemp() / "pictures"
    folder = place / "weights" / "loras"
    if not place.exists():
        for made in (folder / "style", place / "loras", place / "weights" / "checkpoints"):
            made.mkdir(parents=True)
        for file in (place / "secret.pt", place / "weights" / "secret.pt", folder / "style" / "Ink.PT"):
            file.write_bytes(b"")
            media_samples.png(file.with_suffix(".png"))
    found = ChoiceLists(place / "weights").picture(FROM_FOLDER, "lora", name)
    assert found in (None, folder / "style" / "Ink.png")
    assert found is None or PurePosixPath(name).name == "Ink.PT"


def test_a_folder_outside_the_one_of_weights_cannot_be_named() -> None:
    for folder in ("..", "/etc", "loras/../..", "a b", ""):
        with pytest.raises(ValueError, match="folder"):
            model(lora=choice({"folder": folder}))


# --- a service -------------------------------------------------------------------------------------------------------


def test_a_list_of_a_service_is_asked_for_anew_and_stays_when_it_is_away() -> None:
    service, lists = Service(), ChoiceLists()
    service.said = ("a", "b", "a")
    assert lists.of(FROM_SERVICE, "lora", {"test": cast(Backend, service)}) == Listed(("a", "b"))
    service.said = ("c",)
    assert lists.of(FROM_SERVICE, "lora", {"test": cast(Backend, service)}) == Listed(("c",))
    service.said = BackendError("The service is away.")
    assert lists.of(FROM_SERVICE, "lora", {"test": cast(Backend, service)}) == Listed(
        ("c",), hint="The service is away."
    )


def test_a_backend_without_lists_says_so() -> None:
    hint = "test lists no choices: name them, or a folder, in the model file."
    assert ChoiceLists().of(FROM_SERVICE, "lora", {"test": cast(Backend, Ready())}) == Listed(hint=hint)


def test_a_parameter_that_lists_its_own_choices_asks_nobody() -> None:
    for name in ("plain", "gone"):
        assert ChoiceLists().of(FROM_FOLDER, name, {}) == Listed()


@given(value=st.text(min_size=1, max_size=500).filter(lambda text: max(text) < "\ud800" or max(text) > "\udfff"))
def test_a_value_that_is_on_no_list_is_kept(value: str) -> None:
    assert FROM_SERVICE.check({"lora": value}) == {"lora": value}


# --- the route -------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(weights: Path, tmp_path: Path) -> FastAPI:
    data = tmp_path / "data"
    (data / "models").mkdir(parents=True)
    workflow = {"1": {"class_type": "SaveImage", "inputs": {}}}
    written = FROM_FOLDER.snapshot() | {"backend": {"kind": "comfyui", "workflow": workflow}}
    (data / "models" / "painter.yaml").write_text(json.dumps(written))
    made = Settings(data_dir=data, weights_dir=weights, users="ann:annpw")
    context, _ = open_studio(made)
    accounts = AccountStore(open_database(made.database))
    page = build(context, made)
    return create_app(made, page, context.media, picture_of=context.choice_picture, accounts=accounts)


def test_a_picture_is_shown_to_who_is_signed_in(app: FastAPI, weights: Path) -> None:
    url = choice_url("painter", "lora", "film.safetensors")
    client = TestClient(app, base_url="http://localhost")
    assert client.get(url).status_code == 404
    client.post("/login", data={"username": "ann", "password": "annpw"})
    answer = client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == (weights / "loras" / "film.preview.png").read_bytes()
    assert answer.headers["x-content-type-options"] == "nosniff"
    for other in ("style/deep/old.safetensors", "../../secret.pt", "film.preview.png", "a\0b"):
        assert client.get(choice_url("painter", "lora", other)).status_code == 404
    assert client.get(choice_url("gone", "lora", "film.safetensors")).status_code == 404
