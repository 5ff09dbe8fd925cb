"""Work that is taken elsewhere is the same there; what no export wrote is refused whole."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from storage import tables
from storage.archive.export import FORMAT, RECORDS, Counts, JobRecord, export_archive
from storage.archive.import_ import import_archive
from storage.drafts import DraftStore
from storage.errors import ArchiveError, WorkspaceNameError
from storage.jobs.store import Job, JobStore, LinkKind, Source
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore
from storage.preferences import PreferenceStore
from storage.presets import PresetForm, PresetStore
from storage.scratch import clear
from storage.tables import LONGEST_TEXT, now, storable
from storage.workspaces import LONGEST_NAME, WorkspaceStore
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import json_objects, new_job, new_jobs

LIMITS = MediaLimits()
ROOT = Path(__file__).parents[2]
NOWHERE = "0" * 8 + "-0000" * 3 + "-" + "0" * 12
_JOB = tables.table(tables.Job)


@dataclass
class Place:
    """A studio's stores on a folder."""

    root: Path
    engine: Engine

    def __post_init__(self) -> None:
        self.media = MediaStore(self.engine, self.root / "media")
        self.jobs, self.drafts = JobStore(self.engine), DraftStore(self.engine)
        self.workspaces, self.preferences = WorkspaceStore(self.engine), PreferenceStore(self.engine)
        self.presets = PresetStore(self.engine)

    def export(self, user: str = "ann", name: str = "a.zip", workspace: str | None = None) -> Path:
        target = self.root / name
        export_archive(self.engine, self.media, user, target, workspace)
        return target

    def take(self, source: Path, user: str = "ann") -> Counts:
        return import_archive(self.engine, self.media, user, source, LIMITS, self.root / "work")

    def rows(self) -> dict[str, set[Any]]:
        """Everything in the database but what it says of itself."""
        with self.engine.connect() as connection:
            return {
                name: {tuple(row) for row in connection.execute(select(table))}
                for name, table in tables.Base.metadata.tables.items()
                if name not in ("milestone", "oldest_schema")
            }

    def objects(self) -> set[Path]:
        return {path.relative_to(self.root) for path in (self.root / "media").rglob("*.*")}

    def finished(self, user: str = "ann", outputs: Sequence[str] = (), **changes: Any) -> Job:
        job = self.jobs.create(new_job(user, **changes))
        assert self.jobs.start(job.id)
        assert self.jobs.complete(job.id, outputs)
        done = self.jobs.find_any(job.id)
        assert done is not None
        return done


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    return [
        media_samples.png16(folder / "deep.png"),
        media_samples.animation(folder / "moving.gif"),
        media_samples.audio(folder / "sound.wav", 0.05),
    ]


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Place:
    (tmp_path / "here").mkdir()
    return Place(tmp_path / "here", engine)


@pytest.fixture
def there(new_database: NewDatabase, tmp_path: Path) -> Iterator[Place]:
    with _place(new_database, tmp_path / "there") as place:
        yield place


@contextmanager
def _place(new_database: NewDatabase, root: Path) -> Iterator[Place]:
    root.mkdir()
    engine = new_database(root)
    yield Place(root, engine)
    engine.dispose()


def _fill(place: Place, sources: list[Path]) -> Path:
    """An archive of a bit of everything."""
    keys = [place.media.put("ann", source, source.name).key for source in sources]
    home = place.workspaces.create("ann", "Home")
    parent = place.finished(workspace_id=home.id, prompt="a harbour", media=(keys[0],), outputs=keys[1:2])
    place.jobs.label("ann", [parent.id], "By the sea", True)
    parents = (Source(parent.id, LinkKind.REUSE), Source(parent.id, LinkKind.INPUT, "photo"))
    options = {"steps": 3, "photo": keys[1]}
    place.finished(workspace_id=home.id, sources=parents, options=options, media=(keys[1],))
    place.drafts.save("ann", "pattern", {"photo": keys[2]}, keys[2:], parents[:1])
    place.presets.create("ann", home.id, "Night", PresetForm("pattern", {"photo": keys[0]}, {}), keys[:1])
    place.preferences.set("ann", "seed", "new")
    return place.export()


