"""Whatever is submitted and uploaded meanwhile: the sweep deletes nothing that is needed, and all else in time."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, event, select, update

from storage import tables
from storage.database import alone, put_row
from storage.drafts import DraftStore
from storage.errors import StorageError
from storage.jobs.store import JobStore
from storage.media.quarantine import KEPT
from storage.media.store import MediaStore
from storage.media.sweep import _SWEEPING, MEDIA_GRACE, UPLOAD_GRACE, Sweep, Swept
from storage.tables import now
from tests import media_samples
from tests.storage.conftest import NewEngine, emptied
from tests.storage.job_samples import new_job

BIN_DAYS = 30
LONG_AGO = now() - timedelta(days=10_000)
USERS = ("ann", "bob")
places = st.integers(0, 2)
users = st.sampled_from(USERS)
AGEING = [(tables.Media, "created_at"), (tables.MediaOwner, "created_at"), (tables.Upload, "created_at")]
AGEING += [(tables.Job, "deleted_at")]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class World:
    """Stores on a folder whose clock can be put forward: everything in it gets older by that much."""

    def __init__(self, root: Path, engine: Engine, uploads: str = "uploads") -> None:
        self.engine = engine
        self.media, self.jobs, self.drafts = MediaStore(engine, root / "media"), JobStore(engine), DraftStore(engine)
        self.objects, self.uploads = root / "media", root / uploads
        self.uploads.mkdir(exist_ok=True)
        self.sweep = Sweep(engine, self.media, self.uploads, BIN_DAYS)
        with engine.begin() as connection:  # it is older than all that will be in it
            put_row(connection, tables.table(tables.Milestone), {"name": tables.MEDIA_SINCE, "at": LONG_AGO})

    def run(self) -> Swept:
        return self.sweep.run(now())

    def upload(self, user: str, source: Path) -> Path:
        """As Gradio stores it: equal files of two users share one path."""
        path = self.uploads / source.stem / source.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.read_bytes())
        self.media.record_upload(user, path)
        return path

    def let_pass(self, time: timedelta) -> None:
        with self.engine.begin() as connection:
            for model, name in AGEING:
                column = tables.table(model).c[name]
                for then in connection.execute(select(column).where(column.is_not(None)).distinct()).scalars().all():
                    connection.execute(update(tables.table(model)).where(column == then).values({name: then - time}))
        for path in (*self.objects.rglob("*"), *self.uploads.rglob("*")):
            then = path.stat().st_mtime - time.total_seconds()
            os.utime(path, (then, then))

    def stored(self) -> set[bytes]:
        return {path.read_bytes() for path in self.objects.glob("??/*.*")}

    def quarantined(self) -> set[bytes]:
        return {path.read_bytes() for path in self.objects.glob("quarantine/??/*.*")}


@contextmanager
def interrupted(engine: Engine, by: Callable[[], object], at: int) -> Iterator[None]:
    """Do `by` before the transaction of that number begins."""
    count = 0

    def begin(_: object) -> None:
        nonlocal count
        count += 1
        if count == at:
            by()

    event.listen(engine, "begin", begin)
    try:
        yield
    finally:
        event.remove(engine, "begin", begin)


class Sweeping(RuleBasedStateMachine):
    """The model has ages: of objects since they were put, of jobs in the bin, of uploaded files, all by place.

    `strays` are the objects that have no row, `isolated` the ages of those that went to the quarantine.
    """

    def __init__(self, new_engine: NewEngine, sources: list[Path]) -> None:
        super().__init__()
        self.leaving = ExitStack()
        root = Path(self.leaving.enter_context(TemporaryDirectory()))
        engine = self.leaving.enter_context(new_engine(root))
        self.world, self.sources = World(root, engine), sources
        self.objects: dict[int, timedelta] = {}
        self.strays: set[int] = set()
        self.isolated: dict[int, timedelta] = {}
        self.jobs: dict[str, tuple[str, int, timedelta | None]] = {}
        self.drafts: dict[str, int] = {}
        self.uploads: dict[int, timedelta] = {}
        self.uploaders: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}

    def teardown(self) -> None:
        """In the end nothing is needed, and nothing is left."""
        for job_id, (user, _, _) in self.jobs.items():
            self.world.jobs.trash(user, job_id)
        for user in self.drafts:
            self.world.drafts.delete(user, "pattern")
        for _ in range(3):  # an emptied folder has changed just now, and strays go to the quarantine first
            self.world.let_pass(timedelta(days=BIN_DAYS + 1))
            self.world.run()
        assert [*self.world.objects.rglob("*.*"), *self.world.uploads.iterdir()] == []
        with self.world.engine.connect() as connection:
            for model in (tables.Job, tables.Media, tables.MediaOwner, tables.JobMedia, tables.Upload):
                assert connection.execute(select(tables.table(model))).all() == []
        self.leaving.close()

    def submit(self, user: str, place: int) -> None:
        key = self.world.media.put(user, self.sources[place], "a file").key
        self.jobs[self.world.jobs.create(new_job(user, media=(key,))).id] = (user, place, None)

    def has_put(self, place: int) -> None:
        self.objects[place] = timedelta()
        self.strays.discard(place)

    def swept(self) -> None:
        bin_time = timedelta(days=BIN_DAYS)
        self.jobs = {id_: job for id_, job in self.jobs.items() if job[2] is None or job[2] < bin_time}
        needed = {place for _, place, _ in self.jobs.values()}.union(self.drafts.values())
        self.isolated |= {place: timedelta() for place in self.strays if self.objects[place] >= MEDIA_GRACE}
        self.isolated = {place: age for place, age in self.isolated.items() if age < KEPT}
        self.strays -= self.isolated.keys()
        self.objects = {place: age for place, age in self.objects.items() if place in needed or age < MEDIA_GRACE}
        shown = {place for user, place in self.drafts.items() if user in self.uploaders[place]}
        self.uploads = {place: age for place, age in self.uploads.items() if place in shown or age < UPLOAD_GRACE}
        self.uploaders = {place: users for place, users in self.uploaders.items() if place in self.uploads} | {
            place: set() for place in range(3) if place not in self.uploads
        }

    @rule(user=users, place=places, at=st.integers(0, 3))
    def submit_and_sweep_meanwhile(self, user: str, place: int, at: int) -> None:
        sweeps: list[Swept] = []
        with interrupted(self.world.engine, lambda: sweeps.append(self.world.run()), at):
            self.submit(user, place)
        if sweeps:
            self.swept()
        self.has_put(place)

    @rule(user=users, place=places, at=st.integers(0, 8), upload=st.booleans())
    def sweep_and_submit_meanwhile(self, user: str, place: int, at: int, upload: bool) -> None:
        done = False

        def act() -> None:
            nonlocal done
            done = True
            self.world.upload(user, self.sources[place]) if upload else self.submit(user, place)

        with interrupted(self.world.engine, act, at):
            self.world.run()
        self.swept()
        if done and upload:
            self.uploads[place] = timedelta()
            self.uploaders[place].add(user)
        elif done:
            self.has_put(place)

    @rule(user=users, place=places)
    def put_and_submit_nothing(self, user: str, place: int) -> None:
        self.world.media.put(user, self.sources[place], "a file")
        self.has_put(place)

    @rule(user=users, place=places)
    def upload(self, user: str, place: int) -> None:
        self.world.upload(user, self.sources[place])
        self.uploads[place] = timedelta()
        self.uploaders[place].add(user)

    @rule(user=users, place=places)
    def save_a_draft(self, user: str, place: int) -> None:
        key = self.world.media.put(user, self.sources[place], "a file").key
        self.world.drafts.save(user, "pattern", {"photo": key}, [key])
        self.has_put(place)
        self.drafts[user] = place

    @rule(user=users)
    def delete_a_draft(self, user: str) -> None:
        self.world.drafts.delete(user, "pattern")
        self.drafts.pop(user, None)

    @rule(user=users, place=places)
    def crash_between_an_object_and_its_row(self, user: str, place: int) -> None:
        def crash() -> None:
            raise KeyboardInterrupt

        with interrupted(self.world.engine, crash, 1), pytest.raises(KeyboardInterrupt):
            self.world.media.put(user, self.sources[place], "a file")
        if place not in self.objects:
            self.objects[place] = timedelta()
            self.strays.add(place)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def move_a_job_to_or_from_the_bin(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.jobs)))
        user, place, trashed = self.jobs[job_id]
        assert (self.world.jobs.trash if trashed is None else self.world.jobs.untrash)(user, job_id)
        self.jobs[job_id] = (user, place, timedelta() if trashed is None else None)

    @rule(time=st.sampled_from([timedelta(hours=2), timedelta(hours=13), timedelta(days=16)]))
    def let_pass(self, time: timedelta) -> None:
        self.world.let_pass(time)
        self.objects = {place: age + time for place, age in self.objects.items()}
        self.uploads = {place: age + time for place, age in self.uploads.items()}
        self.isolated = {place: age + time for place, age in self.isolated.items()}
        self.jobs = {
            id_: (user, place, age if age is None else age + time) for id_, (user, place, age) in self.jobs.items()
        }

    @invariant()
    def exactly_what_is_needed_or_new_is_there(self) -> None:
        assert self.world.stored() == {self.sources[place].read_bytes() for place in self.objects}
        for job_id, (user, _, trashed) in self.jobs.items():
            job = self.world.jobs.find_any(job_id)
            assert job is not None
            assert (job.deleted_at is None) == (trashed is None)
            assert self.world.media.find_many(user, job.media).keys() == set(job.media)
        with self.world.engine.connect() as connection:
            assert len(connection.execute(select(tables.table(tables.Job).c.id)).all()) == len(self.jobs)

    @invariant()
    def what_had_no_row_is_not_lost_for_days(self) -> None:
        kept = self.world.stored() | self.world.quarantined()
        assert kept >= {self.sources[place].read_bytes() for place, age in self.isolated.items() if age < KEPT}

    @invariant()
    def exactly_the_uploads_that_a_form_may_show_are_there(self) -> None:
        there = {path.name for path in self.world.uploads.rglob("*.*")}
        assert there == {self.sources[place].name for place in self.uploads}
        for place in self.uploads:
            path = self.world.uploads / self.sources[place].stem / self.sources[place].name
            assert {user for user in USERS if self.world.media.uploaded(user, path)} >= self.shown_to(place)

    def shown_to(self, place: int) -> set[str]:
        """Those of whom it is certain: an older row may go with a sweep that the upload overtook."""
        return {user for user in self.uploaders[place] if self.drafts.get(user) == place}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    return [media_samples.png(folder / f"{seed}.png", seed=seed) for seed in range(3)]


@pytest.mark.parametrize(("new_engine", "share"), [("sqlite", 1), ("postgresql", 0.2)], indirect=["new_engine"])
def test_nothing_needed_is_deleted_and_all_else_goes_in_time(
    new_engine: NewEngine, sources: list[Path], share: float
) -> None:
    run_state_machine_as_test(
        lambda: Sweeping(new_engine, sources),  # type: ignore[arg-type]  # any callable will do
        settings=settings(max_examples=int(share * settings.default.max_examples), stateful_step_count=12),
    )


def test_at_the_start_uploads_that_were_not_taken_go(engine: Engine, sources: list[Path], tmp_path: Path) -> None:
    """What a killed process left: a part of a file, and a whole one that it had no time to write down."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "uploads").symlink_to(tmp_path / "elsewhere")
    world = World(tmp_path, engine, "elsewhere")
    taken = world.upload("ann", sources[0])
    (world.uploads / "tmpx7").write_bytes(b"half a file")
    (world.uploads / "digest").mkdir()
    (world.uploads / "digest" / "a.png").write_bytes(b"a file")
    sweep = Sweep(engine, world.media, tmp_path / "uploads", BIN_DAYS)
    assert sweep.drop_unrecorded() == 2
    assert [path for path in world.uploads.rglob("*") if path.is_file()] == [taken]


