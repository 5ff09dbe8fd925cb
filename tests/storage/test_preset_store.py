"""Two users, any order of calls: presets against dictionaries, and the files that they need."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from storage.errors import PresetError, PresetNameError, PresetNotFoundError, WorkspaceNotFoundError
from storage.media.store import MediaStore
from storage.media.sweep import Sweep
from storage.presets import PresetForm, PresetStore
from storage.tables import folded, now
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import json_objects

USERS = ("ann", "bob")
users = st.sampled_from(USERS)
names = st.sampled_from(["Portrait", "PORTRAIT", " night  sky ", "<b>${1}", "ß", "SS"])
LONG_AGO = timedelta(days=400)


def a_form(values: dict[str, Any] | None = None) -> PresetForm:
    return PresetForm("pattern", values or {}, {"id": "pattern"})


@contextmanager
def refused(error: type[Exception] | None) -> Iterator[None]:
    if error is None:
        yield
        return
    with pytest.raises(error):
        yield


class PresetLife(RuleBasedStateMachine):
    """The model: `kept` has by id a preset's user, name, values, file and workspace, `deleted` those taken away."""

    def __init__(self, new_database: NewDatabase, sources: list[Path]) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        root = Path(self.folder.name)
        self.engine = new_database(root)
        self.presets, self.media = PresetStore(self.engine), MediaStore(self.engine, root / "media")
        self.sweep = Sweep(self.engine, self.media, root / "uploads", bin_days=30)
        self.sources = sources
        self.bring_files()
        workspaces = WorkspaceStore(self.engine)
        self.places = {user: [workspaces.create(user, name).id for name in "ab"] for user in USERS}
        self.kept: dict[str, tuple[str, str, dict[str, Any], str | None, str | None]] = {}
        self.deleted: dict[str, tuple[str, str, dict[str, Any], str | None, str | None]] = {}

    def bring_files(self) -> None:
        self.keys = sorted({self.media.put(user, one, one.name).key for one in self.sources for user in USERS})

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def any_id(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([*self.kept, *self.deleted, "none"]))

    def a_file(self, data: st.DataObject) -> str | None:
        return data.draw(st.none() | st.sampled_from(self.keys))

    def taken(self, name: str, place: str | None, but: str = "") -> bool:
        """In a workspace; those that are in none any more may be called anything."""
        there = {folded(one[1]) for id_, one in self.kept.items() if one[4] == place and id_ != but}
        return place is not None and folded(" ".join(name.split())) in there

    @rule(user=users, name=names, values=json_objects, data=st.data())
    def create(self, user: str, name: str, values: dict[str, Any], data: st.DataObject) -> None:
        file, place = self.a_file(data), data.draw(st.sampled_from([*self.places[user], None]))
        with refused(PresetNameError if self.taken(name, place) else None):
            made = self.presets.create(user, place, name, a_form(values), [file] if file else [])
            self.kept[made.id] = (user, " ".join(name.split()), values, file, place)

    @rule(user=users, values=json_objects, data=st.data())
    def overwrite(self, user: str, values: dict[str, Any], data: st.DataObject) -> None:
        id_, file = self.any_id(data), self.a_file(data)
        own = id_ in self.kept and self.kept[id_][0] == user
        with refused(None if own else PresetNotFoundError):
            before = self.presets.overwrite(user, id_, a_form(values), [file] if file else [])[1]
            self.deleted[before] = self.kept[id_]
            self.kept[id_] = (*self.kept[id_][:2], values, file, self.kept[id_][4])

    @rule(user=users, name=names, data=st.data())
    def rename(self, user: str, name: str, data: st.DataObject) -> None:
        id_ = self.any_id(data)
        own = id_ in self.kept and self.kept[id_][0] == user
        taken = own and self.taken(name, self.kept[id_][4], id_)
        with refused(PresetNotFoundError if not own else PresetNameError if taken else None):
            self.presets.rename(user, id_, name)
            self.kept[id_] = (user, " ".join(name.split()), *self.kept[id_][2:])

    @rule(user=users, data=st.data())
    def delete(self, user: str, data: st.DataObject) -> None:
        id_ = self.any_id(data)
        with refused(None if id_ in self.kept and self.kept[id_][0] == user else PresetNotFoundError):
            self.presets.delete(user, id_)
            self.deleted[id_] = self.kept.pop(id_)

    @precondition(lambda self: self.deleted)
    @rule(user=users, data=st.data())
    def put_back(self, user: str, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.deleted)))
        owner, name, *_, place = self.deleted[id_]
        error = PresetNotFoundError if owner != user else PresetNameError if self.taken(name, place) else None
        with refused(error):
            self.presets.put_back(user, id_)
            self.kept[id_] = self.deleted.pop(id_)

    @rule(later=st.sampled_from([timedelta(hours=2), LONG_AGO]))
    def sweep_up(self, later: timedelta) -> None:
        if later is LONG_AGO:
            self.deleted.clear()
        needed = {file for *_, file, _ in (*self.kept.values(), *self.deleted.values()) if file}
        self.sweep.run(now() + later)
        assert all(self.media.find_many(user, self.keys).keys() == needed for user in USERS)
        self.bring_files()

    @invariant()
    def each_user_has_exactly_the_own_presets(self) -> None:
        for user in USERS:
            mine = {id_: one for id_, one in self.kept.items() if one[0] == user}
            assert {one.id: one.name for one in self.presets.list(user)} == {id_: one[1] for id_, one in mine.items()}
            for id_, (owner, _, values, *_rest) in self.kept.items():
                with refused(None if owner == user else PresetNotFoundError):
                    assert self.presets.get(user, id_)[1].values == values


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    return [media_samples.png(folder / f"{seed}.png", seed=seed) for seed in (1, 2)]


