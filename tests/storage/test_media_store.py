import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from storage.errors import DatabaseFaultError, InvalidKeyError, MediaRefusedError
from storage.jobs.store import JobStore
from storage.media import blobs as objects
from storage.media.probe import MediaLimits
from storage.media.quotas import Quotas
from storage.media.store import MediaStore
from tests import media_samples
from tests.storage.job_samples import new_job
from tests.storage.shelves import Shelf, everywhere

MISSING = "ab/ab" + "0" * 62 + ".png"


@pytest.fixture
def media(engine: Engine, shelf: Shelf) -> MediaStore:
    return shelf.media(engine)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return media_samples.jpeg_exif(tmp_path / "photo.jpg")


# Byte for byte, once


@everywhere
@pytest.mark.parametrize(
    ("name", "make", "kind"),
    [
        ("deep.png", media_samples.png16, "image"),
        ("alpha.png", media_samples.png_alpha, "image"),
        ("exif.jpg", media_samples.jpeg_exif, "image"),
        ("moving.gif", media_samples.animation, "image"),
        ("moving.webp", media_samples.animation, "image"),
        ("still.avif", media_samples.image, "image"),
        ("tone.wav", media_samples.audio, "audio"),
        ("tone.mp3", media_samples.audio, "audio"),
        ("tone.flac", media_samples.audio, "audio"),
        ("clip.mp4", media_samples.video, "video"),
        ("clip.webm", media_samples.video, "video"),
    ],
)
def test_a_file_is_kept_byte_for_byte_under_its_hash(
    media: MediaStore, shelf: Shelf, tmp_path: Path, name: str, make: Callable[[Path], Path], kind: str
) -> None:
    content = make(tmp_path / name).read_bytes()
    info = media.put("ann", tmp_path / name, name)
    digest = hashlib.sha256(content).hexdigest()
    assert info.key == f"{digest[:2]}/{digest}{Path(name).suffix}"
    assert shelf.read(info.key) == content
    assert (info.name, info.kind, info.size) == (name, kind, len(content))
    assert media.find("ann", info.key) == info


@everywhere
def test_equal_files_are_one_object_with_a_name_for_each_user(media: MediaStore, photo: Path, shelf: Shelf) -> None:
    first = media.put("ann", photo, "pond.jpg")
    assert media.put("ann", photo, "again.jpg") == first
    assert media.put("bob", photo, "étang.jpg").name == "étang.jpg"
    assert media.find("ann", first.key) == first
    assert shelf.keys() == {first.key}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b\\c.jpg", "c.jpg"),
        ("<img onerror=x>.jpg", "<img onerror=x>.jpg"),
        ("", "unnamed"),
        ("/", "unnamed"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
        ("bad\udcff.jpg", "bad?.jpg"),
    ],
)
def test_a_file_name_loses_its_folders_and_stays_text(media: MediaStore, photo: Path, given: str, kept: str) -> None:
    assert media.put("ann", photo, given).name == kept


def test_a_file_on_the_same_disk_is_not_written_again(media: MediaStore, photo: Path) -> None:
    assert media.local_path(media.put("ann", photo, "photo.jpg").key).samefile(photo)


@pytest.mark.parametrize(("kind", "said"), [("video", "an image, but a video"), ("audio", "an image, but a sound")])
def test_a_file_of_another_kind_is_refused_and_not_kept(
    media: MediaStore, photo: Path, shelf: Shelf, kind: str, said: str
) -> None:
    with pytest.raises(MediaRefusedError, match=said):
        media.put("ann", photo, "photo.jpg", kind)  # type: ignore[arg-type]
    assert shelf.keys() == set()


@everywhere
def test_an_object_that_was_cut_or_lost_is_mended_by_the_next_put(media: MediaStore, shelf: Shelf, photo: Path) -> None:
    key = media.put("ann", photo, "photo.jpg").key
    for spoil in (lambda: shelf.lose(key), lambda: shelf.write(key, b"cut")):
        spoil()
        assert media.put("ann", photo, "photo.jpg").key == key
        assert shelf.read(key) == photo.read_bytes()


# Whose it is


