"""The command line, as it is typed."""

import errno
import gc
import os
import re
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import delete, update
from typer.testing import CliRunner

from model_configs.registry import load_registry
from storage import tables
from storage.accounts import AccountStore
from storage.database import open_database
from storage.errors import FULL
from storage.jobs.loaded import Loaded, LoadedStore
from storage.jobs.workers import WorkerStore
from storage.preferences import PreferenceStore
from storage.tables import now
from studio.errors import SettingError
from studio.settings import Settings
from studio_ui import _starting, _with_login, cli, main, models_cli, open_studio
from tests import media_samples, s3
from tests.interchange import made_files
from web.auth.visitors import visitors_key

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md")))


def test_every_command_has_help() -> None:
    groups = {group.name: group.typer_instance for group in cli.registered_groups}
    assert groups.keys() == {"models", "jobs", "users"}
    commands = [[str(one.name)] for one in cli.registered_commands]
    commands += [[str(name), str(one.name)] for name, group in groups.items() for one in group.registered_commands]
    assert ["serve"] in commands
    for command in commands:
        told = CliRunner().invoke(cli, [*command, "--help"])
        assert (told.exit_code, "Usage" in told.output) == (0, True), told.output


@pytest.mark.parametrize("command", cli.registered_commands, ids=lambda command: str(command.name))
def test_every_command_stands_in_the_docs(command: object) -> None:
    assert re.search(rf"^\S+ studio_ui\.py {command.name} ", COMMANDS, re.MULTILINE)  # type: ignore[attr-defined]


def test_a_users_work_moves_to_another_studio(tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "work.zip"
    studio, _ = open_studio(Settings(data_dir=first))
    studio.preferences.set("local", "seed", "new")
    exported = CliRunner().invoke(cli, ["export", str(file), "--data-dir", str(first)])
    assert exported.output == "Exported: 0 workspaces, 0 jobs, 0 presets, 0 drafts, 1 preferences, 0 media.\n"
    imported = CliRunner().invoke(cli, ["import", str(file), "--user", "bob", "--data-dir", str(second)])
    assert imported.output == "Imported: 0 workspaces, 0 jobs, 0 presets, 0 drafts, 1 preferences, 0 media.\n"
    preferences: PreferenceStore = open_studio(Settings(data_dir=second))[0].preferences
    assert preferences.all("bob") == {"seed": "new"}


def test_other_tools_results_become_jobs_of_a_workspace(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "fox.png").write_bytes(made_files.png({"parameters": "a fox\nSteps: 4, Sampler: Euler, Seed: 3"}))
    (results / "cut.png").write_bytes(made_files.png({"parameters": "cut\nSteps: 4, Seed: 3"}, (90, 90))[:-40])

    def said(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["import", str(results), *options, "--data-dir", str(tmp_path / "data")])
        return result.exit_code, result.output

    code, told = said("--from", "auto", "--workspace", "Old work")
    assert (code, told.splitlines()) == (
        0,
        ["Imported: 1 jobs. Left out: 1 that cannot be taken.", "cut.png: The image is damaged or incomplete."],
    )
    assert said("--from", "a1111", "--workspace", "old WORK")[1].startswith(
        "Imported: 0 jobs. Left out: 1 there already"
    )
    studio, _ = open_studio(Settings(data_dir=tmp_path / "data"))
    (place,) = studio.own_workspaces("local")
    assert (place.name, len(studio.jobs.page("local", place.id).jobs)) == ("Old work", 1)
    code, told = said("--from", "photoshop")
    assert (code, told.startswith("--from photoshop: there is no reader for that tool. Take auto, or one of ")) == (
        1,
        True,
    )
    code, told = said()
    assert (code, "with --from auto" in told) == (1, True)


def test_files_in_no_record_are_named_by_an_export_and_put_back_by_a_rescue(tmp_path: Path) -> None:
    studio, _ = open_studio(Settings(data_dir=tmp_path))
    key = studio.media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    with open_database(Settings(data_dir=tmp_path).database).begin() as connection:
        connection.execute(delete(tables.table(tables.Media)))
    aged = time.time() - 7200
    os.utime(studio.media.local_path(key), (aged, aged))

    def said(*command: str) -> str:
        return CliRunner().invoke(cli, [*command, "--data-dir", str(tmp_path)]).output

    assert f"\nFiles in no record of this database: {key}.\n" in said("export", str(tmp_path / "one.zip"))
    with open_database(Settings(data_dir=tmp_path).database).begin() as connection:
        connection.execute(update(tables.table(tables.Milestone)).values(at=now() - timedelta(days=1)))
    studio.media.sweep(now() - timedelta(hours=1))
    named = f"\nFiles in quarantine, which studio_ui.py rescue puts back: {key}.\n"
    assert named in said("export", str(tmp_path / "two.zip"))
    assert not studio.media.local_path(key).exists()
    assert said("rescue").startswith("Put back: 1 files.")
    assert studio.media.local_path(key).exists()


@pytest.mark.parametrize(("command", "module"), [("export", "export"), ("import", "import_")])
def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, module: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"storage.archive.{module}.{command}_archive", full)
    result = CliRunner().invoke(cli, [command, "work.zip", "--data-dir", str(tmp_path)])
    assert (result.exit_code, result.output) == (1, f"{FULL}\n")


