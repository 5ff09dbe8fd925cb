"""How a stored file is sent, from a folder and from a bucket: whole, in parts, not again; and never to be run."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from components.addresses import media_url
from interchange.read import read
from interchange.record import JobRecord, read_record
from interchange.writers import write
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.s3 import moto
from tests.studio.runner_studio import wait_for
from tests.web.conftest import app_of, media_of
from web.files import range_of

ENDINGS = ["", ".mp4", ".MP4", ".m4v", ".png", ".jpeg", ".webm", ".2", ".txt", ".html", "."]


class Shelf:
    """A browser that asks for one stored film."""

    def __init__(self, folder: Path, bucket: str) -> None:
        options = Settings(data_dir=folder / "data", login="none", media_url=bucket or None)
        self.folder = folder
        self.media = media_of(options)
        self.browser = TestClient(app_of(options, self.media), base_url="http://localhost")
        film = media_samples.video(folder / "film.mp4")
        self.content = film.read_bytes()
        self.url = media_url(self.media.put(LOCAL_USER, film, film.name).key)

    def get(self, **headers: str) -> tuple[int, bytes, str | None]:
        response = self.browser.get(self.url, headers={name.replace("_", "-"): said for name, said in headers.items()})
        assert int(response.headers.get("content-length", 0)) == len(response.content)
        return response.status_code, response.content, response.headers.get("content-range")


@pytest.fixture(scope="module", params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "folder":
        yield Shelf(folder, "")
    else:
        with moto() as peer:
            yield Shelf(folder, peer.url("serving"))


def test_each_way_to_ask_for_a_part(shelf: Shelf) -> None:
    content, size = shelf.content, len(shelf.content)
    whole = (200, content, None)
    assert shelf.get() == whole
    assert shelf.get(range="bytes=0-0") == (206, content[:1], f"bytes 0-0/{size}")
    assert shelf.get(range="bytes=100-299") == (206, content[100:300], f"bytes 100-299/{size}")
    assert shelf.get(range=f"bytes={size - 7}-") == (206, content[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert shelf.get(range="bytes=-7") == (206, content[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert shelf.get(range=f"bytes=5-{10**30}") == (206, content[5:], f"bytes 5-{size - 1}/{size}")
    for outside in (f"bytes={size}-", f"bytes={10**30}-", "bytes=-0"):
        assert shelf.get(range=outside) == (416, b"", f"bytes */{size}")
    for no_range in ("bytes=0-1,5-9", "bytes=9-5", "bytes=-", "bytes=a-b", "pages=1-2", "bytes=" + "9" * 5000 + "-"):
        assert shelf.get(range=no_range) == whole


def test_a_part_goes_on_with_the_same_file_only(shelf: Shelf) -> None:
    head = shelf.browser.head(shelf.url, headers={"range": "bytes=0-9"})
    assert (head.status_code, head.content, head.headers["accept-ranges"]) == (200, b"", "bytes")
    assert head.headers["content-length"] == str(len(shelf.content))
    etag = head.headers["etag"]
    assert shelf.get(range="bytes=0-9", if_range=etag)[0] == 206
    for other in ('"another"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert shelf.get(range="bytes=0-9", if_range=other) == (200, shelf.content, None)


def test_what_the_browser_has_is_not_sent_again(shelf: Shelf) -> None:
    etag = shelf.browser.head(shelf.url).headers["etag"]
    for same in (etag, f"W/{etag}", f'"another", {etag}', "*"):
        response = shelf.browser.get(shelf.url, headers={"if-none-match": same, "range": "bytes=0-9"})
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
        assert "immutable" in response.headers["cache-control"]
    assert shelf.get(if_none_match='"another"')[0] == 200


@pytest.mark.parametrize("asked", [{}, {"range": "bytes=0-9"}, {"range": "bytes=9999999-"}, {"if-none-match": "*"}])
def test_no_answer_can_be_run(shelf: Shelf, asked: dict[str, str]) -> None:
    headers = shelf.browser.get(shelf.url, headers=asked).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
@example('a"; filename=evil.html; x="')
@example("line\r\nset-cookie: a=b")
@example("..")
def test_a_file_of_any_name_is_sent_under_one_plain_header(shelf: Shelf, name: str) -> None:
    response = shelf.browser.get(shelf.url, params={"download": name}, headers={"range": "bytes=0-0"})
    told = response.headers["content-disposition"]
    assert response.status_code == 206
    assert told.startswith("attachment; filename")
    assert told.isascii()
    assert told.isprintable()
    assert told.count(";") == 1
    assert "set-cookie" not in response.headers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20), ending=st.sampled_from(ENDINGS))
def test_a_file_has_no_name_of_another_format_than_it_holds(shelf: Shelf, name: str, ending: str) -> None:
    asked = f"{name}{ending}"
    told = shelf.browser.get(shelf.url, params={"download": asked}).headers["content-disposition"]
    said = unquote(told.partition("filename")[2]).strip('"')
    assert Path(said).suffix.lower() in (".mp4", ".m4v")
    if ending.lower() in (".mp4", ".m4v") and "/" not in name:
        assert said.endswith(asked)


@given(size=st.integers(1, 50), first=st.none() | st.integers(0, 60), last=st.none() | st.integers(0, 60))
def test_a_range_is_what_slicing_gives(size: int, first: int | None, last: int | None) -> None:
    content = bytes(range(size))
    found = range_of(f"bytes={'' if first is None else first}-{'' if last is None else last}", size)
    if first is None:
        expected = content[-last:] if last else b""
        assert (found is None) == (last is None)
    else:
        expected = content[first:] if last is None else content[first : last + 1]
        assert (found is None) == (last is not None and last < first)
    assert content[slice(*found)] == expected if found else True


def test_a_preview_is_there_when_it_is_rendered_and_whoever_may_not_see_the_file_gets_none(shelf: Shelf) -> None:
    def ask(url: str) -> tuple[int, str | None]:
        response = shelf.browser.get(url, params={"preview": ""})
        return response.status_code, response.headers.get("content-type")

    assert ask(shelf.url)[0] == 204
    wait_for(lambda: ask(shelf.url) == (200, "image/webp"))
    assert ask(media_url("00/" + "0" * 64 + ".png")) == (404, "application/json")
    others = shelf.media.put("bob", media_samples.png(shelf.folder / "bob.png"), "bob.png")
    shelf.media.put_preview(others.key, shelf.folder / "bob.png")
    assert ask(media_url(others.key)) == (404, "application/json")


def test_an_upload_has_a_preview_once_it_is_stored_and_its_user_alone_gets_it(shelf: Shelf) -> None:
    def ask(path: str) -> int:
        return shelf.browser.get(f"/gradio_api/file={quote(path)}", params={"preview": ""}).status_code

    sound = media_samples.audio(shelf.folder / "tone #1.wav")
    (path,) = shelf.browser.post("/gradio_api/upload", files={"files": (sound.name, sound.read_bytes())}).json()
    assert ask(path) == 204
    shelf.media.put(LOCAL_USER, Path(path), sound.name)
    wait_for(lambda: ask(path) == 200)

    others = media_samples.audio(shelf.folder / "bob.wav", seed=1)
    shelf.media.record_upload("bob", others)
    shelf.media.put("bob", others, others.name)
    assert ask(str(others)) == 404


def test_a_copy_without_metadata_is_sent_when_that_is_asked_for(shelf: Shelf) -> None:
    record = JobRecord(model_id="m", type="video", options={"prompt": "a secret"})
    told = shelf.folder / "told.mp4"
    write(shelf.folder / "film.mp4", told, record)
    url = media_url(shelf.media.put(LOCAL_USER, told, told.name).key)
    assert read_record(shelf.browser.get(url).content) == record
    plain = shelf.browser.get(url, params={"plain": "", "download": "film.mp4"})
    assert (plain.status_code, plain.headers["content-disposition"]) == (200, 'attachment; filename="film.mp4"')
    assert read(plain.content) is None
    assert b"secret" not in plain.content
    assert not list((shelf.folder / "data" / "work").iterdir())
    stranger = shelf.browser.get(url.replace("a", "b"), params={"plain": ""})
    assert stranger.status_code == 404


def test_a_file_whose_metadata_cannot_be_taken_out_says_so(shelf: Shelf) -> None:
    scan = media_samples.image(shelf.folder / "scan.bmp")
    url = media_url(shelf.media.put(LOCAL_USER, scan, scan.name).key)
    refused = shelf.browser.get(url, params={"plain": ""})
    assert (refused.status_code, "cannot be taken out" in refused.text) == (422, True)
    assert not list((shelf.folder / "data" / "work").iterdir())
