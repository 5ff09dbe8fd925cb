"""Imports run one way: studio_ui → web → components → studio → {model_configs, storage, backends, interchange} →
media_kinds.

And what reaches into Gradio's insides stands behind the fence.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import gradio
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

FENCE = {ROOT / "components/gradio_ext", ROOT / "web/gate"}
PUBLIC = re.compile(r"gradio(\.(components|data_classes|themes\.utils\.(colors|sizes)))?")
"""What of Gradio its documentation names: components, what files come as in one's own, and what themes are made of."""
INNER_MODULES = {path.stem for path in Path(gradio.__file__).parent.iterdir()} - {"components", "themes"}
INSIDES = re.compile(
    r"""
    gradio_config | gradio_api | __type__ | gradio\.FileData       # what the page is told, and what it is sent
    | \.gradio-container | \.contain\b                            # what is around everything
    | svelte | data-testid | upload-container | overflow-dropdown  # what components draw
    | visually-hidden\ > | label-wrap | input-container | tabitem | role=tab\] | button:not\(\.open\)
    | access-token | oauth_info | _nb_redirects                    # what it keeps in a browser
    """,
    re.VERBOSE,
)
EXCEPTIONS = {
    "components/globals.d.ts": {"gradio_config"},  # tells the checker of types what server.js reads
    "components/library/keys.js": {"role=tab]"},  # any tab takes keys, whoever has drawn it
}


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


def _outside(*endings: str) -> Iterator[Path]:
    for room in KNOW_GRADIO:
        files = [ROOT / f"{room}.py"] if room == "studio_ui" else sorted((ROOT / room).rglob("*"))
        yield from (one for one in files if one.suffix in endings and not FENCE & {*one.parents})


def _reached(node: ast.AST) -> Iterator[str]:
    """What the node names of Gradio's modules, or of an object that is not its own and keeps it to itself."""
    match node:
        case ast.Import(names):
            yield from (one.name for one in names if one.name.startswith("gradio") and not PUBLIC.fullmatch(one.name))
        case ast.ImportFrom(module=str(module)) if module.startswith("gradio") and not PUBLIC.fullmatch(module):
            yield module
        case ast.Attribute(ast.Name("gr"), name) if name in INNER_MODULES:
            yield f"gr.{name}"
        case ast.Attribute(owner, name) if name.startswith("_") and not name.startswith("__"):
            if not (isinstance(owner, ast.Name) and owner.id in ("self", "cls")):
                yield name


def test_no_module_outside_the_fence_imports_or_touches_what_gradio_keeps_to_itself() -> None:
    reaching = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} reaches for {name}"
        for path in _outside(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for name in _reached(node)
    ]
    assert not reaching, "it goes into components/gradio_ext/ or web/gate/, with a test of what it takes for granted"


def test_no_file_outside_the_fence_names_what_gradios_page_is_made_of() -> None:
    """Stylesheets do: `test_gradios_page.py` looks for what they name."""
    found = {
        f"{name}:{number} names {part[0]!r}"
        for path in _outside(".py", ".js", ".ts")
        for name in [str(path.relative_to(ROOT))]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for part in INSIDES.finditer(line)
        if part[0] not in EXCEPTIONS.get(name, ())
    }
    assert not found, "it goes into components/gradio_ext/ or web/gate/, with a test of what it takes for granted"


def test_every_exception_is_still_one() -> None:
    for name, parts in EXCEPTIONS.items():
        assert {part[0] for part in INSIDES.finditer((ROOT / name).read_text())} >= parts


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
