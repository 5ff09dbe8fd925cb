"""The backend of docs/backends.md is one."""

import os
import re
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from backends import registry
from tests.backends.contract import BackendContract, Harness

DOCUMENT = (Path(__file__).parents[2] / "docs" / "backends.md").read_text(encoding="utf-8")
PROGRAM = f"""#!{sys.executable}
import json, sys
from PIL import Image
values = json.load(sys.stdin)
Image.new("RGB", (32, 24), values["colour"]).save("result.png")
"""


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def code() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "my_package"}
    exec(example("python"), names)
    return names


class TestTheBackendOfTheDocs(BackendContract):
    @pytest.fixture
    def harness(self, code: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Harness:
        program = tmp_path_factory.mktemp("programs") / "paint-me"
        program.write_text(PROGRAM)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        backend, spec = code["ProgramBackend"](os.environ), code["ProgramSpec"]
        missing = spec(kind="program", program=f"{program}-not")
        values = {"colour": "navy", "seed": 7}
        failing = {"colour": "no colour"}
        return Harness(backend, spec(kind="program", program=str(program)), values, failing, ((backend, missing),))


def test_it_has_forty_lines_at_most() -> None:
    assert len(example("python").splitlines()) <= 45
    assert len([line for line in example("python").splitlines() if line]) <= 40


def test_its_entry_point_is_of_the_group_that_is_looked_for(code: dict[str, Any]) -> None:
    points = tomllib.loads(example("toml"))["project"]["entry-points"]
    assert points == {registry.GROUP: {"program": "my_package:ProgramBackend"}}
    assert "ProgramBackend" in code
    assert "kind: program" in example("yaml")


@pytest.mark.parametrize("name", ["progress", "check", "preview", "remember", "spent", "ran_with"])
def test_everything_that_a_context_can_do_is_described(name: str) -> None:
    assert re.search(rf"^\| `{name}\(", DOCUMENT, re.MULTILINE)
