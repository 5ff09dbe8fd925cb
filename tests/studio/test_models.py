"""The models of a studio: shipped, put into the data folder, named by a setting, and described by a command."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from backends import registry
from backends.describing import DescribeError, Describer
from backends.registry import load_backends
from model_configs.registry import load_file, load_registry
from model_configs.schema import ModelConfig
from studio import models
from studio.errors import ModelSourceError
from studio.models import add_model, as_yaml, load_models
from studio.settings import Settings
from tests.strategies import model_documents

BACKENDS = load_backends({})
FUNCTION = "from PIL import Image\n\ndef generate(prompt: str = 'a fox', seed: int = 1) -> Image.Image: ...\n"
FILE = "id: {id}\nname: {id}\ntype: image\nbackend: {{kind: absent}}\nparameters: {{prompt: {{kind: text}}}}\n"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def loaded(tmp_path: Path, *sources: Path | str) -> tuple[list[str], list[str]]:
    """The ids that load besides the shipped ones, and what is said of those that do not."""
    found = load_models(Settings(data_dir=tmp_path / "data", models=tuple(map(str, sources))), BACKENDS)
    return sorted(found.models.keys() - load_registry().models.keys()), [str(broken) for broken in found.broken]


def test_shipped_models_and_the_users_own_load_side_by_side(tmp_path: Path) -> None:
    written(tmp_path / "data/models/mine.yaml", FILE.format(id="mine"))
    written(tmp_path / "data/models/painter.py", FUNCTION)
    file, function = written(tmp_path / "given.yaml", FILE.format(id="given")), written(tmp_path / "draw.py", FUNCTION)
    written(tmp_path / "folder/one.yaml", FILE.format(id="one"))
    written(tmp_path / "folder/two.py", FUNCTION)
    written(tmp_path / "folder/_helper.py", "raise ValueError('only imported by others')")
    written(tmp_path / "folder/notes.txt", "no model")
    ids = ["draw", "given", "mine", "one", "painter", "two"]
    assert loaded(tmp_path, file, function, tmp_path / "folder") == (ids, [])


def test_what_does_not_load_is_named_and_the_others_load(tmp_path: Path) -> None:
    written(tmp_path / "data/models/broken.py", "import no_such_package\n")
    written(tmp_path / "data/models/dark.yaml", "id: [")
    written(tmp_path / "data/models/fine.py", FUNCTION)
    written(tmp_path / "data/models/pattern.py", FUNCTION)
    assert loaded(tmp_path) == (
        ["fine"],
        [
            "broken.py, line 1: it cannot be imported: No module named 'no_such_package'",
            "dark.yaml, line 1: not YAML: expected the node content, but found '<stream end>'",
            "pattern.py: the id pattern is taken by another file",
        ],
    )


def test_a_signature_that_is_no_form_is_named_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "m.py", FUNCTION.replace("prompt: str", "Prompt: str"))
    (said,) = loaded(tmp_path, path)[1]
    assert said.startswith("m.py: parameters.Prompt")


# --- models add ------------------------------------------------------------------------------------------------------


def test_what_is_added_loads_and_may_be_edited(tmp_path: Path) -> None:
    source = written(tmp_path / "my_model.py", FUNCTION)
    path, config = add_model(str(source), tmp_path / "data/models", BACKENDS)
    assert path == tmp_path / "data/models/my-model.yaml"
    assert load_file(path) == config
    assert loaded(tmp_path) == (["my-model"], [])
    path.write_text(path.read_text().replace("a fox", "a crow"))
    assert load_file(path).defaults() == {"prompt": "a crow", "seed": 1}


def test_what_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    source, folder = written(tmp_path / "m.py", FUNCTION), tmp_path / "models"
    path, _ = add_model(str(source), folder, BACKENDS)
    path.write_text("# edited")
    with pytest.raises(ModelSourceError, match=r"--replace.*--id"):
        add_model(str(source), folder, BACKENDS)
    assert path.read_text() == "# edited"
    assert add_model(str(source), folder, BACKENDS, "other")[1].id == "other"
    add_model(str(source), folder, BACKENDS, replace=True)
    assert load_file(path).id == "m"
    assert {one.name for one in folder.iterdir()} == {"m.yaml", "other.yaml"}


@pytest.mark.parametrize("model_id", ["../m", "/m", "A", ".."])
def test_an_id_is_no_way_out_of_the_folder(model_id: str, tmp_path: Path) -> None:
    source = written(tmp_path / "m.py", FUNCTION)
    with pytest.raises(ModelSourceError, match="id: "):
        add_model(str(source), tmp_path / "models", BACKENDS, model_id)
    assert not (tmp_path / "models").exists()


def test_what_cannot_be_made_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelSourceError, match=r"such as my_model\.py:generate"):
        add_model("letter.docx", tmp_path, BACKENDS)
    source = written(tmp_path / "m.py", FUNCTION.replace("prompt: str", "prompt: complex"))
    with pytest.raises(ModelSourceError, match=rf"^{re.escape(str(source))}, line 3: prompt: complex is no kind "):
        add_model(str(source), tmp_path / "models", BACKENDS)


def test_other_backends_describe_their_sources_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe(source: str, environment: Mapping[str, str]) -> Mapping[str, Any]:
        if source == "app:down":
            raise DescribeError("nothing answers there")
        backend = {"kind": "absent", "at": source}
        return {"id": "app", "name": "App", "type": "image", "backend": backend, "parameters": {"a": {"kind": "text"}}}

    describer = Describer("app:name", lambda source: source.startswith("app:"), describe)
    monkeypatch.setitem(registry.DESCRIBERS, "app", describer)  # type: ignore[misc]
    assert add_model("app:mine", tmp_path, BACKENDS)[1].backend.model_dump() == {"kind": "absent", "at": "app:mine"}
    with pytest.raises(ModelSourceError, match=r"^app:down: nothing answers there"):
        add_model("app:down", tmp_path, BACKENDS)
    assert models.DESCRIBERS is registry.DESCRIBERS


@given(document=model_documents())
def test_a_written_model_file_says_what_was_described(
    document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("models") / "m.yaml", as_yaml(document))
    assert load_file(path) == ModelConfig.model_validate(document)


@given(
    st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab \n\r\t\x85\u2028\u2029\ufeff'\"\\#:", max_size=8)
)
def test_every_text_is_in_a_model_file_as_it_is(text: str) -> None:
    document = {"text": text, "list": [{"text": text}]}
    assert YAML(typ="safe", pure=True).load(as_yaml(document)) == document
