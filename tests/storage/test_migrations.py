"""Databases of the versions before this one, with data in them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, make_url, select

from storage import tables
from storage.database import _is_up_to_date, alembic_config, open_database
from storage.drafts import DraftStore
from storage.errors import DatabaseFaultError
from storage.jobs.query import parse
from storage.jobs.queue import Move, QueueStore
from storage.jobs.store import JobStatus, JobStore, Lineage, LinkKind, Source
from storage.media.store import MediaStore
from storage.preferences import PreferenceStore
from storage.presets import PresetForm, PresetStore
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.conftest import Postgres
from tests.storage.job_samples import new_job

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = "ab/ab" + "0" * 62 + ".png"
MADE, TWICE = ("ab/ab" + digit * 62 + ".png" for digit in "12")

# Written as the first version wrote it: this text does not change when the tables do.
DATA_OF_0001 = f"""
INSERT INTO workspace (id, user_id, name, folded_name, created_at)
VALUES ('w', 'ann', 'Été', 'été', '2026-01-02 03:04:05.000000');
INSERT INTO media (key, kind, mime, size, width, height, duration, created_at)
VALUES ('{KEY}', 'image', 'image/png', 3, 64, 48, NULL, '2026-01-02 03:04:05.000000');
INSERT INTO media_owner (user_id, media_key, name, created_at)
VALUES ('ann', '{KEY}', 'pond.png', '2026-01-02 03:04:05.000000');
INSERT INTO upload (user_id, path, created_at) VALUES ('ann', '/tmp/pond.png', '2026-01-02 03:04:05.000000');
INSERT INTO job (id, user_id, workspace_id, status, type, model_id, model_version, prompt, folded_prompt, options,
    image_input_path, seed, config_snapshot, progress, result_url, favourite, created_at, started_at, completed_at)
VALUES ('first', 'ann', 'w', 'completed', 'image', 'pattern', 1, 'Étang', 'étang', '{{"steps": 8}}',
    '{KEY}', 9007199254740991, '{{"id": "pattern"}}', 1.0, '{KEY}', true, '2026-01-02 03:04:05.000000',
    '2026-01-02 03:04:05.000000', '2026-01-02 03:04:05.000000');
INSERT INTO job (id, user_id, workspace_id, status, type, model_id, model_version, parent_job_id, error, favourite,
    created_at, deleted_at)
VALUES ('second', 'ann', NULL, 'failed', 'video', 'ken-burns', 2, 'first', 'it broke', false,
    '2026-01-02 03:04:05.000000', '2026-01-02 03:04:05.000000');
INSERT INTO job_media (job_id, media_key, position) VALUES ('first', '{KEY}', 0);
"""


# What the second version could write besides.
DATA_OF_0002 = f"""
UPDATE job SET resolved = '{{"prompt": "Étang"}}' WHERE id = 'first';
INSERT INTO draft (user_id, model_id, "values", updated_at)
VALUES ('ann', 'pattern', '{{"prompt": "half a"}}', '2026-01-02 03:04:05.000000');
INSERT INTO draft_media (user_id, model_id, media_key) VALUES ('ann', 'pattern', '{KEY}');
INSERT INTO preference (user_id, name, value) VALUES ('ann', 'seed', 'new');
"""
# The third version made indexes, and wrote nothing that the second did not.
DATA_OF_0003 = """
INSERT INTO preference (user_id, name, value) VALUES ('ann', 'workspace', 'w');
"""
# The fourth version notes once since when it knows of media.
DATA_OF_0004 = "UPDATE milestone SET at = '2026-01-02 03:04:05.000000'"
# The fifth version, too, knew one parent of a job. Here jobs have files of `made` and of `again`, which made the same.
DATA_OF_0005 = "".join(
    f"""
INSERT INTO media (key, kind, mime, size, created_at)
VALUES ('{key}', 'image', 'image/png', 3, '2026-01-03 00:00:00.000000');
"""
    for key in (MADE, TWICE)
) + "".join(
    f"""
INSERT INTO job (id, user_id, status, type, model_id, model_version, options, result_url, favourite, created_at,
    completed_at)
