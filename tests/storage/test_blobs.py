"""What a folder and a bucket do alike, and what a bucket says when it is not let in or not there."""

import logging
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage.errors import MediaStoreError
from storage.media.blobs import Objects
from storage.tables import now
from tests import s3
from tests.storage.shelves import Shelf

KEY, OTHER = "aa/one.bin", "bb/other.bin"
CONTENT = bytes(range(256)) * 2**16 + b"end"  # 16 MiB and a bit: more than two parts of an upload

everywhere = pytest.mark.parametrize("shelf", ["folder", "moto", "swift"], indirect=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


@everywhere
def test_an_object_is_written_read_in_parts_listed_and_deleted(shelf: Shelf, source: Path, tmp_path: Path) -> None:
    objects = shelf.objects()
    assert objects.size(KEY) is None
    objects.write(KEY, source)
    objects.write(KEY, source)
    assert objects.size(KEY) == len(CONTENT)
    assert shelf.read(KEY) == CONTENT
    chunk = 4 * 2**20
    for start, stop in [(0, len(CONTENT)), (0, 1), (chunk - 1, chunk + 1), (5, 5), (len(CONTENT) - 3, len(CONTENT))]:
        assert b"".join(objects.read(KEY, start, stop)) == CONTENT[start:stop]
    assert objects.fetch(KEY, tmp_path).read_bytes() == CONTENT

    shelf.write(OTHER, b"")
    times = {key: time for page in objects.pages() for key, time in page.items()}
    assert times.keys() == {KEY, OTHER}
    assert all(now() - timedelta(hours=1) < time < now() + timedelta(hours=1) for time in times.values())
    assert set().union(*objects.pages("bb/")) == {OTHER}

    for _ in range(2):
        objects.delete(KEY)
        assert objects.size(KEY) is None
    assert shelf.keys() == {OTHER}
    with pytest.raises(FileNotFoundError):
        list(objects.read(KEY, 0, 1))


@everywhere
@pytest.mark.parametrize("copied", [len(CONTENT), len(CONTENT) - 1], ids=["copied by the store", "sent again"])
def test_an_object_moves(shelf: Shelf, source: Path, copied: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.media.blobs._COPIED", copied)
    objects = shelf.objects()
    objects.write(KEY, source)
    assert objects.move(KEY, OTHER)
    assert shelf.keys() == {OTHER}
    assert shelf.read(OTHER) == CONTENT
    assert not objects.move(KEY, OTHER)


def test_an_object_moves_to_where_it_is_already(tmp_path: Path, source: Path) -> None:
    """A put that was killed as it took the file out of quarantine leaves it under both keys."""
    objects = Objects(tmp_path / "objects")
    objects.write(KEY, source)
    objects.path(OTHER).parent.mkdir()
    objects.path(OTHER).hardlink_to(objects.path(KEY))
    assert objects.move(KEY, OTHER)
    assert set().union(*objects.pages()) == {OTHER}


@everywhere
def test_what_can_be_listed_is_there(shelf: Shelf) -> None:
    shelf.objects().check()
    shelf.write(KEY, b"")
    shelf.objects().check()


def test_who_opens_a_wrong_bucket_is_told_why_in_one_line(moto: s3.Peer, swift: s3.Peer, tmp_path: Path) -> None:
    nowhere = moto.url("prefix").replace(f"s3://{s3.BUCKET}/", "s3://nowhere/")
    for url, why in ((nowhere, "404"), (replace(swift, secret="hunter2").url("prefix"), "403")):
        with pytest.raises(MediaStoreError, match=rf"see that .*address and keys are right.* {why} ") as refused:
            Objects(tmp_path, url).check()
        assert "\n" not in str(refused.value)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("shelf", ["moto", "swift"], indirect=True)
def test_an_object_in_a_bucket_is_fetched_for_those_who_need_a_file(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write(KEY, CONTENT)
    assert shelf.objects().fetch(KEY, tmp_path) == tmp_path / "one.bin"
    assert (tmp_path / "one.bin").read_bytes() == CONTENT
    with pytest.raises(FileNotFoundError):
        shelf.objects().fetch(OTHER, tmp_path)


def test_a_wrong_secret_is_refused_in_words_that_do_not_repeat_it(
    swift: s3.Peer, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    objects = Objects(tmp_path, replace(swift, secret="hunter2").url("prefix"))
    caplog.set_level(logging.DEBUG)
    for ask in (lambda: objects.size(KEY), lambda: objects.write(KEY, source), lambda: list(objects.pages())):
        with pytest.raises(MediaStoreError, match="cannot be reached") as refused:
            ask()
        assert "hunter2" not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert "403" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_bucket_whose_server_is_gone_is_an_error_in_words(source: Path, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        objects = Objects(tmp_path, s3.Peer(nobody.getsockname()[1]).url("prefix"))
        with pytest.raises(MediaStoreError, match="cannot be reached"):
            objects.size(KEY)


def test_a_bucket_that_does_not_exist_is_an_error_in_words(moto: s3.Peer, source: Path, tmp_path: Path) -> None:
    objects = Objects(tmp_path, moto.url("prefix").replace(f"s3://{s3.BUCKET}/", "s3://nowhere/"))
    with pytest.raises(MediaStoreError, match="cannot be reached"):
        objects.write(KEY, source)
