"""What the documents say is what the studio does."""

import re
from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from model_configs import registry
from model_configs.schema import ModelConfig, Parameter
from studio.settings import Login

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODEL_CONFIGS = (ROOT / "docs" / "model-configs.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
KINDS = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Parameter)[0])]


def test_the_smallest_example_loads_and_checks_values() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", MODEL_CONFIGS, re.DOTALL)
    config = ModelConfig.model_validate(registry.plain(YAML(typ="rt", pure=True).load(example)))
    assert config.check({"prompt": "a harbour"}) == {"prompt": "a harbour", "format": "square", "seed": None}


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_kind_is_described(kind: str) -> None:
    assert re.search(rf"^\|.*`{kind}`.*\|", MODEL_CONFIGS, re.MULTILINE)


@pytest.mark.parametrize("login", get_args(Login))
def test_what_each_login_promises_is_described(login: str) -> None:
    assert re.search(rf"^\| `{login}` \|", SECURITY, re.MULTILINE)


@pytest.mark.parametrize("config", registry.load_registry().models.values(), ids=lambda config: config.id)
def test_every_shipped_model_stands_in_the_readme(config: ModelConfig) -> None:
    assert f"| `{config.id}` |" in README


def test_files_that_the_readme_points_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