VALUES ('{id_}', '{user}', 'completed', 'image', 'pattern', 1, '{options}', '{made}', false, '{at}', '{at}');
INSERT INTO job_media (job_id, media_key, position) VALUES ('{id_}', '{made or used}', {"NULL" if made else 0});
"""
    for id_, user, at, made, used, options in (
        ("made", "ann", "2026-01-03 00:00:01.000000", MADE, "", "{}"),
        ("twice", "ann", "2026-01-03 00:00:02.000000", TWICE, "", "{}"),
        ("again", "ann", "2026-01-03 00:00:03.000000", TWICE, "", "{}"),
        ("theirs", "bob", "2026-01-03 00:00:03.000000", MADE, "", "{}"),
        ("earlier", "bob", "2026-01-03 00:00:02.000000", "", MADE, f'{{"image": "{MADE}"}}'),
        ("sure", "ann", "2026-01-03 00:00:04.000000", "", MADE, f'{{"image": "{MADE}", "mask": "{MADE}"}}'),
        ("of two", "ann", "2026-01-03 00:00:04.000000", "", TWICE, f'{{"image": "{TWICE}"}}'),
        ("damaged", "ann", "2026-01-03 00:00:04.000000", "", MADE, "[no"),
        ("had", "bob", "2026-01-03 00:00:05.000000", "", MADE, f'{{"image": "{MADE}"}}'),
    )
)
# The sixth version links jobs, and knows one result of each.
DATA_OF_0006 = """
INSERT INTO job_link (child_id, parent_id, kind, parameter) VALUES ('second', 'first', 'reuse', '');
UPDATE draft SET sources = '[["first", "reuse", ""]]' WHERE model_id = 'pattern';
"""
# The seventh version knows all outputs of a job.
DATA_OF_0007 = f"""
UPDATE job SET outputs = '{{"outputs": [{{"key": "{KEY}", "seed": null}}]}}' WHERE id = 'first';
"""
# It knows no order of waiting jobs but that of time.
DATA_OF_0007 += "".join(
    f"""
