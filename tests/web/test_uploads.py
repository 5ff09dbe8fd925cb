"""Of an upload that is not taken nothing stays, however it ends; one that is taken stays."""

import errno
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from gradio.route_utils import GradioUploadFile
from starlette.testclient import TestClient

from storage.errors import FULL, DatabaseFaultError
from studio.settings import Settings
from tests.web.conftest import app_of, media_of

HEADERS = {"host": "localhost", "content-type": "multipart/form-data; boundary=x"}
BEGINNING = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
FILE = {"files": ("a.png", b"a picture")}


class Site:
    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, max_upload_mb=1)
        self.media = media_of(self.settings)
        self.app = app_of(self.settings, self.media)
        self.client = TestClient(self.app, base_url="http://localhost", raise_server_exceptions=False)

    def upload(self, **given: Any) -> Any:
        return self.client.post("/gradio_api/upload", **given)

    def left(self) -> list[str]:
        return [path.name for path in self.settings.uploads.rglob("*")]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return Site(tmp_path)


def test_a_cut_upload_leaves_nothing_and_no_traceback(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    parts: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": BEGINNING + b"0" * 300_000, "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    there: list[list[str]] = []

    async def receive() -> dict[str, Any]:
        there.append(site.left())
        return next(parts)

    async def send(_: Any) -> None:
        pass

    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": headers}
    scope |= {"query_string": b"", "root_path": "", "scheme": "http", "server": ("test", 80), "client": ("test", 1)}
    with caplog.at_level(logging.INFO):
        anyio.run(site.app, scope, receive, send)  # type: ignore[arg-type]
    assert there[-1], "it was on its way"
    assert site.left() == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("part", [b"0" * 100_000, BEGINNING + b"0" * 100_000 + b"\r\n"], ids=["one file", "many"])
def test_an_upload_that_grows_too_large_leaves_nothing(site: Site, part: bytes) -> None:
    def body() -> Iterator[bytes]:
        yield BEGINNING
        for _ in range(100):
            yield part

    assert site.upload(content=body(), headers=HEADERS).status_code == 413
    assert site.left() == []


def test_an_upload_that_fills_the_disk_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def write(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(GradioUploadFile, "write", write)
    response = site.upload(files=FILE)
    assert (response.status_code, response.text) == (503, FULL)
    assert site.left() == []


@pytest.mark.parametrize("sent", [{"others": ("a.png", b"a")}, {"files": ("..", b"a")}])
def test_a_file_that_gradio_has_no_use_for_leaves_nothing(site: Site, sent: dict[str, tuple[str, bytes]]) -> None:
    site.upload(files=sent)
    assert [path for path in site.settings.uploads.rglob("*") if path.is_file()] == []


def test_an_upload_that_cannot_be_recorded_leaves_nothing_but_anothers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise DatabaseFaultError(FULL)

    with monkeypatch.context() as patch:
        patch.setattr(site.media, "record_upload", full)
        assert site.upload(files=FILE).text == FULL
        assert site.left() == []
    (path,) = site.upload(files=FILE).json()
    with monkeypatch.context() as patch:
        patch.setattr(site.media, "record_upload", full)
        assert site.upload(files=FILE).text == FULL
        assert Path(path).read_bytes() == b"a picture"
