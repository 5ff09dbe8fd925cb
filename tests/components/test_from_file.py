"""A file that was generated is asked about by endpoints: what it says, what it would fill, and which inputs take it."""

from pathlib import Path
from typing import Any, get_type_hints

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from components.endpoints import Endpoints
from interchange.record import JobRecord, portable_config
from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from studio import file_jobs
from tests.components.page_site import Site, details, example, submit
from tests.interchange import made_files
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED
from tests.strategies import values_for

INFOTEXT = """a lighthouse, <lora:film:0.7>
Negative prompt: blurry
Steps: 60, Sampler: Euler a, CFG scale: 6.5, Seed: 4242, Size: 1024x768, Model: z_image_turbo, Clip skip: 2"""


def uploaded(site: Site, path: Path, content: bytes, user: str = USER) -> dict[str, Any]:
    """A file as a program or the page brings it up."""
    path.write_bytes(content)
    site.context.media.record_upload(user, path)
    return {"file": str(path), "name": path.name}


def ask(site: Site, name: str, **asked: Any) -> Any:
    answer = site.ask(name, **asked)
    TypeAdapter(get_type_hints(getattr(Endpoints, name))["return"]).validate_python(answer)
    return answer


def record_of(job: Job, config: ModelConfig) -> JobRecord:
    return JobRecord(
        model_id=config.id,
        model_name=config.name,
        type=config.type,
        options=job.options or {},
        resolved=job.resolved,
        seed=job.seed,
        job_id=job.id,
        config=portable_config(config.snapshot()),
    )


def carrying(record: JobRecord) -> bytes:
    return made_files.png({"studio": record.to_text()}, size=(17, 9))


@pytest.fixture
def picture(site: Site, tmp_path: Path) -> dict[str, Any]:
    return uploaded(site, tmp_path / "00042.png", made_files.png({"parameters": INFOTEXT}, size=(32, 24)))


def test_a_picture_of_another_tool_says_what_it_is_and_fills_the_form(site: Site, picture: dict[str, Any]) -> None:
    found = ask(site, "read_file", file=picture, model_id="qwen-image-edit")
    assert (found["kind"], found["refusal"], found["model_id"]) == ("image", "", "z-image")
    assert found["words"] == "z_image_turbo is not here by that name; Z-Image is the nearest."
    assert (found["says"]["tool"], found["says"]["prompt"]) == ("A1111", "a lighthouse, <lora:film:0.7>")
    assert {"label": "Size", "text": "1024 × 768"} in found["says"]["facts"]
    assert {"label": "clip skip", "text": "2"} in found["says"]["rest"]
    assert [one["label"] for one in found["inputs"]] == ["Image", "Second image"]
    filling = ask(
        site, "reuse_file", file=found["file"], model_id="z-image", now={"negative_prompt": "old", "steps": 3}
    )
    plan = filling["plan"]
    assert (plan["title"], plan["sources"]) == ("a lighthouse, <lora:film:0.7>", [])
    assert plan["values"] == {
        **{"prompt": "a lighthouse", "negative_prompt": "blurry", "width": 1024, "height": 768, "seed": 4242},
        **{"steps": 50, "cfg": 6.5, "lora": [{"path": "film", "weight": 0.7}]},
    }
    assert filling["notice"]["text"] == (
        "Restored 7 of 8 inputs of Z-Image. It has no place for 1 other. The file was made with A1111, z_image_turbo."
    )
    assert details(filling) == [
        "Steps: 60 must now be a whole number between 1 and 50, 50 is used",
        "Sampler: Z-Image has no such input",
    ]


def test_what_is_chosen_of_a_file_comes_alone(site: Site, picture: dict[str, Any]) -> None:
    now = {"prompt": "{old|new}", "steps": 3}
    rows = ask(site, "compare_file", file=picture, model_id="z-image", now=now)["rows"]
    differing = [row["name"] for row in rows if row["differs"]]
    assert differing == ["prompt", "negative_prompt", "height", "seed", "steps", "cfg", "lora"]
    filling = ask(site, "reuse_file", file=picture, model_id="z-image", names=["seed"], now=now)
    assert filling["plan"]["values"] == {"seed": 4242}
    new = ask(site, "reuse_file", file=picture, model_id="z-image", names=["seed"], seed="new")
    assert new["plan"]["values"] == {"seed": None}


