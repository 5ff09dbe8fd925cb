"""Two users, any order of calls: the media store, and the jobs and drafts that need its files, against dictionaries."""

from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from storage.drafts import DraftStore
from storage.errors import DraftError
from storage.jobs import JobStore
from storage.media import MediaStore
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import json_objects, new_job

USERS = ("ann", "bob")
users = st.sampled_from(USERS)
places = st.integers(0, 3)
models = st.sampled_from(["pattern", "ken-burns"])


class MediaLifeCycle(RuleBasedStateMachine):
    """The model: `names` has what each user called which source, `present` whose object is there.

    `drafts` has, by user and model, the values and the sources that are needed for them.
    """

    def __init__(self, new_database: NewDatabase, sources: list[Path]) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.root = Path(self.leaving.enter_context(TemporaryDirectory()))
        engine = new_database(self.root)
        self.leaving.callback(engine.dispose)
        self.store, self.jobs = MediaStore(engine, self.root / "media"), JobStore(engine)
        self.draft_store = DraftStore(engine)
        self.sources = sources
        self.keys: dict[int, str] = {}
        self.names: dict[tuple[str, int], str] = {}
        self.present: set[int] = set()
        self.needed: set[int] = set()
        self.drafts: dict[tuple[str, str], tuple[dict[str, Any], set[int]]] = {}

    def teardown(self) -> None:
        self.leaving.close()

    def known(self, place: int) -> bool:
        return any((user, place) in self.names for user in USERS)

    @rule(user=users, place=places, name=st.sampled_from(["one", "two"]))
    def put(self, user: str, place: int, name: str) -> None:
        info = self.store.put(user, self.sources[place], name)
        assert self.keys.setdefault(place, info.key) == info.key
        assert info.name == self.names.setdefault((user, place), name)
        self.present.add(place)

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
        needed = self.needed.union(*(places for _, places in self.drafts.values()))
        deletable = self.known(place) and place not in needed
        assert self.store.delete(self.keys[place]) == deletable
        if deletable:
            self.names = {owned: name for owned, name in self.names.items() if owned[1] != place}
            self.present.discard(place)

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def lose_the_file(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.present)))
        self.store.local_path(self.keys[place]).unlink()
        self.present.discard(place)

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
        stored = {path.read_bytes() for path in (self.root / "media").rglob("*.*")}
        assert stored == {self.sources[place].read_bytes() for place in self.present}


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
        settings=settings(max_examples=100, stateful_step_count=15, deadline=None),
    )
