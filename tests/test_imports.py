"""Imports run one way: studio_ui → web → components → studio → {model_configs, storage, backends, interchange} →
media_kinds.
"""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from studio.context import StudioContext

ROOT = Path(__file__).parents[1]
LOWEST = frozenset({"media_kinds"})
BOTTOM = LOWEST | {"model_configs", "storage", "backends", "interchange"}
MAY_IMPORT = {
    "studio_ui": frozenset({"web", "components", "studio", *BOTTOM}),
    "web": frozenset({"components", "studio", *BOTTOM}),
    "components": frozenset({"studio", *BOTTOM}),
    "studio": BOTTOM,
    "model_configs": LOWEST,
    "storage": LOWEST,
    "backends": LOWEST,
    "interchange": LOWEST,
    "media_kinds": frozenset[str](),
}
KNOW_GRADIO = {"studio_ui", "web", "components"}


def _files(room: str) -> list[Path]:
    return [ROOT / f"{room}.py"] if room in ("studio_ui", "media_kinds") else sorted((ROOT / room).rglob("*.py"))


def _imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the top-level package of every import, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively: name the package"
            yield node.lineno, (node.module or "").partition(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_the_rooms_below_it(room: str) -> None:
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[room] - {room} | {"tests", "benchmarks"}
    wrong = [
        f"{path}:{line} imports {name}" for path in _files(room) for line, name in _imported(path) if name in forbidden
    ]
    assert not wrong


@pytest.mark.parametrize("room", sorted(MAY_IMPORT.keys() - KNOW_GRADIO))
def test_only_the_page_knows_gradio(room: str) -> None:
    allowed = {"gradio_client"} if room == "backends" else set()  # other people's apps are called through it
    found = {name for path in _files(room) for _, name in _imported(path) if name.startswith("gradio")}
    assert found <= allowed


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_every_room_has_files_to_look_at(room: str) -> None:
    assert all(path.is_file() for path in _files(room))
    assert _files(room)


def test_the_page_asks_the_context_and_no_store_of_it() -> None:
    stores = {field.name for field in fields(StudioContext) if str(field.type).startswith("<class 'storage.")}
    wrong = [
        f"{path}:{node.lineno} asks {ast.unparse(node)}"
        for path in _files("components")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in stores and ast.unparse(node.value).endswith("context")
    ]
    assert len(stores) > 5
    assert not wrong