def test_one_of_several_pages_sweeps_what_all_share_and_each_its_own_uploads(
    postgres_engine: Engine, sources: list[Path], tmp_path: Path
) -> None:
    engine = emptied(postgres_engine)
    page, other = World(tmp_path, engine), World(tmp_path, engine, "elsewhere")
    page.jobs.trash("ann", page.jobs.create(new_job("ann")).id)
    page.upload("ann", sources[0])
    theirs = other.upload("bob", sources[1])
    page.let_pass(timedelta(days=BIN_DAYS + 1))
    theirs.unlink()  # on the other's machine it is there
    with alone(engine, _SWEEPING) as is_alone:
        assert is_alone
        assert page.run() == Swept(jobs=0, media=0, uploads=1)
    assert page.media.uploaded("bob", str(theirs))
    assert page.run().jobs == 1


def test_a_job_or_draft_that_was_made_while_sweeps_ran_has_its_files(
    engine: Engine, sources: list[Path], tmp_path: Path
) -> None:
    """Without any grace, which is the worst that can be: what is refused is refused in words, what is made is whole."""
    world, stop, made = World(tmp_path, engine), Event(), list[bool]()
    binless = Sweep(engine, world.media, world.uploads, bin_days=0)

    def sweep() -> None:
        while not stop.is_set():
            world.media.sweep(now() + timedelta(days=1))

    def submit(user: str) -> None:
        for turn in range(40):
            key = world.media.put(user, sources[turn % 3], "a file").key
            with suppress(StorageError):
                if turn % 4:
                    job = world.jobs.create(new_job(user, media=(key,)))
                    assert world.media.find(user, key), "a job was made whose file went"
                    world.jobs.trash(user, job.id)
                    binless.run(now())
                else:
                    world.drafts.save(user, "pattern", {"photo": key}, [key])
                    assert world.media.find(user, key), "a draft was kept whose file went"
                made.append(True)

    with ThreadPoolExecutor(3) as pool:
        sweeping = pool.submit(sweep)
        submits = [pool.submit(submit, user) for user in USERS]
        wait(submits)
        stop.set()
        for each in (*submits, sweeping):
            each.result()
    assert made
    drafted = {world.drafts.all(user)["pattern"]["photo"] for user in USERS}
    world.media.sweep(now() + timedelta(days=1))
    assert world.stored() == {path.read_bytes() for path in sources if any(_digest(path) in key for key in drafted)}


def test_what_was_counted_of_a_user_stands_in_one_row_afterwards(engine: Engine, tmp_path: Path) -> None:
    world = World(tmp_path, engine)
    with ThreadPoolExecutor(3) as pool:
        wait([pool.submit(world.jobs.create, new_job("ann")) for _ in range(6)])
    before = world.jobs.changes("ann")
    world.run()
    with engine.connect() as connection:
        assert connection.execute(select(tables.table(tables.UserChange).c.place)).scalars().all() == [0]
    assert world.jobs.changes("ann") == before