INSERT INTO job (id, user_id, status, type, model_id, model_version, favourite, created_at)
VALUES ('{id_}', 'cid', 'queued', 'image', 'pattern', 1, false, '2026-01-03 00:00:0{second}.000000');
"""
    for id_, second in (("later", 2), ("sooner", 1))
)
# The eighth version knows the order of waiting jobs.
DATA_OF_0008 = """
INSERT INTO user_queue (user_id, turn, paused) VALUES ('ann', 3, true);
"""
# The ninth version knows stars.
DATA_OF_0009 = "UPDATE job SET rating = 4 WHERE id = 'second'"
# The tenth version keeps forms under a name.
DATA_OF_0010 = """
INSERT INTO preset (id, user_id, workspace_id, name, folded_name, model_id, "values", config_snapshot, updated_at)
VALUES ('p', 'bob', NULL, 'Calm', 'calm', 'pattern', '{}', '{}', '2026-01-03 00:00:00.000000')
"""
# The eleventh version knows who works.
DATA_OF_0011 = "INSERT INTO worker (id, name, seen_at) VALUES ('k', 'desk', '2026-01-03 00:00:00.000000')"
# The twelfth version knows labels.
DATA_OF_0012 = "UPDATE job SET labels = 'calm' WHERE id = 'second'"
# The thirteenth version knows accounts.
DATA_OF_0013 = """
INSERT INTO account (name, password, created_at) VALUES ('ann', 'scrypt', '2026-01-03 00:00:00.000000')
"""
DATA_OF_0014 = """
UPDATE user_change SET number = number + 1
"""
# The fifteenth version knows what workers keep loaded.
DATA_OF_0015 = """
INSERT INTO loaded_model (worker_id, process, model_id, device, megabytes, gpu_megabytes, unwanted)
VALUES ('k', 7, 'pattern', NULL, 300, 0, false)
"""
# The sixteenth version counts no moves.
DATA_OF_0016 = "UPDATE job SET progress_text = 'Done' WHERE id = 'second'"
WRITTEN = {
    "0001": DATA_OF_0001,
    "0002": DATA_OF_0002,
    "0003": DATA_OF_0003,
    "0004": DATA_OF_0004,
    "0005": DATA_OF_0005,
    "0006": DATA_OF_0006,
    "0007": DATA_OF_0007,
    "0008": DATA_OF_0008,
    "0009": DATA_OF_0009,
    "0010": DATA_OF_0010,
    "0011": DATA_OF_0011,
    "0012": DATA_OF_0012,
    "0013": DATA_OF_0013,
    "0014": DATA_OF_0014,
    "0015": DATA_OF_0015,
    "0016": DATA_OF_0016,
}
"""By version, what it wrote that the one before did not."""


def written_by(version: str, url: str) -> Engine:
    """The database that a version left behind, opened by today's code."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for each, data in WRITTEN.items():
            if each <= version:
                command.upgrade(alembic_config(connection), each)
                for statement in data.strip().rstrip(";").split(";\n"):
                    connection.exec_driver_sql(statement)
    engine.dispose()
    return open_database(url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Postgres | None:
    """Where the database is; none for SQLite's file."""
    return request.getfixturevalue("postgres") if request.param == "postgresql" else None


@pytest.fixture(scope="module", params=WRITTEN)
def left_behind(
    request: pytest.FixtureRequest, server: Postgres | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of what a version left behind, opened by today's code; each test has a copy."""
    file = f"sqlite:///{tmp_path_factory.mktemp('old')}/studio.db"
    with server.database() if server else nullcontext(file) as url:
        written_by(request.param, url).dispose()
        yield url


@pytest.fixture
def old(left_behind: str, server: Postgres | None, tmp_path: Path) -> Iterator[Engine]:
    made = str(make_url(left_behind).database)
    copy = f"sqlite:///{tmp_path}/studio.db"
    if server is None:
        shutil.copy(made, tmp_path)
    with server.database(made) if server else nullcontext(copy) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def second(new_url: str) -> Iterator[Engine]:
    engine = written_by("0002", new_url)
    yield engine
    engine.dispose()


def test_every_version_but_the_newest_has_its_data_here(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    newest = scripts.get_current_head()
    assert set(WRITTEN) == {script.revision for script in scripts.walk_revisions()} - {newest}


def test_jobs_of_an_old_database_are_linked_where_one_job_alone_made_an_input(new_url: str) -> None:
    engine = written_by("0005", new_url)
    jobs = JobStore(engine)
    links = {child: jobs.lineage("ann", child).sources for child in ("first", "second", "sure", "of two", "damaged")}
    assert {child: [(one.job.id, one.kind, one.parameter) for one in found] for child, found in links.items()} == {
        **{"first": [], "second": [], "of two": [], "damaged": []},
        "sure": [("made", LinkKind.INPUT, "image"), ("made", LinkKind.INPUT, "mask")],
    }
    assert [one.job.id for one in jobs.lineage("ann", "made").uses] == ["sure", "sure"]
    assert jobs.lineage("bob", "had") == jobs.lineage("bob", "earlier") == Lineage((), 0, (), 0)
    with engine.begin() as connection:  # its table was made again
        connection.exec_driver_sql("UPDATE job SET prompt = 'Fox', folded_prompt = 'fox' WHERE id = 'made'")
    assert [job.id for job in jobs.page("ann", None, search="fox").jobs] == ["made"]
    engine.dispose()


def test_what_waits_in_an_old_database_waits_in_the_order_of_time_and_can_be_moved(new_url: str) -> None:
    engine = written_by("0007", new_url)
    queue = QueueStore(engine)
    assert [one.job_id for one in queue.waiting()] == ["sooner", "later"]
    assert queue.move("cid", "later", Move.TOP)
    assert [one.job_id for one in queue.waiting()] == ["later", "sooner"]
    engine.dispose()


def test_an_old_database_has_the_tables_that_the_code_declares(old: Engine) -> None:
    with old.connect() as connection:
        command.check(alembic_config(connection))


def test_a_job_of_any_version_comes_back_whole(old: Engine) -> None:
    first, second = (JobStore(old).find_any(job_id) for job_id in ("first", "second"))
    assert first is not None
    assert second is not None
    assert first.resolved in ({}, {"prompt": "Étang"})
    assert asdict(first) | {"resolved": {}} == {
        **dict.fromkeys(asdict(first)),
        **{"id": "first", "user_id": "ann", "workspace_id": "w", "status": JobStatus.COMPLETED, "type": "image"},
        **{"model_id": "pattern", "model_version": 1, "prompt": "Étang", "options": {"steps": 8}, "resolved": {}},
        **{"image_input_path": KEY, "media": (KEY,), "seed": 2**53 - 1, "config_snapshot": {"id": "pattern"}},
        **{
            "progress": 1.0,
            "result_url": KEY,
            "outputs": ({"key": KEY, "seed": None},),
            "favourite": True,
            "file_names": {KEY: "pond.png"},
            "problem": "",
            "labels": (),
        },
        **dict.fromkeys(("created_at", "started_at", "completed_at"), THEN),
    }
    assert (second.error, second.deleted_at) == ("it broke", THEN)
    assert JobStore(old).page("ann", None, search="ÉTANG").jobs == (first,)


@pytest.mark.parametrize(
    "search", ["etang", "pond", "pattern", "9007199254740991", "steps:8", "steps>7 ÉTANG pond.png"]
)
def test_a_job_of_any_version_is_found_by_all_that_it_has(old: Engine, search: str) -> None:
    query = parse(search, ["steps"])
    assert "first" in [job.id for job in JobStore(old).page("ann", None, search=query).jobs]
    assert JobStore(old).rate("ann", "first", 4)
    assert JobStore(old).label("ann", ["first", "theirs"], "Seen", True) == ("first",)
    assert [job.id for job in JobStore(old).page("ann", None, search="label:seen").jobs] == ["first"]
    for stars, found in ((4, ["first"]), (5, [])):
        assert [job.id for job in JobStore(old).page("ann", None, search=query, rating=stars).jobs] == found


def test_workspaces_and_files_of_any_version_are_there(old: Engine, tmp_path: Path) -> None:
    media = MediaStore(old, tmp_path / "media")
    (tmp_path / "media" / KEY).parent.mkdir()
    (tmp_path / "media" / KEY).write_bytes(b"abc")
    (workspace,) = WorkspaceStore(old).list("ann")
    assert (workspace.name, workspace.created_at) == ("Été", THEN)
    info = media.find("ann", KEY)
    assert info is not None
    assert (info.name, info.kind, info.size, info.width, info.height) == ("pond.png", "image", 3, 64, 48)
    assert media.uploaded("ann", "/tmp/pond.png")
    assert not media.delete(KEY), "its job still needs it"


def test_drafts_and_preferences_of_the_second_version_are_there(second: Engine) -> None:
    first = JobStore(second).find_any("first")
    assert first is not None
    assert first.resolved == {"prompt": "Étang"}
    assert DraftStore(second).all("ann") == {"pattern": {"prompt": "half a"}}
    assert PreferenceStore(second).all("ann") == {"seed": "new"}


def test_an_old_database_knows_of_media_since_its_first_file(old: Engine) -> None:
    milestone = tables.table(tables.Milestone)
    with old.connect() as connection:
        assert connection.execute(select(milestone.c.at)).scalars().all() == [THEN]


def test_an_old_database_takes_what_is_new(old: Engine, tmp_path: Path) -> None:
    media, drafts = MediaStore(old, tmp_path / "media"), DraftStore(old)
    new = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    drafts.save("ann", "pattern", {"image": new, "second": KEY}, [new, KEY])
    assert drafts.all("ann") == {"pattern": {"image": new, "second": KEY}}
    assert not media.delete(new)
    presets = PresetStore(old)
    presets.create("ann", "w", "Pond", PresetForm("pattern", {"image": KEY}, {}), [KEY])
    presets.create("ann", WorkspaceStore(old).create("ann", "v").id, "Pond", PresetForm("pattern", {}, {}), ())
    assert {one.name for one in presets.list("ann")} == {"Pond"}
    sources = (Source("first", LinkKind.REUSE),)
    job = JobStore(old).create(new_job(prompt="{a|b}", resolved={"prompt": "a"}, sources=sources))
    assert [link.job.id for link in JobStore(old).lineage("ann", job.id).sources] == ["first"]
    assert job.resolved == {"prompt": "a"}


def test_the_newest_file_is_the_version_that_a_whole_database_has(new_url: str) -> None:
    """By which a start finds out, without Alembic, that there is nothing to do."""
    database = open_database(new_url)
    with database.connect() as connection:
        newest = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [newest]
        assert _is_up_to_date(connection)
    database.dispose()


@pytest.mark.parametrize("noted", [(), ("0004",), ("9999",), ("0005", "0004")])
def test_any_other_version_is_left_to_alembic(noted: tuple[str, ...], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'studio.db'}"
    engine = open_database(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for version in noted:
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")
        assert not _is_up_to_date(connection)
    engine.dispose()


@pytest.mark.parametrize(("oldest", "opens"), [("0011", True), ("9999", False)])
def test_a_newer_studios_database_opens_where_that_says_so(oldest: str, opens: bool, new_url: str) -> None:
    """During an update, some processes are of the version before; additive tables do them no harm."""
    engine = open_database(new_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql(f"UPDATE oldest_schema SET revision = '{oldest}'")
    with nullcontext() if opens else pytest.raises(DatabaseFaultError, match="a newer studio's"):
        again = open_database(new_url)
        JobStore(again).create(new_job())
        again.dispose()
    engine.dispose()


def test_a_start_with_a_whole_database_is_without_alembic_and_without_postgresqls_driver(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'studio.db'}"
    open_database(url).dispose()
    code = (
        "import sys; from storage.database import open_database\n"
        f"open_database({url!r}); print([name for name in ('alembic', 'psycopg') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
