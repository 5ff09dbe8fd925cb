"""A folder of model configs: what is broken is named with line and reason, and the rest still loads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.registry import BUILT_IN
from model_configs.registry import LARGEST_FILE, SCHEMA_FILE, json_schema, load_registry
from model_configs.schema import ModelConfig
from tests.strategies import model_documents

GOOD = """\
id: {id}
name: {id}
type: image
backend: {{kind: local}}
parameters:
  prompt: {{kind: text}}
  size:
    kind: choice
    choices: [16:9, 1e-4, no]
"""


def broken_line(folder: Path, text: str) -> tuple[int | None, str]:
    """Line and reason for a file of this text that stands beside a good one."""
    (folder / "good.yaml").write_text(GOOD.format(id="good"), encoding="utf-8")
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    registry = load_registry(folder)
    assert list(registry.models) == ["good"]
    (broken,) = registry.broken
    assert broken.file == "bad.yaml"
    assert str(broken).startswith("bad.yaml")
    return broken.line, broken.reason


def test_yaml_is_read_as_version_1_2_so_that_ratios_and_no_stay_text(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.format(id="good"), encoding="utf-8")
    choices = load_registry(tmp_path).models["good"].parameters["size"].choices
    assert [option.value for option in choices] == ["16:9", 1e-4, "no"]


BAD = GOOD.format(id="bad")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", None, "valid dictionary"),
        ("just text", None, "valid dictionary"),
        ("id: [unclosed", 1, "not YAML"),
        ("id: a\nid: b\n", 2, "not YAML"),
        (BAD.replace("type: image", "type: smell"), 3, "type: Input should be 'image', 'video' or 'audio'"),
        (BAD.replace("{kind: text}", "{kind: txt}"), 6, "parameters.prompt"),
        (BAD.replace("{kind: text}", "{kind: text, lines: 99}"), 6, "parameters.prompt.lines"),
        (BAD + "    defualt: 16:9\n", 10, "parameters.size.defualt: Extra inputs are not permitted"),
        (BAD + "    default: 4:3\n", 10, "the default '4:3' of Size must be one of 16:9"),
        (BAD + "    depends_on: {nowhere: 1}\n", 10, "it depends on nowhere, which the model does not have"),
        (BAD + "    depends_on: {prompt: []}\n", 10, "prompt is compared with an empty list: it could never hold"),
        (BAD + "    depends_on: {size: no}\n", 5, "rules depend on each other in a cycle: size → size"),
        (BAD.replace("backend: {kind: local}\n", ""), None, "backend: Field required"),
        (BAD + "renames: {old: gone}\n", 10, "old → gone must lead from a name no longer used to one in use"),
        ("&a [*a]", None, "nested too deeply"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_a_broken_file_is_named_with_line_and_reason(text: str, line: int | None, reason: str, tmp_path: Path) -> None:
    found_line, found_reason = broken_line(tmp_path, text)
    assert reason in found_reason
    assert found_line == line


SPECS = {kind: make({}).spec_type for kind, make in BUILT_IN.items()}


@pytest.mark.parametrize(
    ("block", "line", "reason"),
    [
        ("backend: {kind: function}", 4, "backend.function: Field required"),
        ("backend:\n  kind: function\n  functoin: a.b:c", 6, "backend.functoin: Extra inputs are not permitted"),
        (
            "backend:\n  kind: function\n  function: a.b:c\n  extra: 1",
            7,
            "backend.extra: Extra inputs are not permitted",
        ),
        ("backend:\n  kind: function\n  function: a b", 6, "backend.function: String should match pattern"),
        (
            "backend:\n  kind: runpod\n  endpoint_setting: X\n  result: image\n  media:\n    photo: [1]",
            9,
            "backend.media.photo: Input should be a valid string",
        ),
        ("backend:\n  function: a.b:c", 4, "backend.kind: Field required"),
    ],
)
def test_a_backend_block_is_checked_by_its_backend(block: str, line: int, reason: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD.replace("backend: {kind: local}", block), encoding="utf-8")
    (broken,) = load_registry(tmp_path, SPECS).broken
    assert reason in broken.reason
    assert broken.line == line


def test_a_model_of_an_absent_plug_in_loads_with_whatever_its_backend_needs(tmp_path: Path) -> None:
    block = "backend: {kind: absent, workflow: {nodes: [1, 2]}}"
    (tmp_path / "good.yaml").write_text(BAD.replace("backend: {kind: local}", block), encoding="utf-8")
    registry = load_registry(tmp_path, SPECS)
    assert registry.broken == ()
    assert registry.models["bad"].snapshot()["backend"] == {"kind": "absent", "workflow": {"nodes": [1, 2]}}


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    (broken,) = load_registry(tmp_path).broken
    assert "cannot be read" in broken.reason


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("#" * (LARGEST_FILE + 1), encoding="utf-8")
    (broken,) = load_registry(tmp_path).broken
    assert "too large" in broken.reason


def test_of_two_files_with_one_id_the_first_is_taken_and_the_second_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.format(id="same"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD.format(id="same").replace("name: same", "name: Other"), encoding="utf-8")
    registry = load_registry(tmp_path)
    assert registry.models["same"].name == "same"
    assert [str(broken) for broken in registry.broken] == ["b.yaml: the id same is taken by another file"]


def test_models_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("zebra", "Ape", "bear"):
        text = GOOD.format(id=name.lower()).replace(f"name: {name.lower()}", f"name: {name}")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert [config.name for config in load_registry(tmp_path).models.values()] == ["Ape", "bear", "zebra"]


def as_yaml(written: dict[str, Any]) -> str:
    """JSON is YAML, but for how it writes the rarer characters."""
    return re.sub(r"[^ -~]", lambda found: f"\\U{ord(found[0]):08x}", json.dumps(written, ensure_ascii=False))


@given(written=model_documents())
def test_a_generated_config_loads_from_its_file(
    written: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("models")
    (folder / "m.yaml").write_text(as_yaml(written), encoding="utf-8")
    registry = load_registry(folder)
    assert not registry.broken
    assert registry.models == {written["id"]: ModelConfig.model_validate(written)}


@given(text=st.text(max_size=80) | st.lists(st.sampled_from(GOOD.splitlines()), max_size=9).map("\n".join))
def test_whatever_stands_in_a_file_the_others_load(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    (folder / "a-good.yaml").write_text(GOOD.format(id="good"), encoding="utf-8")
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    registry = load_registry(folder)
    assert "good" in registry.models
    assert len(registry.models) + len(registry.broken) == 2


def test_the_published_json_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema()