def test_a_file_becomes_an_input_and_what_it_needs_is_chosen(site: Site, picture: dict[str, Any]) -> None:
    filling = ask(site, "use_file", file=picture, model_id="z-image", parameter="condition_image")
    plan, words = filling["plan"], filling["notice"]["text"]
    assert words.startswith("00042.png is now Picture to follow of Z-Image. It says how it was made")
    assert plan["values"]["use_controlnet"] is True
    assert plan["values"]["condition_image"]["mime_type"] == "image/png"
    listed = ask(site, "use_file", file=picture, model_id="collage", parameter="pictures", shows=True)["plan"]["values"]
    assert [one["file"] for one in listed["pictures"]] == [plan["values"]["condition_image"]["file"]]
    with pytest.raises(gr.Error, match="This is an image, but a sound is needed"):
        ask(site, "use_file", file=picture, model_id="audio-edit", parameter="audio")
    found = ask(site, "read_file", file=picture, model_id="audio-edit")
    assert (found["inputs"], len(found["elsewhere"])) == ([], 3)


def test_a_text_that_a_tool_laid_beside_a_picture_is_read_too(site: Site, tmp_path: Path) -> None:
    file = uploaded(site, tmp_path / "00042.txt", INFOTEXT.encode())
    found = ask(site, "read_file", file=file, model_id="pattern")
    assert (found["file"], found["kind"], found["inputs"]) == (None, None, [])
    assert found["refusal"].startswith("This is not a file that can be used here")
    assert ask(site, "reuse_file", file=file, model_id="pattern")["plan"]["values"]["seed"] == 4242


def test_a_picture_and_the_text_beside_it_fill_the_form_together(site: Site, tmp_path: Path) -> None:
    bare = uploaded(site, tmp_path / "00042.png", made_files.png({}, size=(9, 9)))
    told = uploaded(site, tmp_path / "told.png", made_files.png({"parameters": INFOTEXT}))
    found = ask(site, "read_file", file=bare, model_id="z-image", beside=INFOTEXT)
    assert (found["kind"], found["says"]["prompt"]) == ("image", "a lighthouse, <lora:film:0.7>")
    for name in ("reuse_file", "compare_file"):
        beside = ask(site, name, file=found["file"], model_id="z-image", beside=INFOTEXT)
        assert beside == ask(site, name, file=told, model_id="z-image")
    other = ask(site, "read_file", file=told, model_id="z-image", beside="another\nSteps: 3, Seed: 1")
    assert other["says"]["prompt"] == "a lighthouse, <lora:film:0.7>"  # what the picture itself says comes first


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"model_id": "pattern", "values": {', "It is JSON that is damaged, cut short or too long."),
        (b'{"a": 1}', "It is a text without the settings that a tool writes."),
        (b"buy milk", "It is a text without the settings that a tool writes."),
        (b"%PDF-1.4 \1\x93" * 9, "This is not a file that can be used here"),
    ],
)
def test_a_text_that_says_nothing_is_refused_in_words(site: Site, tmp_path: Path, content: bytes, words: str) -> None:
    found = ask(site, "read_file", file=uploaded(site, tmp_path / "a.json", content), model_id="pattern")
    assert (found["says"], found["kind"]) == (None, None)
    assert found["refusal"].startswith(words)


