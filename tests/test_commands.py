"""The command line, as it is typed."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from storage.preferences import PreferenceStore
from studio.settings import Settings
from studio_ui import cli, open_studio

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", cli.registered_commands, ids=lambda command: str(command.name))
def test_every_command_stands_in_the_readme(command: object) -> None:
    assert re.search(rf"^\S+ studio_ui\.py {command.name} ", README, re.MULTILINE)  # type: ignore[attr-defined]


def test_a_users_work_moves_to_another_studio(tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "work.zip"
    studio, _ = open_studio(Settings(data_dir=first))
    studio.preferences.set("local", "seed", "new")
    exported = CliRunner().invoke(cli, ["export", str(file), "--data-dir", str(first)])
    assert exported.output == "Exported: 0 workspaces, 0 jobs, 0 drafts, 1 preferences, 0 media.\n"
    imported = CliRunner().invoke(cli, ["import", str(file), "--user", "bob", "--data-dir", str(second)])
    assert imported.output == "Imported: 0 workspaces, 0 jobs, 0 drafts, 1 preferences, 0 media.\n"
    preferences: PreferenceStore = open_studio(Settings(data_dir=second))[0].preferences
    assert preferences.all("bob") == {"seed": "new"}


@pytest.mark.parametrize("file", ["README.md", "nowhere/work.zip"])
def test_a_refusal_is_a_sentence(tmp_path: Path, file: str) -> None:
    result = CliRunner().invoke(cli, ["import", file, "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not an archive that can be read" in result.output
