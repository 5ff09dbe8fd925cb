"""What the gate takes for granted of Gradio's app, each in a test of its own, asked of Gradio without the gate."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import gradio as gr
import pytest
from fastapi import FastAPI
from gradio import route_utils
from gradio.oauth import attach_oauth
from gradio.route_utils import FnIndexInferError
from gradio.routes import App
from starlette.datastructures import FormData
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import Message

from tests.web.crawl import routes
from tests.web.provider import Provider
from tests.web.space import HTTPS, enter_space, sign_in
from web.gate.guard import API, FILE_ROUTES, PAGE, PASSED
from web.gate.logins import cookie_names
from web.gate.oauth import LOGIN


def _blocks() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as blocks:
        told, said = gr.JSON(), gr.Textbox()
        gr.Button().click(_tell, told, said, api_name="tell", queue=False)
        gr.Button().click(lambda: "queued", None, said, api_name="say")
    return blocks


def _tell(value: Any, event: gr.EventData) -> str:
    return json.dumps([value, event._data])


def _mounted(**options: Any) -> FastAPI:
    app = FastAPI()
    gr.mount_gradio_app(app, _blocks(), path="/", ssr_mode=False, run_history=False, **options)
    return app


def _gradios(app: FastAPI) -> App:
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount)
    assert isinstance(mount.app, App)
    return mount.app


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(_mounted(), base_url="http://localhost") as client:
        yield client


# gradio_app.py


def test_gradio_mounts_its_app_as_the_last_route() -> None:
    assert _gradios(_mounted())


def test_gradio_starts_its_queue_with_the_app_around_it(client: TestClient) -> None:
    event = client.post(f"{API}/call/say", json={"data": []}).json()["event_id"]
    assert "queued" in client.get(f"{API}/call/say/{event}").text


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [("run/nothing", {}, FnIndexInferError), ("queue/join", {"fn_index": 99_999}, KeyError)],
)
def test_gradio_raises_for_a_handler_that_it_does_not_have(
    client: TestClient, path: str, body: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        client.post(f"{API}/{path}", json={"data": [], "session_hash": "s", **body})


# document.py


@pytest.mark.parametrize("encoding", ["identity", "gzip, br"])
def test_gradio_sends_the_document_in_one_piece_and_uncompressed(client: TestClient, encoding: str) -> None:
    sent: list[Message] = []
    headers = [(b"host", b"localhost"), (b"accept-encoding", encoding.encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": ""}
    scope |= {"headers": headers, "scheme": "http", "server": ("localhost", 80), "client": ("localhost", 1)}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(client.app, scope, receive, send)
    start, *pieces = sent
    (whole,) = [piece["body"] for piece in pieces if piece["body"]]
    assert pieces[0]["body"] == whole
    assert whole.count(b"<head>") == 1
    assert not [value for name, value in start["headers"] if name == b"content-encoding"]


# guard.py


def _paths(app: Any, method: str = "GET") -> set[str]:
    """The paths of the app's routes, with a `*` for each part that names something."""
    answering = [route for route in routes(app) if method in (route.methods or ())]
    return {re.sub(r"\{\w+(:path)?\}", "*", route.path).strip("/") for route in answering}


def test_gradio_has_every_route_that_passes() -> None:
    gradio = _gradios(_mounted())
    for method, passed in PASSED.items():
        there = _paths(gradio, method)
        assert {f"{API}/{path}".strip("/") for path in passed} <= there, method
    assert {path.partition("/")[0] for path in _paths(gradio)} >= PAGE


def test_gradio_serves_files_below_the_paths_that_the_studio_answers_in_its_place() -> None:
    assert {f"{API}/{path}*".strip("/") for path in FILE_ROUTES} <= _paths(_gradios(_mounted()))


# logins.py


@pytest.mark.parametrize("name", cookie_names("suffix"))
def test_gradio_looks_up_the_token_of_either_cookie_in_a_dict_of_its_app(name: str) -> None:
    app = _mounted(auth=lambda *_: False)
    gradio = _gradios(app)
    gradio.cookie_id, gradio.tokens = "suffix", {"token": "ann"}
    for value, user in (("token", "ann"), ("other", None)):
        client = TestClient(app, base_url="http://localhost", cookies={name: value})
        assert client.get(f"{API}/user").json() == user


