"""Anonymous visitors: a cookie is somebody's only if this studio signed it, as it is, within a year."""

import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from components.addresses import media_url
from components.users import user_of
from storage.media.store import MediaStore
from studio.settings import Settings
from tests import media_samples
from tests.web.conftest import app_of, media_of
from web.auth.visitors import DAYS, cookie_suffix, visitors_key

FORMER_COOKIE = "studio-visitor"
"""Of every studio, before each had a name of its own."""


def _cookie(client: TestClient) -> str:
    """What a browser that has opened the page keeps."""
    ((name, value),) = client.cookies.items()
    assert name.startswith("studio-visitor-")
    return str(value)


def _app(folder: Path) -> tuple[FastAPI, MediaStore]:
    folder.mkdir(exist_ok=True)
    read = Settings(data_dir=folder, login="anonymous")
    media = media_of(read)
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Button("Who am I?").click(user_of, None, gr.Textbox(), api_name="who")
    return app_of(read, media, blocks), media


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("visitors")


@pytest.fixture(scope="module")
def made(folder: Path) -> Iterator[tuple[FastAPI, MediaStore]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "data" / "uploads"))
        yield _app(folder / "data")


@pytest.fixture(scope="module")
def app(made: tuple[FastAPI, MediaStore]) -> FastAPI:
    return made[0]


def _visit(app: FastAPI) -> TestClient:
    """A browser that has opened the page."""
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/").status_code == 200
    return client


def _sent(cookie: str, name: str = FORMER_COOKIE) -> dict[str, bytes]:
    return {"cookie": f"{name}={cookie}".encode()}


def _cookie_after(app: FastAPI, cookie: str) -> str:
    """The cookie that the page gives to who comes with this one."""
    answer = TestClient(app, base_url="http://localhost").get("/", headers=_sent(cookie))
    return answer.headers["set-cookie"].partition("=")[2].partition(";")[0]


def _user(client: TestClient) -> str:
    user: str = client.get("/gradio_api/user").json()
    return user


def _user_with(app: FastAPI, cookie: str) -> str | None:
    return _user_of(TestClient(app, base_url="http://localhost"), cookie)


def _user_of(client: TestClient, cookie: str) -> str | None:
    user: str | None = client.get("/gradio_api/user", headers=_sent(cookie)).json()
    return user


def test_each_browser_has_a_space_of_its_own_and_comes_back_to_it(app: FastAPI) -> None:
    one, other = _visit(app), _visit(app)
    assert _user(one).startswith("visitor:")
    assert _user(one) != _user(other)
    assert one.get("/").status_code == 200
    assert _user_with(app, _cookie_after(app, _cookie(one))) == _user(one)


def test_events_files_and_uploads_belong_to_the_same_visitor(made: tuple[FastAPI, MediaStore], folder: Path) -> None:
    app, media = made
    picture = media_samples.png(folder / "a.png")
    ann, bob = _visit(app), _visit(app)
    for client in (ann, bob):
        answer = client.post("/gradio_api/run/who", json={"data": []}).json()
        assert answer["data"] == [_user(client)]
    key = media.put(_user(ann), picture, picture.name).key
    (path,) = ann.post("/gradio_api/upload", files={"files": (picture.name, picture.read_bytes())}).json()
    for url in (media_url(key), f"/gradio_api/file={path}"):
        assert (ann.get(url).status_code, bob.get(url).status_code) == (200, 404)


def test_without_a_cookie_only_the_page_answers(app: FastAPI) -> None:
    stranger = TestClient(app, base_url="http://localhost")
    assert stranger.get("/config").status_code == 401
    assert stranger.post("/gradio_api/run/who", json={"data": []}).status_code == 401
    assert stranger.post("/gradio_api/upload", files={"files": ("a.png", b"a")}).status_code == 401
    assert not stranger.cookies


@pytest.fixture(scope="module")
def visitor(app: FastAPI) -> Iterator[tuple[TestClient, str]]:
    """One that keeps its connection, and a cookie that it was given and does not send by itself."""
    with TestClient(app, base_url="http://localhost") as browser:
        browser.get("/")
        good = _cookie(browser)
        browser.cookies.clear()
        yield browser, good