def test_any_use_of_presets_by_two_users_is_as_in_the_model(new_database: NewDatabase, sources: list[Path]) -> None:
    some = int(0.4 * settings.default.max_examples)  # one takes more than 100 ms of processor time
    run_state_machine_as_test(
        lambda: PresetLife(new_database, sources),  # type: ignore[arg-type]  # any callable will do
        settings=settings(stateful_step_count=12, max_examples=some),
    )


@pytest.fixture
def presets(engine: Engine) -> PresetStore:
    return PresetStore(engine)


@pytest.mark.parametrize("name", ["  a  b\n", "x" * 80, "x" * 81, " \t", "a\0b", "\ud800"])
def test_a_name_comes_back_in_one_line_or_is_refused(presets: PresetStore, name: str) -> None:
    wanted = " ".join(name.split())
    with refused(None if 1 <= len(wanted) <= 80 else PresetNameError):
        presets.create("ann", None, name, a_form(), ())
        (found,) = presets.list("ann")
        assert found.name == wanted.encode(errors="replace").decode().replace("\0", "?")


def test_a_preset_is_not_saved_with_another_s_file_nor_in_another_s_workspace(
    engine: Engine, presets: PresetStore, tmp_path: Path, sources: list[Path]
) -> None:
    key = MediaStore(engine, tmp_path / "media").put("bob", sources[0], "x.png").key
    with pytest.raises(PresetError, match="Not in the media store"):
        presets.create("ann", None, "one", a_form(), [key])
    theirs = WorkspaceStore(engine).create("bob", "theirs").id
    with pytest.raises(WorkspaceNotFoundError):
        presets.create("ann", theirs, "one", a_form(), ())
    assert presets.list("ann") == ()


def test_a_workspace_that_is_put_back_has_its_presets(engine: Engine, presets: PresetStore) -> None:
    workspaces = WorkspaceStore(engine)
    workspaces.create("ann", "last")
    here = workspaces.create("ann", "here").id
    made = presets.create("ann", here, "one", a_form(), ())
    deleted = workspaces.delete("ann", here)
    assert [one.workspace_id for one in presets.list("ann")] == [None]
    workspaces.put_back("ann", deleted)
    assert presets.list("ann") == (made,)


def test_a_damaged_preset_is_told_of_and_the_others_are_listed(sqlite_engine: Engine) -> None:
    presets = PresetStore(sqlite_engine)
    names = ("whole", "no name", "no values")
    ids = {name: presets.create("ann", None, name, a_form(), ()).id for name in names}
    with sqlite_engine.begin() as connection:
        connection.execute(text("UPDATE preset SET name = CAST(x'ff' AS TEXT) WHERE name = 'no name'"))
        connection.execute(text("""UPDATE preset SET "values" = '[no' WHERE name = 'no values'"""))
    assert [one.name for one in presets.list("ann")] == ["no values", "whole"]
    assert [ids["no name"] in sentence for sentence in presets.damaged("ann")] == [True]
    with pytest.raises(PresetError, match="“no values” is damaged: save it again, or delete it"):
        presets.get("ann", ids["no values"])