@given(config=st.sampled_from(list(SHIPPED.values())), data=st.data())
def test_inputs_that_were_copied_as_json_bring_the_job_back_whole(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    job = submit(kept, site.context, config, data.draw(values_for(config, kept.keys)))
    copied = site.ask("write_job", job_id=job.id, notation="json")
    folder = tmp_path_factory.getbasetemp()
    now = site.sent(config, data.draw(values_for(config, kept.keys)))
    of_job = site.ask("reuse_job", job_id=job.id, seed="exact")
    for name, content, beside in (("a.json", copied.encode(), ""), ("a.png", made_files.png({}), copied)):
        file = uploaded(site, folder / name, content)
        asked = {"file": file, "model_id": config.id, "seed": "exact", "now": now, "beside": beside}
        of_text = site.ask("reuse_file", **asked)
        assert of_text["plan"]["values"] == of_job["plan"]["values"]
        assert of_text["plan"]["visible"] == of_job["plan"]["visible"]
        assert of_text["notice"] == of_job["notice"]


def test_a_file_that_says_nothing_fills_nothing(site: Site, tmp_path: Path) -> None:
    file = uploaded(site, tmp_path / "bare.png", made_files.png({}, size=(9, 9)))
    assert ask(site, "read_file", file=file, model_id="pattern")["says"] is None
    for name in ("reuse_file", "compare_file"):
        with pytest.raises(gr.Error, match="The file does not say how it was made"):
            ask(site, name, file=file, model_id="pattern")


def test_a_file_that_is_too_large_is_an_input_and_not_looked_into(
    site: Site, picture: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_jobs, "LARGEST", 100)
    found = ask(site, "read_file", file=picture, model_id="upscale")
    assert (found["says"], found["kind"]) == (None, "image")
    assert ask(site, "read_file", file=found["file"], model_id="upscale")["says"] is None


@pytest.mark.parametrize("name", ["read_file", "reuse_file", "compare_file", "use_file"])
def test_anothers_file_is_as_one_that_is_not_there(
    kept: KeptStudio, site: Site, picture: dict[str, Any], tmp_path: Path, name: str
) -> None:
    never = tmp_path / "never uploaded.png"
    never.write_bytes(made_files.png({"parameters": INFOTEXT}))
    more = {"parameter": "image"} if name == "use_file" else {}
    files = [picture, {"file": kept.keys["image"][0]}, {"file": str(never)}, {"file": "/etc/passwd"}]
    for user, file in [("bob", files[0]), ("bob", files[1]), (USER, files[2]), (USER, files[3])]:
        with pytest.raises(gr.Error, match="The file is not there any more"):
            site.ask(name, user, file=file, model_id="upscale", **more)
    with pytest.raises(gr.Error, match="No file was given"):
        site.ask(name, file={}, model_id="upscale", **more)


@given(config=st.sampled_from(list(SHIPPED.values())), data=st.data())
def test_a_file_of_this_studio_brings_its_job_back_whole(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = data.draw(values_for(config, kept.keys))
    job = submit(kept, site.context, config, values)
    file = uploaded(site, tmp_path_factory.getbasetemp() / "own.png", carrying(record_of(job, config)))
    now = site.sent(config, data.draw(values_for(config, kept.keys)))
    of_file = site.ask("reuse_file", file=file, model_id=config.id, seed="exact", now=now)
    of_job = site.ask("reuse_job", job_id=job.id, seed="exact")
    assert of_file["plan"] | {"title": ""} == of_job["plan"] | {"title": ""}
    assert of_file["notice"] == of_job["notice"]


def test_an_own_file_names_its_inputs_that_are_not_here(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    config = SHIPPED["upscale"]
    job = submit(kept, site.context, config, example(kept, config))
    file = uploaded(site, tmp_path / "own.png", carrying(record_of(job, config)), user="bob")
    told = site.ask("reuse_file", "bob", file=file, model_id="upscale")
    assert told["plan"]["values"]["image"] is None
    assert details(told) == ["Image: the file is missing"]
    assert site.ask("read_file", "bob", file=file, model_id="pattern")["words"] == "Upscale is here."


def test_an_own_file_of_a_model_that_is_not_here_goes_to_another(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    config = SHIPPED["pattern"].model_copy(update={"id": "my-pattern", "name": "My Pattern"})
    job = submit(kept, kept.with_models(config), config, {**config.defaults(), "prompt": "an old hat", "seed": 5})
    file = uploaded(site, tmp_path / "own.png", carrying(record_of(job, config)))
    found = ask(site, "read_file", file=file, model_id="z-image")
    assert (found["says"]["tool"], found["words"], found["model_id"]) == (
        "Studio",
        "My Pattern is not here.",
        "z-image",
    )
    told = ask(site, "reuse_file", file=file, model_id="z-image")
    assert (told["plan"]["values"]["prompt"], told["plan"]["values"]["seed"]) == ("an old hat", 5)
    assert told["notice"]["text"].endswith("The file was made with Studio, My Pattern.")