@given(st.data())
def test_a_forged_cookie_is_nobodys(visitor: tuple[TestClient, str], data: st.DataObject) -> None:
    client, good = visitor
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from("0123456789abcdef.x"))
    forged = data.draw(st.sampled_from([good[:place] + other + good[place + 1 :], good[:place], good + other]))
    assert (_user_of(client, forged) is None) == (forged != good)


def test_a_visitor_is_known_after_a_restart(app: FastAPI, folder: Path) -> None:
    cookie = _cookie(_visit(app))
    again, _ = _app(folder / "data")
    assert _user_with(again, cookie) == _user_with(app, cookie)


@pytest.mark.parametrize("cookie", ["", "x", "..", f"{'٣' * 32}.1.{'0' * 64}", f"{'0' * 32}.1.{'0' * 64}"])
def test_what_is_no_cookie_of_ours_becomes_a_new_visitor(app: FastAPI, cookie: str) -> None:
    users = {_user_with(app, _cookie_after(app, cookie)) for _ in range(2)}
    assert None not in users
    assert len(users) == 2


def test_another_key_signs_other_visitors(app: FastAPI, tmp_path: Path) -> None:
    elsewhere, _ = _app(tmp_path / "data")
    assert _user_with(elsewhere, _cookie(_visit(app))) is None


def test_a_year_after_the_last_visit_a_cookie_is_nobodys(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie, now = _cookie(_visit(app)), time.time()
    user = _user_with(app, cookie)
    monkeypatch.setattr("web.auth.visitors.time.time", lambda: now + (DAYS - 1) * 86400)
    later = _cookie_after(app, cookie)
    assert _user_with(app, cookie) == user
    monkeypatch.setattr("web.auth.visitors.time.time", lambda: now + (DAYS + 1) * 86400)
    assert _user_with(app, cookie) is None
    assert _user_with(app, later) == user


def test_no_script_and_no_other_site_gets_the_cookie(app: FastAPI) -> None:
    answer = TestClient(app, base_url="http://localhost").get("/")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    assert "Secure" not in answer.headers["set-cookie"]
    assert answer.headers["cache-control"] == "no-store"
    safe = TestClient(app, base_url="https://localhost").get("/")
    assert "Secure" in safe.headers["set-cookie"].split("; ")


def test_in_a_space_the_cookie_works_inside_the_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    app, _ = _app(tmp_path / "data")
    name, _, value = TestClient(app, base_url="http://localhost").get("/").headers["set-cookie"].partition("=")
    assert name.startswith("__Host-studio-visitor-")
    assert {"HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"} <= set(value.split("; "))


def test_two_studios_on_one_host_leave_each_other_their_visitors(app: FastAPI, tmp_path: Path) -> None:
    elsewhere, _ = _app(tmp_path / "data")
    browser = _visit(app)
    user = _user(browser)
    there = TestClient(elsewhere, base_url="http://localhost", cookies=browser.cookies)
    there.get("/")
    assert len(there.cookies) == 2
    back = TestClient(app, base_url="http://localhost", cookies=there.cookies)
    back.get("/")
    assert (_user(back), _user(there) == user) == (user, False)


def test_a_cookie_of_the_former_name_is_still_its_visitors_unless_it_is_another_studios(
    app: FastAPI, folder: Path, tmp_path: Path
) -> None:
    elsewhere, _ = _app(tmp_path / "data")
    mine, other = _cookie(_visit(app)), _cookie(_visit(elsewhere))
    name = f"studio-visitor-{cookie_suffix(visitors_key(folder / 'data' / 'visitors.key'))}"
    for former in (mine, other, "x", ""):
        cookies = {"cookie": f"{FORMER_COOKIE}={former}; {name}={mine}"}
        assert TestClient(app, base_url="http://localhost").get("/gradio_api/user", headers=cookies).json() == (
            _user_with(app, mine)
        )
    assert _user_with(app, other) is None


def test_behind_a_proxy_the_cookie_is_of_the_studios_path(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    read = Settings(data_dir=tmp_path / "data", login="anonymous", root_path="https://public.example/studio")
    app = app_of(read)
    given = TestClient(app, base_url="https://public.example").get("/").headers["set-cookie"]
    assert "Path=/studio" in given.split("; ")


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "visitors.key"
    key = visitors_key(path)
    assert (visitors_key(path), len(key), path.stat().st_mode & 0o777) == (key, 32, 0o600)
    path.unlink()
    assert visitors_key(path) != key
