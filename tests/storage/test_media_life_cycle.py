"""Two users, any order of calls: the media store, and the jobs and drafts that need its files, against dictionaries.

Between the calls the database is lost, or a backup of it restored, and sweeps run beside which nothing is young.
"""

import os
import shutil
from contextlib import ExitStack, nullcontext
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from storage import tables
from storage.database import open_database, put_row
from storage.drafts import DraftStore
from storage.errors import DraftError
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from storage.tables import now
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import json_objects, new_job

USERS = ("ann", "bob")
MOVED, RESCUED = 1e12, 2e12  # later than all that is counted: when an object was moved, and when all were put back
users = st.sampled_from(USERS)
places = st.integers(0, 3)
models = st.sampled_from(["pattern", "ken-burns"])


class MediaLifeCycle(RuleBasedStateMachine):
    """The model: `names` has what each user called which source, `present` whose object is there.

    `drafts` has, by user and model, the values and the sources that are needed for them. `rows` are the sources that
    the database knows, `isolated` those in quarantine. Times are counted: `written` when an object was, and `since`.
    """

    def __init__(self, new_database: NewDatabase, sources: list[Path]) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.root = Path(self.leaving.enter_context(TemporaryDirectory()))
        self.new_database = new_database
        self.folders = (self.root / str(number) for number in count())
        self.sources = sources
        self.keys: dict[int, str] = {}
        self.names: dict[tuple[str, int], str] = {}
        self.present: set[int] = set()
        self.needed: set[int] = set()
        self.drafts: dict[tuple[str, str], tuple[dict[str, Any], set[int]]] = {}
        self.rows: set[int] = set()
        self.isolated: set[int] = set()
        self.written: dict[int, float] = {}
        self.since = 0.0
        self.time = 1.0
        self.backup: tuple[Path, Any] | None = None
        self.use(new_database(self.folder()))
        self.know_since(self.since)

    def folder(self) -> Path:
        folder = next(self.folders)
        folder.mkdir()
        return folder

    def use(self, engine: Engine) -> None:
        self.leaving.callback(engine.dispose)
        self.engine = engine
        self.store, self.jobs = MediaStore(engine, self.root / "media"), JobStore(engine)
        self.draft_store = DraftStore(engine)

    def know_since(self, time: float) -> None:
        self.since = time
        row = {"name": tables.MEDIA_SINCE, "at": datetime.fromtimestamp(time, UTC)}
        with self.engine.begin() as connection:
            put_row(connection, tables.table(tables.Milestone), row)

    def needed_places(self) -> set[int]:
        return self.needed.union(*(places for _, places in self.drafts.values()))

    def forget(self, place: int) -> None:
        self.names = {owned: name for owned, name in self.names.items() if owned[1] != place}
        self.present.discard(place)
        self.rows.discard(place)

    def teardown(self) -> None:
        self.leaving.close()

    def known(self, place: int) -> bool:
        return any((user, place) in self.names for user in USERS)

    @rule(user=users, place=places, name=st.sampled_from(["one", "two"]))
    def put(self, user: str, place: int, name: str) -> None:
        info = self.store.put(user, self.sources[place], name)
        assert self.keys.setdefault(place, info.key) == info.key
        assert info.name == self.names.setdefault((user, place), name)
        self.rows.add(place)
        if place not in self.present:
            self.time += 1
            self.present.add(place)
            self.written[place] = self.time
            os.utime(self.store.local_path(info.key), (self.time, self.time))

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def use_in_a_job(self, data: st.DataObject) -> None:
        user, place = data.draw(st.sampled_from(sorted(self.names)))
        self.jobs.create(new_job(user, media=(self.keys[place],)))
        self.needed.add(place)

    @precondition(lambda self: self.keys)
    @rule(user=users, model=models, values=json_objects, data=st.data())
    def save_a_draft(self, user: str, model: str, values: dict[str, Any], data: st.DataObject) -> None:
        needed = data.draw(st.sets(st.sampled_from(sorted(self.keys))))
        refused = pytest.raises(DraftError) if any((user, place) not in self.names for place in needed) else None
        with refused or nullcontext():
            self.draft_store.save(user, model, values, [self.keys[place] for place in needed])
        if not refused:
            self.drafts[user, model] = values, needed

    @rule(user=users, model=models)
    def delete_a_draft(self, user: str, model: str) -> None:
        self.draft_store.delete(user, model)
        self.drafts.pop((user, model), None)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.keys)))
        deletable = self.known(place) and place not in self.needed_places()
        assert self.store.delete(self.keys[place]) == deletable
        if deletable:
            self.forget(place)

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def lose_the_file(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.present)))
        self.store.local_path(self.keys[place]).unlink()
        self.present.discard(place)

    @rule()
    def lose_the_database(self) -> None:
        self.use(self.new_database(self.folder()))
        self.time += 1
        self.know_since(self.time)
        self.names, self.needed, self.drafts, self.rows = {}, set(), {}, set()

    @rule()
    def back_up(self) -> None:
        file = self.folder() / "backup.db"
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"VACUUM INTO '{file}'")
        self.backup = file, deepcopy((self.names, self.needed, self.drafts, self.rows, self.since))

    @precondition(lambda self: self.backup)
    @rule()
    def restore_the_backup(self) -> None:
        assert self.backup
        self.use(open_database(f"sqlite:///{shutil.copy(self.backup[0], self.folder())}"))
        self.names, self.needed, self.drafts, self.rows, self.since = deepcopy(self.backup[1])

    @rule()
    def sweep(self) -> None:
        self.store.sweep(now() + timedelta(days=1))
        for place in self.rows - self.needed_places():
            self.forget(place)
        back = self.isolated & self.rows
        strays = {place for place in self.present - self.rows if self.written[place] >= self.since}
        self.isolated = self.isolated - back | strays
        self.present = self.present - strays | back
        self.written |= dict.fromkeys(back | strays, MOVED)

    @rule()
    def rescue(self) -> None:
        assert self.store.quarantine.rescue() == len(self.isolated)
        self.present |= self.isolated
        self.written |= dict.fromkeys(self.isolated, MOVED)
        self.isolated = set()
        self.since = RESCUED

    @invariant()
    def each_user_finds_exactly_the_own_files_that_are_there(self) -> None:
        for user in USERS:
            found = self.store.find_many(user, self.keys.values())
            mine = {place: name for (owner, place), name in self.names.items() if owner == user}
            assert {key: info.name for key, info in found.items()} == {
                self.keys[place]: name for place, name in mine.items() if place in self.present
            }
            for place, key in self.keys.items():
                assert self.store.find(user, key) == found.get(key)
                assert self.store.owned(user, key) == (place in mine)

    @invariant()
    def each_user_has_exactly_the_own_drafts(self) -> None:
        for user in USERS:
            mine = {model: values for (owner, model), (values, _) in self.drafts.items() if owner == user}
            assert self.draft_store.all(user) == mine

    @invariant()
    def the_folder_holds_exactly_the_bytes_of_what_is_there(self) -> None:
        for places, folder in ((self.present, "media"), (self.isolated, "media/quarantine")):
            stored = {path.read_bytes() for path in (self.root / folder).glob("??/*.*")}
            assert stored == {self.sources[place].read_bytes() for place in places}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    return [
        media_samples.png16(folder / "a.png"),
        media_samples.animation(folder / "b.gif"),
        media_samples.audio(folder / "c.wav", 0.1),
        media_samples.video(folder / "d.mp4", 0.3),
    ]


def test_any_use_of_media_and_drafts_by_two_users_is_as_in_the_model(
    new_database: NewDatabase, sources: list[Path]
) -> None:
    run_state_machine_as_test(
        lambda: MediaLifeCycle(new_database, sources),  # type: ignore[arg-type]  # any callable will do
        settings=settings(stateful_step_count=15),
    )