@everywhere
def test_another_s_file_answers_as_one_that_does_not_exist(media: MediaStore, photo: Path) -> None:
    key = media.put("ann", photo, "photo.jpg").key
    for asked in (key, MISSING):
        assert media.find("bob", asked) is None
        assert not media.owned("bob", asked)
        assert media.find_many("bob", [asked]) == {}
    assert media.owned("ann", key)


@everywhere
def test_a_file_that_is_gone_is_not_found_but_still_owned(
    media: MediaStore, shelf: Shelf, photo: Path, tmp_path: Path
) -> None:
    gone = media.put("ann", photo, "photo.jpg").key
    kept = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png")
    shelf.lose(gone)
    assert media.find("ann", gone) is None
    assert media.owned("ann", gone)
    assert media.find_many("ann", [gone, kept.key, MISSING, "../x"]) == {kept.key: kept}


def test_a_user_keeps_and_uploads_no_more_than_the_quotas_say(engine: Engine, photo: Path, tmp_path: Path) -> None:
    media = MediaStore(engine, tmp_path / "quotas", quotas=Quotas(disk_mb=1, uploads=2))
    film = media_samples.png(tmp_path / "large.png", size=(800, 600))
    media.put("ann", photo, "photo.jpg")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE media SET size = 1000000")
    with pytest.raises(MediaRefusedError, match="Your files take 1 MB of the 1 MB"):
        media.put("ann", film, "large.png")
    media.put("ann", film, "result.png", limits=MediaLimits())  # what a job made is not lost for it
    media.put("bob", film, "large.png")
    for number in range(2):
        media.record_upload("ann", tmp_path / f"{number}.png")
    with pytest.raises(MediaRefusedError, match="2 files within an hour"):
        media.record_upload("ann", tmp_path / "3.png")
    media.record_upload("bob", tmp_path / "3.png")


def test_an_upload_is_its_uploader_s_even_if_another_uploads_the_same(media: MediaStore, photo: Path) -> None:
    media.record_upload("ann", photo)
    media.record_upload("ann", str(photo))
    assert media.uploaded("ann", photo.parent / "." / "x" / ".." / photo.name)
    assert not media.uploaded("bob", photo)
    media.record_upload("bob", photo)
    assert media.uploaded("bob", photo)
    assert not media.uploaded("ann", photo.parent)
    assert not media.uploaded("ann", "\0")


# Deleting


@everywhere
def test_a_file_is_deleted_when_no_job_needs_it_and_not_before(
    media: MediaStore, engine: Engine, photo: Path, shelf: Shelf
) -> None:
    jobs, key = JobStore(engine), media.put("ann", photo, "photo.jpg").key
    other = media.put("ann", media_samples.png(photo.with_name("a.png")), "a.png").key
    job = jobs.create(new_job(media=(key,)))
    jobs.trash("ann", job.id)
    assert not media.delete(key)
    assert media.delete(other)
    assert not media.delete(other)
    assert shelf.keys() == {key}
    assert media.find("ann", other) is None


@everywhere
def test_a_row_whose_file_is_gone_can_be_deleted(media: MediaStore, shelf: Shelf, photo: Path) -> None:
    key = media.put("ann", photo, "photo.jpg").key
    shelf.lose(key)
    assert media.delete(key)
    assert not media.owned("ann", key)


class DeletedMeanwhile(MediaStore):
    """Another process deletes the object between the moment it is written and the moment its rows are."""

    others: MediaStore | None

    def _write(self, key: str, path: Path) -> None:
        super()._write(key, path)
        if self.others is not None:
            assert self.others.delete(key)
            self.others = None


@everywhere
def test_a_put_survives_a_deletion_of_the_same_file_meanwhile(
    media: MediaStore, engine: Engine, photo: Path, shelf: Shelf
) -> None:
    key = media.put("bob", photo, "photo.jpg").key
    meanwhile = DeletedMeanwhile(engine, shelf.root, url=shelf.url)
    meanwhile.others = media
    assert meanwhile.put("ann", photo, "photo.jpg") == media.find("ann", key)
    assert media.find("bob", key) is None