@pytest.fixture(scope="module")
def work(new_database: NewDatabase, sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    with _place(new_database, tmp_path_factory.mktemp("work") / "here") as place:
        return _fill(place, sources)


@pytest.fixture(scope="module")
def nothing(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of nothing."""
    with _place(new_database, tmp_path_factory.mktemp("nothing") / "here") as place:
        return place.export()


@pytest.fixture(scope="module")
def two_places(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Place]]:
    root = tmp_path_factory.mktemp("two")
    with _place(new_database, root / "here") as here, _place(new_database, root / "there") as there:
        yield here, there


examples = st.lists(
    st.tuples(
        new_jobs, st.sampled_from(["complete", "fail", "cancel", "run"]), st.sets(st.integers(0, 2)), st.booleans()
    ),
    max_size=4,
)


@given(
    jobs=examples,
    draft=st.none() | json_objects,
    presets=st.lists(st.tuples(json_objects, st.booleans()), max_size=2),
    preferences=st.dictionaries(st.sampled_from("abc"), st.text(), max_size=2),
)
def test_work_that_is_taken_elsewhere_and_back_is_the_same_byte_for_byte(
    two_places: tuple[Place, Place],
    sources: list[Path],
    jobs: list[Any],
    draft: dict[str, Any] | None,
    presets: list[tuple[dict[str, Any], bool]],
    preferences: dict[str, str],
) -> None:
    here, there = two_places
    ann, bob = f"ann {uuid4()}", f"bob {uuid4()}"
    keys = [here.media.put(ann, source, source.name).key for source in sources]
    kinds = list(LinkKind)
    home = here.workspaces.ensure_default(ann)
    parents: tuple[Source, ...] = ()
    for new, end, used, trashed in jobs:
        needs = {"workspace_id": home.id, "sources": parents, "media": tuple(keys[place] for place in used)}
        job = here.jobs.create(new_job(**{**_fields(new), **needs, "user_id": ann}))
        _finish(here.jobs, job, end, keys[0])
        if trashed:
            here.jobs.trash(ann, job.id)
        parents = (*parents, Source(job.id, kinds[len(parents) % len(kinds)], "photo"))
    if draft is not None:
        here.drafts.save(ann, "pattern", draft, keys[:1])
    for place, (values, is_within) in enumerate(presets):
        within, form = home.id if is_within else None, PresetForm("pattern", values, {"id": "pattern"})
        here.presets.create(ann, within, f"Number {place}", form, keys[place : place + 1])
    for name, value in preferences.items():
        here.preferences.set(ann, name, value)
    archive = here.export(ann, f"{ann}.zip")
    first = there.take(archive, bob)
    assert first.jobs == sum(end != "run" or trashed for _, end, _, trashed in jobs)
    assert there.export(bob, f"{bob}.zip").read_bytes() == archive.read_bytes()
    assert there.take(archive, bob) == Counts(media=first.media)
    assert there.export(bob, f"{bob} again.zip").read_bytes() == archive.read_bytes()


def _fields(new: Any) -> dict[str, Any]:
    return {name: getattr(new, name) for name in type(new).__dataclass_fields__}


def _finish(jobs: JobStore, job: Job, end: str, key: str) -> None:
    if end == "cancel":
        jobs.request_cancel(job.user_id, job.id)
    else:
        jobs.start(job.id)
    if end == "complete":
        jobs.complete(job.id, [key])
    elif end == "fail":
        jobs.fail(job.id, "The disk is full.")


def test_an_archive_has_every_column_of_a_job_but_whose_it_is_where_it_waits_and_who_runs_it() -> None:
    assert JobRecord.model_fields.keys() == {column.name for column in _JOB.c} - {"user_id", "place", "worker_id"} | {
        *("media", "links", "parent_job_id")
    }


def test_an_imported_job_is_found_and_has_its_files(here: Place, work: Path) -> None:
    assert here.take(work, "bob") == Counts(workspaces=1, jobs=2, presets=1, drafts=1, preferences=1, media=3)
    (space,) = here.workspaces.list("bob")
    page = here.jobs.page("bob", space.id)
    assert [(job.options or {}).get("steps") for job in page.jobs] == [3, None]
    assert [job.id for job in here.jobs.page("bob", space.id, search="HARB").jobs] == [page.jobs[1].id]
    links = here.jobs.lineage("bob", page.jobs[0].id).sources
    assert [(link.job, link.kind, link.parameter) for link in links] == [
        (page.jobs[1], LinkKind.INPUT, "photo"),
        (page.jobs[1], LinkKind.REUSE, ""),
    ]
    assert here.drafts.sources("bob") == {"pattern": (Source(page.jobs[1].id, LinkKind.REUSE),)}
    assert here.media.find_many("bob", page.jobs[1].media).keys() == set(page.jobs[1].media)
    assert not here.media.find_many("ann", page.jobs[1].media)
    assert here.drafts.all("bob")["pattern"]["photo"] in here.media.find_many("bob", _keys(work))
    assert [job.prompt for job in here.jobs.page("bob", space.id, search="label:sea").jobs] == ["a harbour"]
    (preset,) = here.presets.list("bob")
    assert (preset.name, preset.workspace_id) == ("Night", space.id)
    assert here.media.find_many("bob", here.presets.get("bob", preset.id)[1].values.values())
    assert here.preferences.all("bob") == {"seed": "new"}


def _keys(work: Path) -> list[str]:
    with ZipFile(work) as archive:
        return [name.removeprefix("media/") for name in archive.namelist()]


def test_what_is_there_stays_as_it_is(there: Place, work: Path, sources: list[Path]) -> None:
    mine = there.workspaces.create("ann", "HOME")
    own = there.finished(workspace_id=mine.id, prompt="mine")
    key = there.media.put("ann", sources[2], "my name").key
    there.drafts.save("ann", "pattern", {"mine": True}, [])
    there.preferences.set("ann", "seed", "exact")
    night = there.presets.create("ann", mine.id, "NIGHT", PresetForm("pattern", {}, {}), ())
    assert there.take(work) == Counts(workspaces=0, jobs=2, presets=1, drafts=0, preferences=0, media=3)
    assert there.jobs.find_any(own.id) == own
    assert [workspace.name for workspace in there.workspaces.list("ann")] == ["HOME"]
    assert there.jobs.page("ann", mine.id).total == 3
    info = there.media.find("ann", key)
    assert info is not None
    assert info.name == "my name"
    assert there.drafts.all("ann") == {"pattern": {"mine": True}}
    assert there.preferences.all("ann") == {"seed": "exact"}
    assert {one.name: one.workspace_id for one in there.presets.list("ann")} == dict.fromkeys(
        ["NIGHT", "Night (2)"], mine.id
    )
    there.presets.delete("ann", next(one.id for one in there.presets.list("ann") if one != night))
    assert there.take(work).presets == 1
    assert [one.name for one in there.presets.list("ann")] == ["NIGHT", "Night (2)"]


def test_one_workspace_comes_without_what_is_outside_of_it(here: Place, there: Place, sources: list[Path]) -> None:
    _fill(here, sources)
    away = here.workspaces.create("ann", "Away")
    (home,) = (one for one in here.workspaces.list("ann") if one.name == "Home")
    parent = here.jobs.page("ann", home.id).jobs[0]
    child = here.finished(workspace_id=away.id, sources=(Source(parent.id, LinkKind.REUSE),))
    here.presets.create("ann", away.id, "Day", PresetForm("pattern", {}, {}), ())
    assert there.take(here.export(name="away.zip", workspace="AWAY")) == Counts(workspaces=1, jobs=1, presets=1)
    assert [one.name for one in there.presets.list("ann")] == ["Day"]
    taken = there.jobs.find_any(child.id)
    assert taken is not None
    assert there.jobs.lineage("ann", child.id).sources == ()
    with pytest.raises(ArchiveError, match="ann has no workspace “Nowhere”"):
        here.export(name="none.zip", workspace="Nowhere")
    assert not (here.root / "none.zip").exists()


def test_a_damaged_job_and_a_file_that_is_gone_are_left_out(
    here: Place, there: Place, sources: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    _fill(here, sources)
    child, parent = here.jobs.page("ann", None).jobs
    here.media.local_path(child.media[0]).unlink()
    with here.engine.begin() as connection:
        connection.execute(update(_JOB).where(_JOB.c.id == parent.id).values(model_version=-1, prompt="x" * 9_000_000))
    there.take(here.export(name="less.zip"))
    assert parent.id in caplog.text
    (taken,) = there.jobs.page("ann", None).jobs
    assert (taken.id, taken.media) == (child.id, ())
    assert there.jobs.lineage("ann", child.id).sources == ()


def test_an_export_does_not_replace_a_file(there: Place) -> None:
    before = there.export().read_bytes()
    there.preferences.set("ann", "seed", "new")
    with pytest.raises(ArchiveError, match="is there already"):
        there.export()
    assert (there.root / "a.zip").read_bytes() == before


def test_an_export_that_fails_leaves_nothing(
    there: Place, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(there, sources)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(there.media, "read", broken)
    with pytest.raises(OSError, match="disk is full"):
        there.export(name="b.zip")
    assert [path.name for path in there.root.glob("b.zip*")] == []


Members = dict[str, bytes]
Change = Callable[[Members], None]


def _lines(members: Members, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members[name].splitlines()]


def _set(name: str, /, **values: Any) -> Change:
    """Change the first record of that member."""

    def change(members: Members) -> None:
        first, *others = _lines(members, name)
        members[name] = b"".join(json.dumps(line).encode() + b"\n" for line in ({**first, **values}, *others))

    return change


def _write(name: str, content: bytes) -> Change:
    return lambda members: members.update({name: content})


def _twice(name: str) -> Change:
    return lambda members: members.update({name: members[name] * 2})


def _rename_file(members: Members) -> None:
    """A web page under the key of a picture, with the checksum in its name right."""
    page = b"<html><script>alert(1)</script></html>"
    digest = hashlib.sha256(page).hexdigest()
    key = f"{digest[:2]}/{digest}.png"
    members[f"media/{key}"] = page
    members["media.jsonl"] += json.dumps({"key": key, "name": "a.png"}).encode() + b"\n"


def _swap_files(members: Members) -> None:
    first, second, *_ = (name for name in members if name.startswith("media/"))
    members[first], members[second] = members[second], members[first]


HOSTILE: dict[str, tuple[Change, str]] = {
    "a path that leads out": (_write("../../evil.txt", b"x"), "not those that media.jsonl names"),
    "an absolute path": (_write("/etc/passwd", b"x"), "not those that media.jsonl names"),
    "a file too many": (_write("media/readme.txt", b"x"), "not those that media.jsonl names"),
    "a key that leads out": (_set("media.jsonl", key="../../../evil.png"), "media.jsonl, line 1: key"),
    "a web page as a picture": (_rename_file, "is not a file that can be used here"),
    "files that were swapped": (_swap_files, "not the file that its name says"),
    "junk for JSON": (_write("jobs.jsonl", b"{junk\n"), "jobs.jsonl, line 1"),
    "JSON of great depth": (_write("jobs.jsonl", b"[" * 100_000 + b"\n"), "jobs.jsonl, line 1"),
    "bytes that are no text": (_write("drafts.jsonl", b"\xff\xfe\x00\n"), "drafts.jsonl, line 1"),
    "a line of another shape": (_write("preferences.jsonl", b"[]\n"), "preferences.jsonl, line 1"),
    "a field too many": (_set("jobs.jsonl", user_id="bob"), "user_id"),
    "a field too few": (_write("workspaces.jsonl", b"{}\n"), "workspaces.jsonl, line 1: id"),
    "an id that is none": (_set("jobs.jsonl", id="../x"), "jobs.jsonl, line 1: id"),
    "a wrong type": (_set("jobs.jsonl", favourite="yes"), "favourite"),
    "a number out of range": (_set("jobs.jsonl", model_version=2**40), "model_version"),
    "not a number": (_set("jobs.jsonl", cost=float("nan")), "cost"),
    "a time out of range": (_set("jobs.jsonl", created_at="0001-01-01T00:00:00+14:00"), "created_at"),
    "a job that would run": (_set("jobs.jsonl", status="queued"), "status"),
    "a text that could not be read again": (_set("jobs.jsonl", prompt="x" * (LONGEST_TEXT + 1)), "line 1: prompt"),
    "a place before the first": (_set("jobs.jsonl", media={f"00/{'0' * 64}.png": -5}), "line 1: media"),
    "a workspace without a name": (_set("workspaces.jsonl", name=""), "line 1: name"),
    "a workspace's name of two lines": (_set("workspaces.jsonl", name="Old\nharbour"), "line 1: name has line breaks"),
    "a workspace from elsewhere": (
        _set("jobs.jsonl", workspace_id=NOWHERE),
        "not in it",
    ),
    "a parent from elsewhere": (_set("jobs.jsonl", parent_job_id=NOWHERE), "not in it"),
    "a link from elsewhere": (
        _set(
            "jobs.jsonl",
            links=[{"parent_id": NOWHERE, "kind": "reuse", "parameter": ""}],
        ),
        "not in it",
    ),
    "a link of another kind": (_set("jobs.jsonl", links=[{"parent_id": "x", "kind": "y"}]), "links.0"),
    "another's file": (_set("jobs.jsonl", media={f"00/{'0' * 64}.png": 0}), "not in it"),
    "a draft's file from elsewhere": (_set("drafts.jsonl", media=[f"00/{'0' * 64}.png"]), "not in it"),
    "a preset's file from elsewhere": (_set("presets.jsonl", media=[f"00/{'0' * 64}.png"]), "not in it"),
    "a preset's workspace from elsewhere": (_set("presets.jsonl", workspace_id=NOWHERE), "not in it"),
    "a preset twice": (_twice("presets.jsonl"), "twice"),
    "a job twice": (_twice("jobs.jsonl"), "twice"),
    "a draft twice": (_twice("drafts.jsonl"), "twice"),
    "a preference twice": (_twice("preferences.jsonl"), "twice"),
    "records missing": (lambda members: members.__delitem__("jobs.jsonl"), "not those that media.jsonl names"),
    "a line too long": (_set("jobs.jsonl", prompt="x" * 9_000_000), "jobs.jsonl, line 1"),
}


_JOB_TEXTS = (
    *("type", "model_id", "prompt", "folded_prompt", "options", "resolved", "config_snapshot", "result_url", "error"),
    *("image_input_path", "video_input_path", "audio_input_path", "preview_path", "endpoint_id", "backend_job_id"),
    *("progress_text", "error_detail", "error_fields", "texts", "ran_with"),
)
TEXTS = [
    *(("jobs.jsonl", name) for name in _JOB_TEXTS),
    *(("drafts.jsonl", "model_id"), ("drafts.jsonl", "values")),
    *(("presets.jsonl", name) for name in ("model_id", "values", "config_snapshot")),
    *(("preferences.jsonl", "name"), ("preferences.jsonl", "value")),
    ("media.jsonl", "name"),
]
"""Everything in an archive that may be any text: by its file and its name."""


def _forged(work: Path, change: Change, compression: int = ZIP_STORED, **manifest: Any) -> Path:
    """The archive after a change, with a manifest that is right again unless it says otherwise."""
    with ZipFile(work) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
    change(members)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    forged = work.with_name(f"{uuid4()}.zip")
    with ZipFile(forged, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps({**FORMAT, "sha256": sums, **manifest}))
    return forged


def _refuses(place: Place, archive: Path, says: str) -> None:
    before, objects = place.rows(), place.objects()
    with pytest.raises(ArchiveError, match=says):
        place.take(archive)
    assert (place.rows(), place.objects()) == (before, objects)
    kept = {"media", "work", "studio.db", "studio.db-wal", "studio.db-shm"}
    assert {path.name for path in place.root.iterdir()} <= kept
    assert not any((place.root / "work").glob("*"))


def test_the_same_members_made_anew_are_taken(there: Place, work: Path) -> None:
    assert there.take(_forged(work, lambda _: None)).jobs == 2


def test_an_archive_of_the_first_version_is_taken_and_its_parent_is_that_of_the_input(there: Place, work: Path) -> None:
    later = ["progress_step", "progress_of", "progress_rate", "error_fields", "error_detail"]
    later += ["texts", "ran_with", "spent_seconds", "links"]

    def forget(members: Members) -> None:
        parent, child = ({name: line[name] for name in line.keys() - later} for line in _lines(members, "jobs.jsonl"))
        jobs = ({**parent, "parent_job_id": None}, {**child, "parent_job_id": parent["id"]})
        members["jobs.jsonl"] = b"".join(json.dumps(job).encode() + b"\n" for job in jobs)
        del members["presets.jsonl"]
        drafts = [{**draft} for draft in _lines(members, "drafts.jsonl")]
        for draft in drafts:
            del draft["sources"]
        members["drafts.jsonl"] = b"".join(json.dumps(draft).encode() + b"\n" for draft in drafts)

    assert there.take(_forged(work, forget)).jobs == 2
    child, parent = there.jobs.page("ann", None).jobs
    links = there.jobs.lineage("ann", child.id).sources
    assert [(link.job, link.kind, link.parameter) for link in links] == [(parent, LinkKind.INPUT, "photo")]


def test_what_a_job_ran_with_comes_along(two_places: tuple[Place, Place], tmp_path: Path) -> None:
    here, there = two_places
    user = f"ann {uuid4()}"
    job = here.jobs.create(new_job(user))
    here.jobs.start(job.id)
    here.jobs.note(job.id, backend_job_id="remote-1", ran_with={"torch": "2.9"}, cost=0.5, spent_seconds=2.5)
    here.jobs.fail(job.id, "It broke.", {"steps": "Too many."}, "Traceback")
    export_archive(here.engine, here.media, user, tmp_path / "one.zip")
    assert there.take(tmp_path / "one.zip", user).jobs == 1
    assert there.jobs.find_any(job.id) == here.jobs.find_any(job.id)


def test_what_a_search_looks_at_is_the_prompt_and_not_what_an_archive_says_of_it(there: Place, work: Path) -> None:
    forged = _forged(work, _set("jobs.jsonl", prompt="a fox, quick", folded_prompt="secret" * 100_000))
    assert there.take(forged).jobs == 2
    assert there.jobs.page("ann", None, search="secret").total == 0
    assert there.jobs.page("ann", None, search="fox, quick").total == 1


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_whole(there: Place, work: Path, what: str) -> None:
    change, says = HOSTILE[what]
    _refuses(there, _forged(work, change), says)


@given(name=st.text(max_size=LONGEST_NAME + 2) | st.text("ab \n\t\0\u2028ﷺ", max_size=LONGEST_NAME + 2))
@example("x" * LONGEST_NAME)
@example("x" * (LONGEST_NAME + 1))
@example("a\nb" + "x" * 5000)
def test_an_import_takes_the_names_of_workspaces_that_the_page_would_keep_as_they_are(
    two_places: tuple[Place, Place], nothing: Path, name: str
) -> None:
    _, there = two_places
    ann, bob, line = f"ann {uuid4()}", f"bob {uuid4()}", {"id": str(uuid4()), "name": name, "created_at": str(now())}
    archive = _forged(nothing, _write("workspaces.jsonl", json.dumps(line).encode()))
    try:
        kept = there.workspaces.create(bob, name).name
    except WorkspaceNameError:
        kept = None
    if kept == storable(name):
        assert there.take(archive, ann) == Counts(workspaces=1)
    else:
        with pytest.raises(ArchiveError, match=r"workspaces.jsonl, line 1: name "):
            there.take(archive, ann)
    assert [workspace.name for workspace in there.workspaces.list(ann)] == ([kept] if kept == storable(name) else [])


@given(text=st.sampled_from(TEXTS), length=st.integers(LONGEST_TEXT - 2, LONGEST_TEXT + 2))
def test_an_import_takes_texts_as_long_as_can_be_read_again(
    new_database: NewDatabase, work: Path, text: tuple[str, str], length: int
) -> None:
    file, name = text
    with TemporaryDirectory() as folder, _place(new_database, Path(folder) / "there") as there:
        archive = _forged(work, _set(file, **{name: "x" * length}))
        if length > LONGEST_TEXT:
            _refuses(there, archive, f"{file}, line 1: {name} ")
        else:
            assert there.take(archive).jobs == 2
            values = [value for rows in there.rows().values() for row in rows for value in row]
            assert not any(isinstance(value, tables.Damaged) for value in values)
        archive.unlink()


def test_a_wrong_checksum_is_refused(there: Place, work: Path) -> None:
    _refuses(there, _forged(work, lambda _: None, sha256=dict.fromkeys([*RECORDS], "0" * 64)), "manifest does not")


@pytest.mark.parametrize("manifest", [{"version": 2}, {"format": "other"}, {"sha256": []}, {"more": 1}])
def test_an_unknown_version_is_refused(there: Place, work: Path, manifest: dict[str, Any]) -> None:
    _refuses(there, _forged(work, lambda _: None, **manifest), "does not know")


def test_a_bomb_is_refused_before_it_is_unpacked(there: Place, work: Path) -> None:
    _refuses(there, _forged(work, _write("jobs.jsonl", bytes(10**7)), ZIP_DEFLATED), "compressed")


def test_members_that_share_their_bytes_are_refused(there: Place, work: Path) -> None:
    content = work.read_bytes()
    size = (10**9).to_bytes(4, "little")
    with ZipFile(work) as archive:
        header = archive.getinfo("jobs.jsonl").header_offset
    place = content.index(b"PK\x01\x02", header)
    _refuses(
        there, _written(work, content[: place + 20] + size + size + content[place + 28 :]), "more than its own size"
    )


def _written(work: Path, content: bytes) -> Path:
    forged = work.with_name(f"{uuid4()}.zip")
    forged.write_bytes(content)
    return forged


@given(data=st.data())
def test_an_archive_with_any_byte_changed_or_cut_is_refused_or_the_same(
    new_database: NewDatabase, small_archive: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(small_archive) - 1))
    byte = data.draw(st.integers(0, 255))
    cut = data.draw(st.booleans())
    content = small_archive[:place] if cut else small_archive[:place] + bytes([byte]) + small_archive[place + 1 :]
    with TemporaryDirectory() as folder:
        there = Place(Path(folder), new_database(Path(folder)))
        archive = Path(folder) / "a.zip"
        archive.write_bytes(content)
        before = there.rows()
        try:
            there.take(archive)
        except ArchiveError:
            assert there.rows() == before
            assert not there.objects()
        else:
            assert not cut
            assert there.export(name="b.zip").read_bytes() == small_archive
        there.engine.dispose()


@pytest.fixture(scope="module")
def small_archive(new_database: NewDatabase, sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    place = Place(root, new_database(root))
    place.finished(media=(place.media.put("ann", sources[0], "a").key,))
    content = place.export().read_bytes()
    place.engine.dispose()
    return content


def test_another_users_job_is_refused_and_nothing_is_told_of_it(there: Place, work: Path) -> None:
    there.take(work, "bob")
    _refuses(there, work, "another user here has a workspace")
    with there.engine.begin() as connection:
        connection.execute(update(_JOB).values(workspace_id=None))
        connection.execute(tables.table(tables.Workspace).delete())
    _refuses(there, work, "another user here has a job")


def test_what_is_no_archive_is_refused(there: Place, tmp_path: Path) -> None:
    text = tmp_path / "text.zip"
    text.write_text("not a ZIP")
    for path in (text, tmp_path / "nowhere.zip", tmp_path):
        _refuses(there, path, "not an archive that can be read")


def test_a_killed_import_leaves_nothing_that_does_not_go(
    there: Place, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = there.root / "work"
    monkeypatch.setattr("storage.archive.import_._put_media", lambda *_: os._exit(len(list(scratch.rglob("file")))))
    child = os.fork()
    if not child:
        there.take(work)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1, "it had a file there"
    assert list(scratch.rglob("file"))
    clear(scratch)
    assert list(scratch.iterdir()) == []


LIMITED = """
import resource, sys
from pathlib import Path
from storage.archive.export import export_archive
from storage.archive.import_ import import_archive
from storage.database import open_database
from storage.media.store import MediaStore
from storage.media.probe import MediaLimits
what, root, file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
engine = open_database(f"sqlite:///{root / 'studio.db'}")
media = MediaStore(engine, root / "media")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
try:
    export_archive(engine, media, "ann", file) if what == "export" else import_archive(
        engine, media, "ann", file, MediaLimits(), root / "work"
    )
except OSError as error:
    sys.exit(error.errno)
"""


def test_without_room_on_the_disk_no_half_file_is_left(new_database: NewDatabase, there: Place, tmp_path: Path) -> None:
    def ended(*command: object) -> int:
        return subprocess.run([sys.executable, "-c", LIMITED, *map(str, command)], cwd=ROOT).returncode

    large = media_samples.png(tmp_path / "large.png", size=(1200, 800))
    assert large.stat().st_size > 1_000_000
    with _place(new_database, tmp_path / "here") as here:
        here.finished(media=(here.media.put("ann", large, "large.png").key,))
        assert ended("export", here.root, tmp_path / "work.zip") == errno.EFBIG
        assert not list(tmp_path.glob("work.zip*"))
        work = here.export()
    before = there.rows(), there.objects()
    assert ended("import", there.root, work) == errno.EFBIG
    assert (there.rows(), there.objects()) == before
    assert not list((there.root / "work").iterdir())


def test_a_fault_after_the_files_leaves_no_record(there: Place, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files, which nobody needs then, go with a sweep."""

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("storage.archive.import_._Import._preference", fail)
    with pytest.raises(OSError, match="gone"):
        there.take(work)
    assert not any(rows for name, rows in there.rows().items() if not name.startswith("media"))
    there.media.sweep(now() + timedelta(hours=2))
    assert not any(there.rows().values())
    assert not there.objects()
    monkeypatch.undo()
    assert there.take(work).jobs == 2
