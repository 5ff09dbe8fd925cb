"""Databases of the versions before this one, with data in them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, select

from storage import tables
from storage.database import alembic_config, open_database
from storage.drafts import DraftStore
from storage.jobs.store import JobStatus, JobStore
from storage.media.store import MediaStore
from storage.preferences import PreferenceStore
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.job_samples import new_job

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = "ab/ab" + "0" * 62 + ".png"

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
WRITTEN = {"0001": DATA_OF_0001, "0002": DATA_OF_0002, "0003": DATA_OF_0003, "0004": DATA_OF_0004}
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


@pytest.fixture(params=WRITTEN)
def old(request: pytest.FixtureRequest, new_url: str) -> Iterator[Engine]:
    engine = written_by(request.param, new_url)
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


def test_an_old_database_has_the_tables_that_the_code_declares(old: Engine) -> None:
    with old.connect() as connection:
        command.check(alembic_config(connection))


def test_a_job_of_any_version_comes_back_whole(old: Engine) -> None:
    first, second = (JobStore(old).load(job_id) for job_id in ("first", "second"))
    assert first is not None
    assert second is not None
    assert first.resolved in ({}, {"prompt": "Étang"})
    assert asdict(first) | {"resolved": {}} == {
        **dict.fromkeys(asdict(first)),
        **{"id": "first", "user_id": "ann", "workspace_id": "w", "status": JobStatus.COMPLETED, "type": "image"},
        **{"model_id": "pattern", "model_version": 1, "prompt": "Étang", "options": {"steps": 8}, "resolved": {}},
        **{"image_input_path": KEY, "media": (KEY,), "seed": 2**53 - 1, "config_snapshot": {"id": "pattern"}},
        **{"progress": 1.0, "result_url": KEY, "favourite": True, "problem": ""},
        **dict.fromkeys(("created_at", "started_at", "completed_at"), THEN),
    }
    assert (second.parent_job_id, second.error, second.deleted_at) == ("first", "it broke", THEN)
    assert JobStore(old).page("ann", None, search="ÉTANG").jobs == (first,)


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
    first = JobStore(second).load("first")
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
    job = JobStore(old).create(new_job(prompt="{a|b}", resolved={"prompt": "a"}, parent_job_id="first"))
    assert job.resolved == {"prompt": "a"}
