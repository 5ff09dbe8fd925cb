"""The record of a job in a file: as exact as the job, whole or none at all."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.read import read
from interchange.record import JobRecord, portable_config, read_record
from model_configs.schema import SEED_MAXIMUM, ModelConfig, files_in
from tests.interchange import made_files as made
from tests.shipped import SHIPPED
from tests.strategies import texts, values_for


def record_of(config: ModelConfig, values: dict[str, Any], **more: Any) -> JobRecord:
    """As the studio makes it, of a job of these values."""
    media = {key: kind for name, kind in config.media().items() for key in files_in(values.get(name))}
    said = {
        "model_id": config.id,
        "model_name": config.name,
        "model_version": config.version,
        "type": config.type,
        "options": {name: value for name, value in values.items() if name in config.visible(values)},
        "media": media,
        "config": portable_config(config.snapshot()),
    }
    return JobRecord.model_validate(said | more)


@st.composite
def records(draw: st.DrawFn) -> JobRecord:
    """Of any shipped model, with any values, and everything else that a record may say."""
    config = SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))]
    return record_of(
        config,
        draw(values_for(config)),
        resolved=draw(st.dictionaries(st.sampled_from(sorted(config.parameters)), texts(), max_size=2)),
        seed=draw(st.none() | st.integers(0, SEED_MAXIMUM)),
        output_seed=draw(st.none() | st.integers(0, SEED_MAXIMUM)),
        source_type=draw(st.sampled_from([None, "trainedAlgorithmicMedia", "algorithmicMedia"])),
        ran_with=draw(st.dictionaries(texts(), texts(), max_size=2)),
        job_id=draw(st.none() | st.uuids().map(str)),
        created_at=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
    )


@given(records())
def test_a_record_comes_back_from_its_text_as_it_was(record: JobRecord) -> None:
    assert JobRecord.from_text(record.to_text()) == record
    assert JobRecord.from_text(record.to_compressed_text()) == record
    assert record.to_text().isascii()


@given(records())
def test_a_record_says_nothing_of_what_runs_the_model(record: JobRecord) -> None:
    assert record.config is not None
    assert record.config.get("backend", {}).keys() <= {"kind"}
    assert ModelConfig.of_snapshot(record.config) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_any_options_come_back_exactly(options: dict[str, Any]) -> None:
    """Whole numbers of any length, lone surrogates and NUL among them."""
    record = JobRecord(model_id="m", type="image", options=options)
    found = JobRecord.from_text(record.to_text())
    assert found is not None
    assert json.dumps(found.options) == json.dumps(options)


@given(records(), st.data())
def test_a_damaged_text_is_no_record_and_raises_nothing(record: JobRecord, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([record.to_text(), record.to_compressed_text()]))
    at = data.draw(st.integers(0, len(whole) - 1))
    assert JobRecord.from_text(whole[:at]) is None
    JobRecord.from_text(whole[:at] + data.draw(st.text(max_size=5)) + whole[at + 1 :])


@given(JSON | st.dictionaries(st.sampled_from([*JobRecord.model_fields]), JSON))
def test_any_json_is_a_record_or_none(value: Any) -> None:
    found = JobRecord.from_text(json.dumps({"studio": 1, **value} if isinstance(value, dict) else value))
    assert found is None or JobRecord.from_text(found.to_text()) == found


@pytest.mark.parametrize(
    "text",
    [
        '{"studio": 2, "model_id": "m", "type": "image"}',
        '{"model_id": "m", "type": "image"}',
        '{"studio": 1, "model_id": "m", "type": "image", "options": {"a": NaN}}',
        '{"studio": 1, "model_id": "m", "type": "image", "options": {"a": 1e999}}',
        '{"studio": 1, "model_id": "m", "type": "image", "options": {"a": ' + "[" * 70 + "]" * 70 + "}}",
        '{"studio": 1, "model_id": "m", "type": "image", "options": {"a": ' + "[" * 100_000,
        '{"studio": 1, "model_id": "m", "type": "image", "seed": 1.5}',
        '{"studio": 1, "model_id": "m", "type": "image", "seed": true}',
    ],
)
def test_what_this_studio_cannot_take_whole_is_no_record(text: str) -> None:
    assert JobRecord.from_text(text) is None


def test_a_record_is_found_in_a_file_and_read_as_fields() -> None:
    record = JobRecord(
        model_id="m",
        model_name="Model",
        type="image",
        options={
            **{"positive": "a {red|blue} cat", "negative_prompt": "dog", "steps": 20, "cfg": 7.5, "area": None},
            **{"seed": None, "loras": [{"path": "x.safetensors", "weight": 0.5}], "photo": "aa/a.png"},
        },
        resolved={"positive": "a red cat"},
        media={"aa/a.png": "image"},
        seed=2**64 - 1,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        config={"parameters": {"positive": {"aliases": ["prompt"]}, "area": {"kind": "size"}}},
    )
    record = record.model_copy(update={"options": record.options | {"area": {"width": 512, "height": 768}}})
    content = made.png({"studio": record.to_text(), "parameters": "other\nSteps: 3, Seed: 4"})
    assert read_record(content) == record
    found = read(content)
    assert found is not None
    assert (found.tool, found.prompt, found.negative_prompt) == ("Studio", "a red cat", "dog")
    assert (found.seed, found.steps, found.guidance) == (2**64 - 1, 20, 7.5)
    assert (found.width, found.height, found.model) == (512, 768, "Model")
    assert found.loras == (("x.safetensors", 0.5),)
    assert found.inputs == ("aa/a.png",)
    assert set(found.rest) == {"photo"}


def test_an_output_of_its_own_seed_is_read_with_that() -> None:
    record = JobRecord(model_id="m", type="image", options={"seed": 1}, seed=1, output_seed=3)
    found = read(made.png({"studio": record.to_text()}))
    assert found is not None
    assert found.seed == 3


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    assert read_record(content) is None


@pytest.mark.parametrize("config", SHIPPED.values(), ids=SHIPPED)
def test_the_inputs_of_a_shipped_model_are_read_under_the_usual_names(config: ModelConfig) -> None:
    names = {"prompt": "a cat", "steps": 7, "width": 640, "height": 320}
    shown = config.visible(config.defaults())
    has = {name: value for name, value in names.items() if name in shown}
    found = read(made.png({"studio": record_of(config, config.defaults() | has).to_text()}))
    assert found is not None
    assert {name: getattr(found, name) for name in has} == has
    assert found.model == config.name