def test_a_put_survives_a_deletion_in_the_moment_in_which_the_object_is_there(
    engine: Engine, tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, synced = MediaStore(engine, tmp_path / "media"), list[Path]()

    def delete_first(path: Path) -> None:
        if not synced:
            path.unlink()
        synced.append(path)
        sync(path)

    sync = objects.sync
    monkeypatch.setattr(objects, "sync", delete_first)
    key = media.put("ann", photo, "photo.jpg").key
    assert media.local_path(key).read_bytes() == photo.read_bytes()
    assert synced == [media.local_path(key)] * 2


@pytest.mark.parametrize("new_engine", ["postgresql"], indirect=True)
def test_no_deletion_comes_between_the_rows_of_a_put(engine: Engine, media: MediaStore, photo: Path) -> None:
    """SQLite has one writer at a time."""
    key = media.put("bob", photo, "photo.jpg").key

    def delete(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO media_owner"):
            with suppress(DatabaseFaultError), engine.begin() as other:
                other.exec_driver_sql("SELECT key FROM media FOR UPDATE NOWAIT")
                other.exec_driver_sql("DELETE FROM media")

    event.listen(engine, "before_cursor_execute", delete)
    try:
        assert media.put("ann", photo, "photo.jpg") == media.find("ann", key)
    finally:
        event.remove(engine, "before_cursor_execute", delete)


# Paths

HOSTILE = [
    "",
    "/etc/passwd",
    "../studio.db",
    "ab/../../studio.db",
    MISSING.upper(),
    MISSING + "\n",
    MISSING + "\0",
    "/" + MISSING,
    "./" + MISSING,
    MISSING.replace("/", "\\"),
    MISSING.replace("/", "//"),
    MISSING.replace("/", "%2f"),
    MISSING.replace("ab/ab", "ab/cd"),
    MISSING.replace(".png", ""),
    MISSING.replace(".png", ".."),
    MISSING.replace(".png", ".p/g"),
    MISSING.replace("0", "٠"),
    "C:\\Windows\\win.ini",
    "c:/" + MISSING,
    "file:///etc/passwd",
    "\\\\host\\share\\x.png",
    "%2e%2e/%2e%2e/etc/passwd",
    "~/x.png",
    "ab\ud800",
]
pieces = st.sampled_from(["..", ".", "/", "\\", "%2e", "%2F", "\0", "C:", "~", "ab", "0" * 64, ".png", "media", "a"])
hostile_keys = st.sampled_from(HOSTILE) | st.lists(pieces, max_size=8).map("".join) | st.text()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=hostile_keys)
def test_no_text_leads_out_of_the_store(media: MediaStore, key: str) -> None:
    assert media.find("ann", key) is None
    assert not media.owned("ann", key)
    assert not media.delete(key)
    assert media.key_of(key) is None
    with pytest.raises(InvalidKeyError, match="is not the key"):
        media.local_path(key)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(digest=st.binary(min_size=32, max_size=32).map(bytes.hex), extension=st.sampled_from(["png", "mp4", "webm"]))
@example(digest="0" * 64, extension="mp3")
def test_a_key_and_its_path_are_one_to_one(media: MediaStore, shelf: Shelf, digest: str, extension: str) -> None:
    key = f"{digest[:2]}/{digest}.{extension}"
    path = media.local_path(key)
    assert path == shelf.root.resolve() / key
    assert media.key_of(path) == media.key_of(str(path)) == key


def test_a_link_in_the_place_of_an_object_or_its_folder_is_refused(
    media: MediaStore, photo: Path, tmp_path: Path
) -> None:
    key = media.put("ann", photo, "photo.jpg").key
    path = media.local_path(key)
    for linked in (path, path.parent):
        moved = linked.rename(tmp_path / f"moved-{linked.name}")
        linked.symlink_to(moved)
        assert media.find("ann", key) is None
        assert media.key_of(path) is None
        with pytest.raises(InvalidKeyError):
            media.local_path(key)
        linked.unlink()
        moved.rename(linked)
    assert media.find("ann", key) is not None


def test_a_link_from_outside_is_the_object_that_it_leads_to(media: MediaStore, photo: Path, tmp_path: Path) -> None:
    key = media.put("ann", photo, "photo.jpg").key
    (tmp_path / "link").symlink_to(media.local_path(key))
    assert media.key_of(tmp_path / "link") == key


def test_a_store_whose_folder_is_reached_by_a_link_works(engine: Engine, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    media = MediaStore(engine, tmp_path / "linked")
    key = media.put("ann", photo, "photo.jpg").key
    assert media.key_of(tmp_path / "linked" / key) == media.key_of(media.local_path(key)) == key