@pytest.mark.parametrize("file", ["README.md", "nowhere/work.zip"])
def test_a_refusal_is_a_sentence(tmp_path: Path, file: str) -> None:
    result = CliRunner().invoke(cli, ["import", file, "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not an archive that can be read" in result.output


Refusal = Callable[..., str]


@pytest.fixture(params=["serve", "worker", "export", "import", "rescue"])
def refusal(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> Refusal:
    """A function that starts a command with settings that cannot work; what it says is one line."""
    file = [str(tmp_path / "work.zip")] if request.param in ("export", "import") else []
    command = [] if request.param == "serve" else [request.param, *file]

    def start(**settings: object) -> str:
        for name, value in {"STUDIO_DATA_DIR": tmp_path / "data", "STUDIO_PORT": 0, **settings}.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(sys, "argv", ["studio_ui.py", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        said = str(ended.value.code)
        assert len(said.splitlines()) == 1, said
        assert "hush" not in said
        assert (capsys.readouterr(), caplog.text) == (("", ""), "")
        return said

    return start


for_the_server = pytest.mark.parametrize("refusal", ["serve"], indirect=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_DATABASE_URL", "mysql://ann:hush@db/studio"),
        ("STUDIO_MEDIA_URL", "nonsense"),
        ("STUDIO_ROOT_PATH", "a b"),
        ("STUDIO_TRASH_DAYS", "99999999999"),
    ],
)
def test_a_setting_that_cannot_be_is_named(refusal: Refusal, name: str, value: str) -> None:
    assert refusal(**{name: value}).startswith(f"{name}: ")


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc", "/proc/studio"])
def test_a_data_folder_that_cannot_be_written_to_is_named(refusal: Refusal, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    said = refusal(STUDIO_DATA_DIR=tmp_path / folder)
    assert re.fullmatch(rf"STUDIO_DATA_DIR: {tmp_path / folder}\S* cannot be used \(.+\): name a folder .*", said)


@for_the_server
@pytest.mark.parametrize("folder", ["file", "/proc/wildcards"])
def test_a_folder_of_wildcards_that_cannot_be_is_named(refusal: Refusal, tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    assert refusal(STUDIO_WILDCARDS_DIR=tmp_path / folder).startswith(f"STUDIO_WILDCARDS_DIR: {tmp_path / folder} ")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("127.0.0.1:{port}", "Connection refused"),
        ("nowhere.invalid", "failed to resolve host 'nowhere.invalid'"),
        ("127.0.0.1:99999", 'invalid port number: "99999"'),
    ],
)
def test_a_postgresql_that_cannot_be_reached_is_named_without_the_password(
    refusal: Refusal, place: str, why: str
) -> None:
    url = f"postgresql+psycopg://ann:hush@{place.format(port=s3.free_port())}/studio"
    said = refusal(STUDIO_DATABASE_URL=url)
    assert said.startswith("STUDIO_DATABASE_URL: The studio's database cannot be opened: see that ")
    assert why in said


def test_an_option_that_postgresql_does_not_have_is_named(refusal: Refusal) -> None:
    url = f"postgresql+psycopg://ann:hush@127.0.0.1:{s3.free_port()}/studio?colour=hush"
    assert 'invalid connection option "colour"' in refusal(STUDIO_DATABASE_URL=url)


def test_an_sqlite_file_that_cannot_be_is_named(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database at all, whatever its name says, and long enough for its header" * 9)
    assert "(file is not a database)" in refusal(STUDIO_DATABASE_URL=f"sqlite:///{tmp_path}/file")
    assert "(unable to open database file)" in refusal(STUDIO_DATABASE_URL="sqlite:////proc/studio.db")
    assert "(Not a directory)" in refusal(STUDIO_DATABASE_URL=f"sqlite:///{tmp_path}/file/below/studio.db")


@pytest.mark.parametrize("folder", ["work", "uploads", "media"])
def test_a_file_in_place_of_a_folder_is_named(refusal: Refusal, tmp_path: Path, folder: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / folder).touch()
    assert refusal().startswith(f"STUDIO_DATA_DIR: {tmp_path / 'data' / folder} cannot be used (")


def test_what_the_studio_keeps_is_its_owners_alone(tmp_path: Path) -> None:
    """Also what a version made that did not see to it."""
    data = tmp_path / "data"
    for _ in range(2):
        settings = Settings(data_dir=data)
        studio, _ = open_studio(settings)
        studio.preferences.set("local", "seed", "new")
        visitors_key(settings.visitors_key)
        private = [data, *(data / name for name in ("studio.db", "studio.db-wal", "studio.db-shm", "visitors.key"))]
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in private if path.exists()} == {
            path.name: 0o700 if path.is_dir() else 0o600 for path in private if path.exists()
        }
        for path in private:
            if path.exists():
                path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_folder_that_all_share_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    open_studio(Settings(data_dir=tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
    assert stat.S_IMODE((tmp_path / "studio.db").stat().st_mode) == 0o600


def test_a_database_in_the_data_folder_is_the_data_folders_matter(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "data" / "studio.db").mkdir(parents=True)
    assert refusal().startswith("STUDIO_DATA_DIR: The studio's database cannot be opened: ")


def test_a_database_of_a_newer_studio_is_told_as_such(refusal: Refusal, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        newer.execute("INSERT INTO alembic_version VALUES ('0999')")
        newer.commit()
    assert "newer studio" in refusal(STUDIO_DATABASE_URL=f"sqlite:///{tmp_path}/newer.db")


def test_a_bucket_that_does_not_answer_is_named_without_its_secret(refusal: Refusal) -> None:
    said = refusal(STUDIO_MEDIA_URL=s3.Peer(s3.free_port(), secret="hush").url("studio"))
    assert said.startswith("STUDIO_MEDIA_URL: The media store cannot be used: see that ")


@for_the_server
def test_a_port_that_is_taken_is_named_before_anything_else_is_done(refusal: Refusal, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(STUDIO_PORT=port)
    assert re.fullmatch(rf"STUDIO_PORT: .* 127\.0\.0\.1, port {port} .*address already in use.*", said)
    assert not (tmp_path / "data").exists()


@for_the_server
@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "a b", "a..b"])
def test_a_host_that_is_not_this_machine_is_named(refusal: Refusal, host: str) -> None:
    assert refusal(STUDIO_HOST=host).startswith(f"STUDIO_HOST: the studio cannot listen on {host}, ")


@for_the_server
def test_a_second_studio_on_the_same_folder_says_so(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with FileLock(tmp_path / "data" / "engine.lock"):
        assert refusal().startswith("Another studio is running on ")


@pytest.mark.parametrize("refusal", ["worker"], indirect=True)
def test_a_second_worker_on_the_same_folder_says_so(refusal: Refusal, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with FileLock(tmp_path / "data" / "worker.lock"):
        assert refusal().startswith("Another worker runs the jobs of ")


@pytest.mark.parametrize("command", models_cli.registered_commands, ids=lambda command: str(command.name))
def test_every_command_for_models_stands_in_the_docs(command: object) -> None:
    assert re.search(rf"^\S+ studio_ui\.py models {command.name} ", COMMANDS, re.MULTILINE)  # type: ignore[attr-defined]


def test_a_function_is_added_listed_checked_and_unloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*command: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["models", *command, "--data-dir", str(tmp_path)])
        return result.exit_code, result.output

    source = tmp_path / "my_model.py"
    source.write_text("from PIL import Image\ndef generate(prompt: str) -> Image.Image: ...\n", encoding="utf-8")
    file = tmp_path / "models" / "my-model.yaml"
    assert said("add", f"{source}:generate") == (0, f"Added My model as my-model: {file}\n")
    assert "my-model\tMy model\tfunction\n" in said("list")[1]
    database = open_database(Settings(data_dir=tmp_path).database)
    workers, loaded = WorkerStore(database), LoadedStore(database)
    for worker in ("box:1", "hut:2"):
        workers.enter(worker, worker)
        loaded.tell(worker, [Loaded("my-model", "1", 812, 7)])
    told = "".join(f"\tloaded on device 1, 812 MB, by {worker}" for worker in ("box:1", "hut:2"))
    assert f"my-model\tMy model\tfunction{told}\n" in said("list")[1]
    monkeypatch.setattr("studio_ui._UNLOAD_SECONDS", 0)
    assert said("unload") == (0, "my-model is at work, and goes after its job.\n")
    assert [loaded.unwanted(worker) for worker in ("box:1", "hut:2", "box:1")] == [("my-model",), ("my-model",), ()]
    assert said("unload", "pattern") == (1, "pattern is not loaded.\n")
    loaded.tell("box:1", [])
    assert workers.remove("hut:2")
    assert said("unload") == (1, "No model is loaded.\n")
    assert said("check") == (0, f"{len(load_registry().models) + 1} models load, 0 do not.\n")
    assert said("check", str(source)) == (0, "1 models load, 0 do not.\n")
    source.write_text("def generate(prompt: str): ...\n", encoding="utf-8")
    code, told = said("check", str(source))
    assert code == 1
    assert told.startswith("my_model.py, line 1: say what it makes")


def test_a_source_that_cannot_be_added_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["studio_ui.py", "models", "add", "no.py", "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert str(ended.value.code).startswith("no.py: there is no file ")


@for_the_server
def test_a_model_of_the_users_that_is_not_there_is_named(refusal: Refusal, tmp_path: Path) -> None:
    gone = tmp_path / "no.py"
    assert refusal(STUDIO_MODELS=gone) == f"STUDIO_MODELS: there is no file or folder {gone}"


def test_what_is_there_at_the_start_is_no_work_for_the_garbage_collector() -> None:
    frozen = gc.get_freeze_count()
    with _starting():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen
    gc.unfreeze()


def test_jobs_are_listed_shown_cancelled_and_run_again(tmp_path: Path) -> None:
    studio, _ = open_studio(Settings(data_dir=tmp_path))
    first, second = (studio.submit("local", None, "pattern", {"prompt": prompt}).id for prompt in ("a\npond", "é"))
    theirs = studio.submit("bob", None, "pattern", {}).id

    def said(*command: str) -> str:
        return CliRunner().invoke(cli, ["jobs", *command, "--data-dir", str(tmp_path)]).output

    listed = [line.split("\t") for line in said("list").splitlines()]
    assert [(one[0], one[1], one[2], one[4]) for one in listed] == [
        (second, "queued", "pattern", "é"),
        (first, "queued", "pattern", "a\\npond"),
    ]
    assert said("list", "--limit", "1").splitlines()[1] == "and more than these 1"
    assert f"id: {first}\n" in said("show", first)
    assert "This job does not exist" in said("show", theirs)
    assert said("cancel", first) == "Cancelled.\n"
    assert said("cancel", first) == "It has ended already.\n"
    assert "This job does not exist" in said("cancel", theirs)
    assert said("cancel") == "Name a job, or say --all.\n"
    again = said("retry", first).removeprefix("Queued as ").removesuffix(".\n")
    job = studio.jobs.find_any(again)
    assert job is not None
    assert (job.prompt, job.seed) == ("a\npond", getattr(studio.jobs.find_any(first), "seed", None))
    assert said("cancel", "--all") == "Cancelled: 2 jobs.\n"
    assert [job.id for job in studio.jobs.unfinished()] == [theirs]
    for command in ("list", "show", "cancel", "retry"):
        assert "Usage" in said(command, "--help")


def test_a_visitors_jobs_are_given_to_an_account(tmp_path: Path) -> None:
    studio, _ = open_studio(Settings(data_dir=tmp_path))
    theirs = studio.submit("visitor:1", None, "pattern", {}).id

    def said(*command: str) -> str:
        return CliRunner().invoke(cli, ["jobs", "adopt", *command, "--data-dir", str(tmp_path)]).output

    assert said().startswith("visitor:1\t1 jobs\t")
    assert said("visitor:1") == "Say who gets them, with --user.\n"
    assert said("visitor:2", "--user", "ann") == "visitor:2 has no jobs.\n"
    assert said("visitor:1", "--user", "ann") == "Given to ann: 1 jobs, 1 workspaces, 0 presets, 0 drafts, 0 files.\n"
    assert [job.id for job in studio.page("ann", None).jobs] == [theirs]


def test_accounts_are_made_listed_changed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*command: str, password: str = "") -> str:
        told = CliRunner().invoke(cli, ["users", *command, "--data-dir", str(tmp_path)], input=f"{password}\n")
        assert password not in told.output or not password
        return told.output

    assert said("add", "ann", password="short") == "A password has 8 to 1000 characters.\n"
    assert said("add", "ann", password="long enough").startswith("Added ann.")
    assert said("add", "ann", password="long enough") == "There is an account called ann already.\n"
    monkeypatch.setenv("STUDIO_USERS", "bob:bobpw")
    assert "STUDIO_USERS" in said("add", "bob", password="long enough")
    assert [line.split("\t")[0] for line in said("list").splitlines()] == ["bob", "ann"]
    monkeypatch.delenv("STUDIO_USERS")
    accounts = AccountStore(open_database(Settings(data_dir=tmp_path).database))
    assert said("password", "ann", password="another one") == "Changed the password of ann.\n"
    assert accounts.knows("ann", "another one")
    assert said("remove", "ann").startswith("Removed ann.\nIt was the last one:")
    assert said("remove", "ann") == "There is no account called ann in the database.\n"
    assert said("list") == ""


def test_accounts_have_a_studio_ask_for_passwords_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    accounts = AccountStore(open_database(Settings(data_dir=tmp_path).database))
    assert _with_login(Settings(data_dir=tmp_path), accounts).login == "none"
    with pytest.raises(SettingError, match="users add"):
        _with_login(Settings(data_dir=tmp_path, login="password"), accounts)
    accounts.add("ann", "long enough")
    for asked, has in ((None, "password"), ("none", "none"), ("password", "password"), ("anonymous", "anonymous")):
        given = {} if asked is None else {"login": asked}
        assert _with_login(Settings(data_dir=tmp_path, **given), accounts).login == has  # type: ignore[arg-type]


READING = ("doctor", "models list", "models check", "models check {source}", "users list")
NEEDING = [f"jobs {words}" for words in ("list", "show x", "cancel x", "cancel --all", "retry x", "adopt")]
NEEDING += ["models unload", "users password ann", "users remove ann"]


def traces(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def typed(command: str, folder: Path, source: Path | str = "") -> tuple[int, str]:
    words = command.format(source=source).split()
    result = CliRunner().invoke(cli, [*words, "--data-dir", str(folder)], input="a password\n")
    return result.exit_code, result.output


@pytest.mark.parametrize("command", READING)
def test_what_only_reads_works_and_leaves_no_trace_where_no_studio_has_been(tmp_path: Path, command: str) -> None:
    source = tmp_path / "my_model.py"
    source.write_text("from PIL import Image\ndef generate(prompt: str) -> Image.Image: ...\n", encoding="utf-8")
    for folder in (tmp_path / "none" / "below", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        assert typed(command, folder, source)[0] == 0
        assert [name for name in traces(tmp_path) if "cache" not in name] == ["empty", "my_model.py"]
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", NEEDING)
def test_what_needs_a_studio_names_a_folder_without_one_and_leaves_it(tmp_path: Path, command: str) -> None:
    for folder in (tmp_path / "none", tmp_path):
        said = f"There is no studio in {folder}: start one, or name its folder with --data-dir.\n"
        assert typed(command, folder) == (1, said)
        assert traces(tmp_path) == []


@pytest.mark.parametrize("command", [*READING, "jobs list", "jobs adopt", "models unload", "users remove ann"])
def test_what_only_reads_a_database_elsewhere_makes_no_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    database = tmp_path / "elsewhere.db"
    open_database(f"sqlite:///{database}").dispose()
    monkeypatch.setenv("STUDIO_DATABASE_URL", f"sqlite:///{database}")
    source = tmp_path / "my_model.py"
    source.write_text("from PIL import Image\ndef generate(prompt: str) -> Image.Image: ...\n", encoding="utf-8")
    said = typed(command, tmp_path / "none", source)[1]
    assert "no studio" not in said
    assert [name for name in traces(tmp_path) if not name.startswith(database.name)] == ["my_model.py"]


def test_a_database_elsewhere_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    said = f"There is no database {tmp_path / 'elsewhere.db'}: start a studio on it, or name another one.\n"
    assert typed("jobs list", tmp_path) == (1, said)
    assert traces(tmp_path) == []
