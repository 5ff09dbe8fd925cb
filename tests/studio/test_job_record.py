"""Results say how they were made: written once, on the way into the store, and never at the cost of a result."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backends.base import Context, Outputs, Request
from interchange.containers import texts
from interchange.read import read
from interchange.record import JobRecord, read_record
from model_configs.schema import ModelConfig
from storage.jobs.store import Job, JobStatus
from storage.media.store import MediaStore
from studio.inputs.restore import plan
from studio.inputs.reuse_event import ReuseJobInput
from tests import media_samples
from tests.interchange.test_record import record_of
from tests.shipped import SHIPPED
from tests.strategies import values_for
from tests.studio.runner_studio import MODEL, Fake, Studio, paint

Make = Callable[..., Studio]


@pytest.fixture
def studio(tmp_path: Path) -> Make:
    def make(run: Any = paint, **limits: Any) -> Studio:
        return Studio(tmp_path, limits=limits, fake=Fake(run))

    return make


def result(made: Studio, job: Job) -> bytes:
    assert job.status == JobStatus.COMPLETED, job.error
    return content_of(made.media, str(job.result_url))


def content_of(media: MediaStore, key: str) -> bytes:
    return media.local_path(key).read_bytes()


def test_a_result_says_what_made_it(studio: Make, tmp_path: Path) -> None:
    def run(request: Request, context: Context) -> Outputs:
        context.ran_with(torch="2.9")
        return paint(request, context)

    made = studio(run)
    photo = made.media.put("ann", media_samples.png(tmp_path / "my-photo.png"), "my-photo.png").key
    options = {"prompt": "a {red|blue} cat", "seed": None, "steps": 4, "photo": photo}
    job = made.run(options, media=(photo,), resolved={"prompt": "a red cat"}, config_snapshot=MODEL.snapshot())
    content = result(made, job)
    record = read_record(content)
    assert record is not None
    assert (record.model_id, record.model_name, record.type) == ("toy", "Toy", "image")
    assert (record.options, record.resolved, record.seed) == (options, {"prompt": "a red cat"}, 7)
    assert (record.media, record.ran_with) == ({photo: "image"}, {"torch": "2.9"})
    assert (record.job_id, record.created_at) == (job.id, job.created_at)
    assert record.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert ModelConfig.of_snapshot(record.config) == MODEL
    for private in (b"ann", b"my-photo", str(tmp_path).encode(), b"fake://"):
        assert private not in json.dumps(texts(content)).encode().replace(b"standalone", b"")


def test_a_result_out_of_words_and_one_by_rules_are_marked_as_such(studio: Make, monkeypatch: Any) -> None:
    made = studio()
    assert texts(result(made, made.run()))["xmp.digitalsourcetype"].endswith("/trainedAlgorithmicMedia")
    by_rules = MODEL.model_copy(update={"made_by": "rules"})
    monkeypatch.setattr(made.runner, "_models", {"toy": by_rules})
    assert texts(result(made, made.run({"prompt": "b"})))["xmp.digitalsourcetype"].endswith("/algorithmicMedia")


def test_each_output_has_the_seed_that_it_was_made_with(studio: Make) -> None:
    def run(request: Request, context: Context) -> Outputs:
        paths = [request.folder / folder / "same-name.png" for folder in ("a", "b")]
        for shade, path in enumerate(paths):
            path.parent.mkdir()
            Image.new("RGB", (16, 16), (shade, 0, 0)).save(path)
        return Outputs(tuple(paths), seeds={paths[1]: 2**53 - 1})

    made = studio(run)
    job = made.run()
    assert [one.seed for one in job.outputs] == [None, 2**53 - 1]
    records = [read_record(content_of(made.media, one.key)) for one in job.outputs]
    assert [record and record.output_seed for record in records] == [None, 2**53 - 1]


def test_a_result_that_cannot_carry_a_record_is_stored_as_it_is(
    studio: Make, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    given = media_samples.image(tmp_path / "scan.bmp")

    def run(request: Request, context: Context) -> Outputs:
        (request.folder / "out.bmp").write_bytes(given.read_bytes())
        return Outputs((request.folder / "out.bmp",))

    caplog.set_level(logging.INFO)
    made = studio(run)
    assert result(made, made.run()) == given.read_bytes()
    assert "is stored as the model gave it: Files of this format carry no record" in caplog.text


def test_a_writer_that_fails_costs_no_result(studio: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("studio.jobs.job_record.write", fail)
    made = studio()
    assert read(result(made, made.run())) is None


def test_a_backend_that_gives_a_stored_input_as_its_result_does_not_change_it(studio: Make, tmp_path: Path) -> None:
    made = studio(lambda request, _: Outputs((request.values["photo"],)))
    path = media_samples.png(tmp_path / "photo.png")
    photo = made.media.put("ann", path, "photo.png").key
    job = made.run({"photo": photo}, media=(photo,))
    assert read_record(result(made, job)) is not None
    assert content_of(made.media, photo) == path.read_bytes()


def test_what_a_camera_said_of_an_input_does_not_travel_into_the_result(studio: Make, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA431] = "serial-4711"
    path = media_samples.image(tmp_path / "photo.jpg", exif=exif.tobytes())

    def run(request: Request, context: Context) -> Outputs:
        with Image.open(request.values["photo"]) as image:
            image.save(request.folder / "out.jpg", exif=image.info["exif"])
        return Outputs((request.folder / "out.jpg",))

    for setting in (True, False):
        made = studio(run, metadata=setting)
        photo = made.media.put("ann", path, "photo.jpg").key
        content = result(made, made.run({"photo": photo, "prompt": str(setting)}, media=(photo,)))
        assert b"serial-4711" not in content
        assert (read_record(content) is not None) == setting


@given(st.data())
def test_a_file_alone_fills_an_empty_form_with_the_same_values(data: st.DataObject) -> None:
    """On another studio, whose database is empty, but where the inputs are there by content."""
    config = SHIPPED[data.draw(st.sampled_from(sorted(SHIPPED)))]
    values = data.draw(values_for(config))
    seed = data.draw(st.none() | st.integers(0, 2**53 - 1))
    written = record_of(config, values, seed=seed)
    record = JobRecord.from_text(written.to_text())
    assert record is not None
    event = ReuseJobInput(
        job_id="", model_id=record.model_id, type=record.type, options=record.options, seed=record.seed
    )
    media = {key: _Stored(kind) for key, kind in record.media.items()}
    restored = plan(event, config, media)
    shown = config.visible(values)
    seeds = {name for name, parameter in config.parameters.items() if parameter.kind == "seed"}
    assert {name for name, shows in restored.visible.items() if shows} == shown
    for name in shown:
        wanted = seed if name in seeds and seed is not None else values[name]
        assert restored.values[name] == wanted or config.parameters[name].check(wanted) == restored.values[name]


class _Stored:
    def __init__(self, kind: str) -> None:
        self.kind = kind
