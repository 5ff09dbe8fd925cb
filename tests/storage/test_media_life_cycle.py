"""Two users, any order of calls: the media store against two dictionaries."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from storage.jobs import JobStore
from storage.media import MediaStore
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import new_job

USERS = ("ann", "bob")
users = st.sampled_from(USERS)
places = st.integers(0, 3)


class MediaLifeCycle(RuleBasedStateMachine):
    """The model: `names` has what each user called which source, `present` whose object is there."""

    def __init__(self, new_database: NewDatabase, sources: list[Path]) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.root = Path(self.leaving.enter_context(TemporaryDirectory()))
        engine = new_database(self.root)
        self.leaving.callback(engine.dispose)
        self.store, self.jobs = MediaStore(engine, self.root / "media"), JobStore(engine)
        self.sources = sources
        self.keys: dict[int, str] = {}
        self.names: dict[tuple[str, int], str] = {}
        self.present: set[int] = set()
        self.needed: set[int] = set()

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
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.keys)))
        deletable = self.known(place) and place not in self.needed
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


def test_any_use_of_media_by_two_users_is_as_in_the_model(new_database: NewDatabase, sources: list[Path]) -> None:
    run_state_machine_as_test(
        lambda: MediaLifeCycle(new_database, sources),  # type: ignore[arg-type]  # any callable will do
        settings=settings(max_examples=100, stateful_step_count=15, deadline=None),
    )
