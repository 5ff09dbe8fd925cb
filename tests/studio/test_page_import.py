"""What a user brings to the page becomes jobs: a job's own ZIP as it was, results, ZIPs of them, and nothing twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from storage.errors import ArchiveError, MediaRefusedError
from storage.jobs.store import Job
from storage.media.quotas import Quotas
from storage.media.store import MediaStore
from studio import folder_import, page_import
from studio.context import GivenFile, StoredFile, StudioContext
from studio.errors import JobNotFoundError
from studio.folder_import import Fate
from studio.page_import import Brought, PageImport, Taken
from tests import media_samples
from tests.interchange import made_files
from tests.kept_studio import KeptStudio
from tests.stored_jobs import SHIPPED

EDIT = SHIPPED["image-edit"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    studio = KeptStudio(tmp_path_factory.mktemp("kept"), {"image-edit": EDIT})
    yield studio
    studio.database.dispose()


@pytest.fixture
def user() -> str:
    return f"user {uuid4()}"


class Page:
    """What a user does on the page of a studio."""

    def __init__(self, context: StudioContext, user: str, folder: Path) -> None:
        self.context, self.user = context, user
        self._folder = folder
        self._importing = PageImport(context)

    def upload(self, name: str, content: bytes) -> GivenFile:
        path = self._folder / uuid4().hex / name
        path.parent.mkdir()
        path.write_bytes(content)
        self.context.media.record_upload(self.user, path)
        return GivenFile(path, name)

    def inspect(self, name: str, content: bytes) -> Brought:
        return self._importing.inspect(self.user, self.upload(name, content))

    def take(self, name: str, content: bytes, place: str | None = None, **how: Any) -> Taken:
        return self._importing.take(self.user, self.upload(name, content), place, **how)

    def made(self, seed: int = 1) -> Job:
        """A job with an input and a result of its own."""
        files = [media_samples.png(self._folder / f"{uuid4()}.png", seed=seed + number) for number in (0, 100)]
        photo, result = (self.context.media.put(self.user, path, path.name).key for path in files)
        values = {"image": StoredFile(photo), "operation": "blur", "blur_radius": 3.5}
        job = self.context.submit(self.user, None, "image-edit", values)
        assert self.context.jobs.start(job.id)
        assert self.context.jobs.complete(job.id, [result], seeds={result: 5})
        return self.context.job(self.user, job.id)

    def download(self, job_id: str) -> bytes:
        target = self._folder / f"{uuid4()}.zip"
        self._importing.write(self.user, job_id, target)
        return target.read_bytes()

    def jobs(self) -> list[Job]:
        return [job for job in self.context.jobs.page(self.user, None).jobs if isinstance(job, Job)]


def zipped(files: dict[str, bytes]) -> bytes:
    with ZipFile(packed := BytesIO(), "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def result(prompt: str, side: int = 8) -> bytes:
    return made_files.png({"parameters": f"{prompt}\nSteps: 9, Seed: 3"}, (side, side))


def told(job: Job) -> dict[str, Any]:
    """What must be the same wherever a job goes."""
    return {name: getattr(job, name) for name in ("model_id", "options", "seed", "outputs", "media", "created_at")}


def test_a_whole_job_goes_to_another_studio_and_is_there_once(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    here = Page(kept.context, user, tmp_path)
    job = here.made()
    content = here.download(job.id)
    (folder := tmp_path / "there").mkdir()
    other = KeptStudio(folder, {"image-edit": EDIT})
    there = Page(other.context, user, folder)
    place = other.context.create_workspace(user, "Here please")
    assert there.inspect("job.zip", content) == Brought(is_archive=True, files=0)
    taken = there.take("job.zip", content, place.id)
    (job_there,) = there.jobs()
    assert (taken.job_ids, taken.tally.counts[Fate.JOB], job_there.workspace_id) == ((job.id,), 1, place.id)
    assert told(job_there) == told(job)
    plan, files = other.context.restore(other.context.reuse_job_input(user, job.id), "image-edit")
    assert (plan.report.changed, list(files)) == ((), list(job.media))
    again = there.take("job.zip", content)
    assert (again.job_ids, again.tally.counts[Fate.KNOWN], len(there.jobs())) == ((job.id,), 1, 1)
    other.context.delete_job(user, job.id)
    assert there.take("job.zip", content).job_ids == (job.id,)
    assert [one.id for one in there.jobs()] == [job.id]  # out of the bin
    other.database.dispose()


def test_another_user_of_the_studio_gets_a_job_of_their_own(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    ann, bob = (Page(kept.context, f"{user} {name}", tmp_path) for name in ("ann", "bob"))
    job = ann.made(seed=2)
    content = ann.download(job.id)
    with pytest.raises(JobNotFoundError):
        bob.download(job.id)
    (id_,) = bob.take("job.zip", content).job_ids
    assert id_ != job.id
    (copy,) = bob.jobs()
    assert told(copy) == told(job)
    assert bob.take("job.zip", content).job_ids == (id_,)
    assert (len(ann.jobs()), len(bob.jobs())) == (1, 1)
    bob.context.delete_jobs(ann.user, [job.id])
    assert len(bob.jobs()) == 1


def test_what_only_a_service_or_a_machine_knows_does_not_travel(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    page = Page(kept.context, user, tmp_path)
    job = page.made(seed=3)
    kept.damage(job.id, "endpoint_id", "secret-endpoint")
    kept.damage(job.id, "error_detail", "/home/ann/secret.py")
    snapshot = '{"id": "image-edit", "backend": {"kind": "function", "path": "/home/ann/secret.py"}}'
    kept.damage(job.id, "config_snapshot", snapshot)
    with ZipFile(BytesIO(page.download(job.id))) as archive:
        records = archive.read("jobs.jsonl")
    assert b"secret" not in records
    assert b"image-edit" in records


def test_a_zip_of_results_becomes_jobs_in_parts(
    kept: KeptStudio, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_import, "_SLICE", 0.0)
    monkeypatch.setattr(page_import, "_AT_ONCE", 2)
    files = {f"{number}.png": result(f"fox {number}") for number in range(3)} | {
        "quiet.png": made_files.png({}, (9, 9))
    }
    content = zipped({**files, "notes.txt": b"-", "../../out.png": result("a climber")})
    page = Page(kept.context, user, tmp_path)
    assert page.inspect("all.zip", content) == Brought(is_archive=False, files=5)
    monkeypatch.setattr(page_import, "_SLICE", 60.0)
    taken = page.take("all.zip", content, start=3)
    assert (taken.done, taken.of, taken.tally.counts) == (5, 5, {Fate.JOB: 1, Fate.SILENT: 1})
    taken = page.take("all.zip", content)
    assert (taken.done, taken.tally.counts) == (5, {Fate.JOB: 3, Fate.KNOWN: 1, Fate.SILENT: 1})
    assert sorted(str(job.prompt) for job in page.jobs()) == ["a climber", "fox 0", "fox 1", "fox 2"]
    then = datetime(2024, 3, 2, 1, tzinfo=UTC)
    one = page.take("one.png", result("an owl"), modified=then)
    assert (one.done, one.of, one.tally.counts) == (1, 1, {Fate.JOB: 1})
    assert [job.created_at for job in page.jobs() if job.prompt == "an owl"] == [then]


def test_a_text_that_was_brought_along_says_how_a_file_was_made(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    page = Page(kept.context, user, tmp_path)
    taken = page.take("a.png", made_files.png({}, (9, 9)), beside="a fox\ud800\nSteps: 9, Seed: 3")
    assert taken.tally.counts == {Fate.JOB: 1}
    assert [(job.prompt, job.seed) for job in page.jobs()] == [("a fox?", 3)]
    said = page.take("b.png", result("an owl"), beside="a fox\nSteps: 9, Seed: 3")
    assert said.tally.counts == {Fate.JOB: 1}
    assert {job.prompt for job in page.jobs()} == {"a fox?", "an owl"}


def test_what_cannot_be_taken_is_said_in_a_sentence(
    kept: KeptStudio, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_import, "_MUCH", 10**6)
    page = Page(kept.context, user, tmp_path)
    bomb = zipped({"a.png": bytes(10_000_000)})
    for content, why in (
        (zipped({"notes.txt": b"-"}), "This ZIP holds no job of a studio, no picture, no film and no sound."),
        (b"PK\3\4 and no more", "This is no ZIP that can be read. It may be cut short: bring it once more."),
        (bomb, "The ZIP says that it unpacks to 0.01 GB, far more than pictures do."),
        (b"PK\1\2" * 20_001 + zipped({}), "This ZIP has more than 20000 members: bring it in parts."),
    ):
        with pytest.raises(ArchiveError) as refused:
            page.inspect("all.zip", content)
        assert str(refused.value) == why
    job = page.made(seed=4)
    good = page.download(job.id)
    with pytest.raises(ArchiveError, match=r"^job\.zip is not an archive that can be read: Bad CRC-32"):
        page.take("job.zip", good.replace(b'"status":"completed"', b'"status":"cancelled"'))
    stranger = Page(kept.context, f"{user} 2", tmp_path)
    with pytest.raises(MediaRefusedError, match="not there any more"):
        PageImport(kept.context).take(stranger.user, page.upload("one.png", result("a fox")), None)


def test_what_a_user_may_keep_counts(kept: KeptStudio, user: str, tmp_path: Path) -> None:
    media = MediaStore(kept.database, kept.media_root, quotas=Quotas(disk_mb=0))
    page = Page(replace(kept.context, media=media), user, tmp_path)
    with pytest.raises(MediaRefusedError, match="that this studio keeps for one user"):
        page.take("one.png", result("a fox"))
