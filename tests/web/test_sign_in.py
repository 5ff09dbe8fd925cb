"""Signing in with Hugging Face: the session is signed, its user is the account's id, and a stranger sees no studio."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from httpx2 import Response
from itsdangerous import TimestampSigner
from starlette.datastructures import URL, QueryParams
from starlette.responses import HTMLResponse, JSONResponse
from starlette.testclient import TestClient

from components.addresses import media_url
from components.users import user_of
from storage.database import open_database
from storage.media.store import MediaStore
from studio.settings import Settings
from tests import media_samples
from tests.web.conftest import app_of
from tests.web.provider import CLIENT_SECRET, Faults, Provider, new_key
from tests.web.space import HTTPS, at_provider, enter_space, login, sign_in, way_back
from web.auth.sign_out import EndedLogins


def _session(info: Any, secret: str = CLIENT_SECRET) -> dict[str, str]:
    """The cookie of a session, as the server signs it."""
    key = hashlib.sha256(f"{secret}-v4".encode()).hexdigest()
    signed = TimestampSigner(key).sign(base64.b64encode(json.dumps({"oauth_info": info}).encode()))
    return {"cookie": f"session={signed.decode()}"}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaStore:
    folder = tmp_path_factory.mktemp("signed in")
    return MediaStore(open_database(f"sqlite:///{folder / 'studio.db'}"), folder / "media")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


def _app(media: MediaStore, folder: Path) -> FastAPI:
    read = Settings(data_dir=folder)
    assert read.login == "huggingface"
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Button("Who am I?").click(user_of, None, gr.Textbox(), api_name="who", queue=False)
    return app_of(read, media, blocks)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, media: MediaStore, provider: Provider) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("space")
    with pytest.MonkeyPatch.context() as patch:
        enter_space(patch, provider)
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        yield _app(media, folder)


def _client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=HTTPS)


def _user(app: FastAPI, headers: dict[str, str]) -> str | None:
    user: str | None = _client(app).get("/gradio_api/user", headers=headers).json()
    return user


def test_who_signs_in_is_known_by_the_id_of_the_account(app: FastAPI) -> None:
    client = _client(app)
    assert "Sign in with Hugging Face" in client.get("/").text
    page = sign_in(client, "7")
    assert "Sign in with Hugging Face" not in page.text
    assert client.get("/gradio_api/user").json() == "hf:7"
    assert client.post("/gradio_api/run/who", json={"data": []}).json()["data"] == ["hf:7"]


def test_files_and_uploads_belong_to_who_signed_in(app: FastAPI, media: MediaStore, tmp_path: Path) -> None:
    picture = media_samples.png(tmp_path / "a.png")
    key = media.put("hf:7", picture, "a.png").key
    ann, bob, stranger = _session(login("7")), _session(login("8")), dict[str, str]()
    (path,) = (
        _client(app).post("/gradio_api/upload", files={"files": ("a.png", picture.read_bytes())}, headers=ann).json()
    )
    for url in (media_url(key), f"/gradio_api/file={path}"):
        assert [_client(app).get(url, headers=one).status_code for one in (ann, bob, stranger)] == [200, 404, 404]


def test_a_stranger_gets_only_the_page_that_lets_in(app: FastAPI) -> None:
    stranger = _client(app)
    assert stranger.get("/").headers["cache-control"] == "no-store"
    assert stranger.get("/config").status_code == 401
    assert stranger.post("/gradio_api/run/who", json={"data": []}).status_code == 401
    assert stranger.post("/gradio_api/upload", files={"files": ("a.png", b"a")}).status_code == 401


@pytest.mark.parametrize(
    "cookie",
    [
        _session(login("7"), secret="another secret"),
        _session(login("7", seconds=-1)),
        _session(None),
        {"cookie": "session=x"},
        {"cookie": f"session={base64.b64encode(json.dumps({'oauth_info': login('7')}).encode()).decode()}"},
    ],
)
def test_a_session_that_is_forged_or_over_is_a_strangers(app: FastAPI, cookie: dict[str, str]) -> None:
    assert _user(app, _session(login("7"))) == "hf:7"
    assert _user(app, cookie) is None
    assert "Sign in with Hugging Face" in _client(app).get("/", headers=cookie).text


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("/", "/"),
        ("/?__theme=dark#form", "/?__theme=dark#form"),
        ("https://elsewhere.example/page", "/page"),
        ("//elsewhere.example", "/"),
        ("////elsewhere.example", "/elsewhere.example"),
        ("/\\elsewhere.example", "/elsewhere.example"),
        ("javascript:alert(1)", "/alert(1)"),
    ],
)
def test_who_has_signed_in_sees_the_page_that_was_asked_for_and_no_other_site(
    app: FastAPI, target: str, seen: str
) -> None:
    client = _client(app)
    answer = client.get(way_back(client, "7", target), follow_redirects=False)
    assert answer.headers["location"] == seen
    assert client.get("/gradio_api/user").json() == "hf:7"


def test_an_answer_to_another_browser_lets_nobody_in(app: FastAPI) -> None:
    """Or a link could make a visitor work in the account of its author."""
    ann, bob = _client(app), _client(app)
    way_back(bob, "8")
    again = bob.get(way_back(ann, "7"), follow_redirects=False)
    assert again.headers["location"].startswith("/login/huggingface?")
    assert bob.get("/gradio_api/user").json() is None


@pytest.mark.parametrize("target", ["/", "/?another"])
def test_a_code_serves_once_and_where_it_was_sent(app: FastAPI, target: str) -> None:
    client = _client(app)
    first = way_back(client, "7")
    if target == "/":
        client.get(first)
        client.post("/logout")
    state = URL(way_back(client, "8", target)).query
    code = QueryParams(URL(first).query)["code"]
    page = client.get(str(URL(f"/login/callback?{state}").include_query_params(code=code)))
    _assert_offered_again(client, page, "did not work")


def _assert_offered_again(client: TestClient, page: Response, says: str) -> None:
    assert page.status_code == 403
    assert says in page.text
    assert "Sign in with Hugging Face" in page.text
    assert client.get("/gradio_api/user").json() is None


def test_one_who_cancels_can_try_again(app: FastAPI) -> None:
    client = _client(app)
    _assert_offered_again(client, sign_in(client, None), "cancelled")
    assert "Sign in with Hugging Face" not in sign_in(client, "7").text


@pytest.mark.parametrize(
    "faults",
    [
        Faults(key=new_key()),
        Faults(claims={"aud": "another Space"}),
        Faults(claims={"iss": "https://elsewhere.example"}),
        Faults(claims={"nonce": "of another time"}),
        Faults(claims={"exp": int(time.time()) - 3600}),
        Faults(token=JSONResponse({"access_token": "x", "expires_in": 60})),
        Faults(token=JSONResponse({})),
        Faults(token=HTMLResponse("We are back soon.")),
        Faults(token=HTMLResponse("We are back soon.", 503)),
    ],
)
def test_a_provider_that_errs_lets_nobody_in(
    app: FastAPI, provider: Provider, monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    client = _client(app)
    monkeypatch.setattr(provider, "faults", faults)
    _assert_offered_again(client, sign_in(client, "7"), "did not work")


@pytest.mark.parametrize("begun", [False, True])
def test_a_provider_that_is_away_lets_nobody_in(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    with Provider() as provider:
        enter_space(monkeypatch, provider)
        client = _client(_app(media, tmp_path))
        address = way_back(client, "7") if begun else "/login/huggingface"
    _assert_offered_again(client, client.get(address), "did not work")


def test_a_browser_that_keeps_no_cookie_is_not_sent_round_for_ever(app: FastAPI) -> None:
    client = _client(app)
    address = "/login/huggingface"
    for _ in range(10):
        answer = client.get(address, follow_redirects=False)
        client.cookies.clear()
        if answer.status_code == 403:
            break
        address = answer.headers["location"]
        if "/oauth/authorize" in address:
            address = at_provider(address, "7")
    _assert_offered_again(client, answer, "cookies")


def test_signing_out_ends_it(app: FastAPI) -> None:
    client = _client(app)
    sign_in(client, "7")
    assert "Sign out" in client.get("/logout").text
    assert client.get("/gradio_api/user").json() == "hf:7"
    assert "Sign in with Hugging Face" in client.post("/logout").text
    assert client.get("/gradio_api/user").json() is None


def test_a_copy_of_the_cookie_is_a_strangers_after_signing_out_and_after_a_restart(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    enter_space(monkeypatch, provider)
    here, elsewhere, other = _session(login("7")), _session(login("7", 60)), _session(login("8"))
    app = _app(media, tmp_path)
    assert _client(app).post("/logout", headers=here, follow_redirects=False).status_code == 303
    _client(app).post("/logout")  # of a stranger
    for each in (app, _app(media, tmp_path)):
        assert [_user(each, one) for one in (here, elsewhere, other)] == [None, "hf:7", "hf:8"]
    assert (tmp_path / "ended-logins.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", ["", "{", "[1]", '{"a": null}', "\0" * 9])
def test_a_damaged_list_of_ended_logins_keeps_nobody_from_starting(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider, left: str
) -> None:
    enter_space(monkeypatch, provider)
    (tmp_path / "ended-logins.json").write_text(left)
    assert _user(_app(media, tmp_path), _session(login("7"))) == "hf:7"


def test_the_session_holds_no_token(app: FastAPI) -> None:
    client = _client(app)
    sign_in(client, "7")
    held = json.loads(base64.b64decode(client.cookies["session"].partition(".")[0]))
    assert held["oauth_info"].keys() == {"expires_at", "id", "userinfo"}
    assert held["oauth_info"]["userinfo"] == {"sub": "7"}


def test_no_script_reads_the_session(app: FastAPI) -> None:
    client = _client(app)
    given = client.get(way_back(client, "7"), follow_redirects=False).headers["set-cookie"].lower()
    assert {"httponly", "secure", "samesite=none"} <= {part.strip() for part in given.split(";")}


def test_a_login_right_after_a_sign_out_is_another(tmp_path: Path) -> None:
    ended = EndedLogins(tmp_path / "ended")
    first, second = ({"id": one, "expires_at": 9e9, "userinfo": {"sub": "7"}} for one in "ab")
    ended.add(first)
    assert ended.has(first)
    assert not ended.has(second)
