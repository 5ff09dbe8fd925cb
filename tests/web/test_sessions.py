"""Gradio's sessions, events and uploads of two users who know each other's ids."""

import json
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from starlette.testclient import TestClient

from components.users import user_of
from studio.settings import Settings
from tests.web.conftest import app_of

SESSION = "asession"


def _whisper(request: gr.Request) -> str:
    return f"for {user_of(request)} only"


def _told(value: Any, event: gr.EventData) -> str:
    return json.dumps([value, event._data])


def _count(so_far: int) -> tuple[int, int]:
    return so_far + 1, so_far + 1


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, TestClient]]:
    """The browsers of ann and bob."""
    folder = tmp_path_factory.mktemp("sessions") / "data"
    folder.mkdir()
    settings = Settings(data_dir=folder, users="ann:annpw,bob:bobpw")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(settings.uploads))
        with gr.Blocks(analytics_enabled=False) as blocks:
            count, said, shown = gr.State(0), gr.Textbox(), gr.Number()
            gr.Button("Whisper").click(_whisper, None, said, api_name="whisper")
            gr.Button("Echo").click(json.dumps, gr.JSON(), said, api_name="echo")
            gr.Button("Tell").click(_told, gr.JSON(), said, api_name="told")
            gr.Button("Count").click(_count, count, [count, shown], api_name="count", queue=False)
        app = app_of(settings, blocks=blocks)
        with TestClient(app, base_url="http://localhost") as ann, TestClient(app, base_url="http://localhost") as bob:
            for client, user in ((ann, "ann"), (bob, "bob")):
                client.post("/login", data={"username": user, "password": f"{user}pw"})
            yield ann, bob


def _join(client: TestClient, session: str) -> str:
    body = {"data": [], "fn_index": 0, "session_hash": session}
    event: str = client.post("/gradio_api/queue/join", json=body).json()["event_id"]
    return event


def _heard(client: TestClient, url: str) -> str:
    try:
        return client.get(url).text
    except Exception as error:  # Gradio raises in the middle of its answer about a session that is not there
        return f"{type(error).__name__}: {error}"


def test_a_user_hears_their_own_session(people: tuple[TestClient, TestClient]) -> None:
    ann, _ = people
    event = _join(ann, "own")
    heard = _heard(ann, "/gradio_api/queue/data?session_hash=own")
    assert (event in heard, "for ann only" in heard) == (True, True)


def test_a_session_of_another_is_as_one_that_never_was(people: tuple[TestClient, TestClient]) -> None:
    ann, bob = people
    _join(ann, "hers")
    theirs, nobodys = (_heard(bob, f"/gradio_api/queue/data?session_hash={hash_}") for hash_ in ("hers", "never"))
    assert theirs == nobodys
    assert "for ann only" in _heard(ann, "/gradio_api/queue/data?session_hash=hers")


def test_an_event_of_another_is_as_one_that_never_was(people: tuple[TestClient, TestClient]) -> None:
    ann, bob = people
    event = ann.post("/gradio_api/call/whisper", json={"data": []}).json()["event_id"]
    cancel = {"session_hash": event, "fn_index": 0, "event_id": event}
    assert bob.post("/gradio_api/cancel", json=cancel).json() == {"success": True}
    theirs, nobodys = (_heard(bob, f"/gradio_api/call/whisper/{one}") for one in (event, "0" * 32))
    assert theirs == nobodys
    assert "for ann only" in _heard(ann, f"/gradio_api/call/whisper/{event}")


def test_a_session_keeps_nothing_that_another_could_have(people: tuple[TestClient, TestClient]) -> None:
    ann, bob = people
    body = {"data": [None], "session_hash": SESSION}

    def count(client: TestClient) -> int:
        shown: int = client.post("/gradio_api/run/count", json=body).json()["data"][1]
        return shown

    assert [count(ann), count(ann), count(bob), count(ann)] == [1, 1, 1, 1]


def test_a_message_into_anothers_session_does_not_arrive(people: tuple[TestClient, TestClient]) -> None:
    ann, bob = people
    mine, theirs = _join(ann, SESSION), _join(bob, SESSION)
    heard = _heard(ann, f"/gradio_api/queue/data?session_hash={SESSION}")
    assert (mine in heard, theirs in heard, "for bob only" in heard) == (True, False, False)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"[" * 9_000, json.dumps({"data": 1}).encode()])
def test_a_body_that_means_nothing_is_refused(people: tuple[TestClient, TestClient], body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = people[0].post("/gradio_api/run/count", content=body, headers=headers)
    assert answer.status_code == 422


def test_what_is_sent_arrives_as_it_was_sent(people: tuple[TestClient, TestClient]) -> None:
    sent = [1.1, 'ünï "\\ \0 ${x}', 2**70, True, None, {"session_hash": "x", "event_id": "y"}]
    body = json.dumps({"data": [sent], "session_hash": "own"})
    answer = people[0].post("/gradio_api/run/echo", content=body, headers={"content-type": "application/json"})
    assert json.loads(answer.json()["data"][0]) == sent


def test_only_its_user_hears_that_an_upload_goes_on(people: tuple[TestClient, TestClient]) -> None:
    ann, bob = people
    assert ann.post("/gradio_api/upload?upload_id=up", files={"files": ("a.png", b"a")}).status_code == 200
    url = "/gradio_api/upload_progress?upload_id=up"
    assert [client.get(url).status_code for client in (bob, ann)] == [404, 200]


@pytest.mark.parametrize("place", ["data", "event_data"])
def test_nobody_learns_from_gradio_whether_a_file_lies_at_a_path(
    people: tuple[TestClient, TestClient], place: str
) -> None:
    ann, bob = people
    (path,) = ann.post("/gradio_api/upload", files={"files": ("a.png", b"a")}).json()

    def show(client: TestClient, path: str) -> str:
        file = {"path": path, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
        body = {"data": [None], "event_data": None} | {place: [file]}
        told: str = client.post("/gradio_api/run/told", json=body).json()["data"][0]
        return told

    assert path in show(ann, path)
    absent = show(bob, f"{path}x")
    assert path not in absent
    assert show(bob, path) == absent
    assert show(bob, "https://example.com/a.png") == absent