def test_gradio_asks_first_for_the_cookie_that_comes_by_https_alone() -> None:
    app = _mounted(auth=lambda *_: False)
    gradio = _gradios(app)
    gradio.cookie_id, gradio.tokens = "suffix", {"one": "ann", "two": "bob"}
    cookies = dict(zip(cookie_names("suffix"), ("one", "two"), strict=True))
    assert TestClient(app, base_url="http://localhost", cookies=cookies).get(f"{API}/user").json() == "ann"


# oauth.py


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    with Provider() as provider:
        enter_space(monkeypatch, provider)
        app = FastAPI()
        attach_oauth(app)
        yield app


def test_gradio_keeps_in_the_session_what_hugging_face_says_of_who_signs_in(space: FastAPI) -> None:
    client = TestClient(space, base_url=HTTPS, follow_redirects=False)
    sign_in(client, "ann")
    held = json.loads(base64.b64decode(client.cookies["session"].partition(".")[0]))
    assert held.keys() == {LOGIN}
    assert {"access_token", "expires_at", "userinfo"} <= held[LOGIN].keys()


def test_gradio_has_both_steps_of_signing_in_below_login(space: FastAPI) -> None:
    assert {path for path in _paths(space) if path.startswith("login/")} == {
        "login/huggingface",
        "login/callback",
    }


# sessions.py


def test_gradio_makes_the_id_of_an_event_and_tells_it_as_event_id(client: TestClient) -> None:
    for path, body in (("call/say", {}), ("queue/join", {"fn_index": 1, "session_hash": "a"})):
        events = {client.post(f"{API}/{path}", json={"data": [], **body}).json()["event_id"] for _ in range(2)}
        assert len(events) == 2


def test_gradio_lets_everyone_hear_a_session_whose_id_they_know(client: TestClient) -> None:
    client.post(f"{API}/queue/join", json={"data": [], "fn_index": 1, "session_hash": "known"})
    assert "queued" in client.get(f"{API}/queue/data?session_hash=known").text


def _told(client: TestClient, **body: Any) -> Any:
    return client.post(f"{API}/run/tell", json={"data": [None], "session_hash": "s", **body})


def test_gradio_takes_for_a_file_what_says_so_among_the_values(client: TestClient, tmp_path: Path) -> None:
    file = {"path": str(tmp_path / "a"), "meta": {"_type": "gradio.FileData"}}
    value, _ = json.loads(_told(client, data=[file]).json()["data"][0])
    assert "url" in value


def test_gradio_takes_for_a_file_what_has_a_path_in_what_an_event_tells(client: TestClient) -> None:
    answer = _told(client, event_data={"deep": [{"path": "/nowhere/a"}]})
    assert (answer.status_code, "/nowhere/a" in answer.json()["error"]) == (500, True)


def test_gradio_takes_for_no_file_a_value_that_only_has_a_path(client: TestClient, tmp_path: Path) -> None:
    value = {"path": str(tmp_path / "a")}
    assert json.loads(_told(client, data=[value]).json()["data"][0]) == [value, None]


# hosts.py


def test_gradio_believes_everyone_where_its_front_server_is(client: TestClient) -> None:
    said = {"x-gradio-server": "https://elsewhere.example"}
    assert "elsewhere.example" in client.get("/config", headers=said).json()["root"]


# uploads.py


def test_gradio_parses_an_upload_by_the_parser_that_its_module_names_which_lists_what_it_wrote(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []

    class Parser(route_utils.GradioMultiPartParser):
        async def parse(self) -> FormData:
            form = await super().parse()
            written.extend(Path(file.name).read_bytes() for file in self._files_to_close_on_error)
            return form

    monkeypatch.setattr(route_utils, "GradioMultiPartParser", Parser)
    assert client.post(f"{API}/upload", files={"files": ("a.png", b"a picture")}).status_code == 200
    assert written == [b"a picture"]


# signed_out.js


def test_gradio_answers_401_to_whoever_is_not_signed_in() -> None:
    client = TestClient(_mounted(auth=lambda *_: False), base_url="http://localhost")
    for path in ("run/tell", "queue/join"):
        assert client.post(f"{API}/{path}", json={"data": [], "fn_index": 0}).status_code == 401
