"""The largest bodies of each kind, sent to every route by a stranger and by a user: nobody else has to wait."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from fastapi import FastAPI, HTTPException
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Message

from storage.accounts import AccountStore
from studio.settings import Settings
from studio_ui import build
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED
from tests.web import crawl
from tests.web.crawl import Question
from web.app import create_app
from web.gate.bodies import FORM_BYTES, JSON_BYTES, MOST_VALUES, parsed

MAX_UPLOAD_MB = 5
CHUNK = 65_536  # bytes, as a server hands them on
ONE_GO = 2.0  # seconds of processor time for which nobody else may be answered; a busy machine takes more for the same

ROUTES = {
    "run/predict": {"fn_index": 0, "session_hash": "large"},
    "run/pattern": {},
    "queue/join": {"fn_index": 0, "session_hash": "large"},
    "call/pattern": {},
    "cancel": {"session_hash": "large", "fn_index": 0},
    "reset": {},
}
"""What is sent to each besides what is large; the large thing also stands in place of what a route asks for."""

CLOSED = ("api/pattern", "call/v2/pattern", "heartbeat/large", "queue/status", "startup-events", "component_server")

_LARGE = JSON_BYTES - 1000


def _filled(unit: str) -> Any:
    values = 1 + sum(map(unit.count, "[{:"))
    return json.loads(f"[{','.join([unit] * min((MOST_VALUES - 50) // values, _LARGE // (len(unit) + 2)))}]")


KINDS: Mapping[str, Callable[[], Any]] = {
    "one text": lambda: "a" * _LARGE,
    "a text of escapes": lambda: '"' * (_LARGE // 2),
    "a text of commas": lambda: "," * _LARGE,
    "lone surrogates": lambda: "\ud83d" * (_LARGE // 6),  # written as escapes
    "numbers": lambda: _filled("0"),
    "long texts": lambda: _filled(f'"{"b" * 900}"'),
    "lists": lambda: _filled("[]"),
    "objects": lambda: _filled('{"a":{}}'),
    "far down": lambda: json.loads("[" * 200 + "]" * 200),
}


@dataclass
class Sent:
    """A body on its way, and how much of it was asked for."""

    body: bytes
    length: bool
    read: int = 0
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    async def receive(self) -> Message:
        await anyio.sleep(0)
        part = self.body[self.read : self.read + CHUNK]
        self.read += len(part)
        return {"type": "http.request", "body": part, "more_body": self.read < len(self.body)}


class Site:
    """A running app with a user, and with another whose page is open meanwhile."""

    def __init__(self, app: FastAPI, client: TestClient, cookies: Mapping[str, Mapping[str, str]], tick: Question):
        self.app = app
        self._client = client
        self._cookies = cookies
        self._tick = tick

    def answer(self, way: str, sent: Sent, user: str = "") -> tuple[int, str]:
        """The status and the words; meanwhile the other one's page gets its answers."""
        assert self._client.portal is not None
        return self._client.portal.call(self._answer, way, sent, user)

    async def _answer(self, way: str, sent: Sent, user: str) -> tuple[int, str]:
        messages: list[Message] = []
        held = Held()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(held.watch)
            tasks.start_soon(self._look)

            async def send(message: Message) -> None:
                messages.append(message)

            await self.app(self._scope(way, sent, user), sent.receive, send)
            await self._look()
            tasks.cancel_scope.cancel()
        assert held.longest < ONE_GO, (way, held.longest)
        body = b"".join(message.get("body", b"") for message in messages)
        return messages[0]["status"], body.decode()

    async def _look(self) -> None:
        answer = await crawl.ask(self.app, self._tick, self._cookies["bob"])
        assert answer.status == 200

    def _scope(self, way: str, sent: Sent, user: str) -> dict[str, Any]:
        headers = {"host": "localhost", **sent.headers}
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.get(user, {}).items())
        headers |= {"content-length": str(len(sent.body))} if sent.length else {"transfer-encoding": "chunked"}
        return {
            **{"type": "http", "http_version": "1.1", "scheme": "http", "asgi": {"version": "3.0"}, "root_path": ""},
            **{"method": "POST", "path": way, "raw_path": way.encode(), "query_string": b"", "state": {}},
            **{"client": ("browser", 1), "server": ("studio", 80)},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }


class Held:
    """How long the loop was held in one go, in its own processor time: other work of the machine does not count."""

    longest = 0.0

    async def watch(self) -> None:
        last = time.thread_time()
        while True:
            await anyio.sleep(0.001)
            now = time.thread_time()
            self.longest, last = max(self.longest, now - last), now


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("bodies")
    kept = KeptStudio(folder, {"pattern": SHIPPED["pattern"]})
    options = Settings(data_dir=folder, users="ann:annpw,bob:bobpw", max_upload_mb=MAX_UPLOAD_MB)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GRADIO_TEMP_DIR", "GRADIO_ANALYTICS_ENABLED", "GRADIO_ANALYTICS_CACHE_FREQUENCY"):
            patch.setenv(name, "")  # `build` sets them, and they are put back
        blocks = build(kept.context, options)
        app = create_app(options, blocks, kept.context.media, accounts=AccountStore(kept.database))
        with TestClient(app, base_url="http://localhost") as client:
            cookies = {}
            for user in ("ann", "bob"):
                client.post("/login", data={"username": user, "password": f"{user}pw"})
                cookies[user] = dict(client.cookies)
                client.cookies.clear()
            refresh = next(fn for fn in blocks.fns.values() if fn.name == "_refresh")
            tick = crawl.question_of_handler(refresh, "run/predict", None, "", "bobs", switch=False)
            yield Site(app, client, cookies, tick)
    kept.database.dispose()


@pytest.mark.parametrize("length", [True, False], ids=["with its length", "chunked"])
@pytest.mark.parametrize("way", [*ROUTES, "upload"])
def test_a_stranger_is_told_so_before_a_body_is_read(site: Site, way: str, length: bool) -> None:
    sent = Sent(b"[" + b"0," * 2_000_000 + b"0]", length)
    assert site.answer(f"/gradio_api/{way}", sent) == (401, '{"detail":"Not authenticated"}')
    assert sent.read == 0


@pytest.mark.parametrize("user", ["ann", ""])
@pytest.mark.parametrize("way", CLOSED)
def test_a_route_that_page_and_programs_do_not_need_is_none(site: Site, way: str, user: str) -> None:
    sent = Sent(b'{"data":[]}', length=True)
    assert site.answer(f"/gradio_api/{way}", sent, user) == (404, '{"detail":"Not found"}')
    assert sent.read == 0


@pytest.mark.parametrize("way", ["run/nothing", "call/nothing", "run/predict", "queue/join"])
def test_what_is_asked_of_no_handler_is_not_there(site: Site, way: str) -> None:
    for place in (99_999, -1):
        sent = Sent(json.dumps({"data": [], "fn_index": place, "session_hash": "lost"}).encode(), length=True)
        assert site.answer(f"/gradio_api/{way}", sent, "ann") == (404, '{"detail":"Not found"}')


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_waits_for_the_largest_of_each_kind(site: Site, kind: str) -> None:
    """In its place, in place of all data, as what an event tells, and in place of everything."""
    large, asked = KINDS[kind](), ROUTES["run/predict"]
    for body in (asked | {"data": [large]}, asked | {"data": large}, asked | {"data": [], "event_data": large}, large):
        _send_whole(site, "run/predict", body)


@pytest.mark.parametrize("way", list(ROUTES)[1:])
def test_nobody_waits_for_the_largest_on_any_route(site: Site, way: str) -> None:
    for kind in ("one text", "numbers"):
        _send_whole(site, way, ROUTES[way] | {"data": KINDS[kind]()})


def _send_whole(site: Site, way: str, body: Any) -> None:
    written = json.dumps(body).encode()
    assert len(written) <= JSON_BYTES
    assert site.answer(f"/gradio_api/{way}", Sent(written, length=True), "ann")[0] != 413


@pytest.mark.parametrize("body", [b"[" + b"0," * 2_300_000 + b"0]", b'"' + b"a" * 4_600_000 + b'"'])
@pytest.mark.parametrize("length", [True, False], ids=["with its length", "chunked"])
@pytest.mark.parametrize("way", ROUTES)
def test_a_larger_one_is_refused_in_a_sentence_and_read_no_further(
    site: Site, way: str, length: bool, body: bytes
) -> None:
    sent = Sent(body, length)
    status, words = site.answer(f"/gradio_api/{way}", sent, "ann")
    assert (status, words) == (413, '{"detail":"A request may have 4.1 MB: upload files, and send their paths."}')
    assert sent.read <= (0 if length else JSON_BYTES + CHUNK)


@pytest.mark.parametrize("way", ROUTES)
def test_too_many_values_are_refused_before_they_are_made(site: Site, way: str) -> None:
    for body in (b"[" + b"0," * 2_000_000 + b"0]", b"[" * 4_000_000, b'{"data":[' + b"{}," * 1_000_000 + b"{}]}"):
        status, words = site.answer(f"/gradio_api/{way}", Sent(body, length=True), "ann")
        assert (status, f"{MOST_VALUES:,} values" in words) == (413, True)


@pytest.mark.parametrize("length", [True, False], ids=["with its length", "chunked"])
def test_a_sign_in_has_no_room_for_more_than_names(site: Site, length: bool) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    sent = Sent(b"username=ann&password=" + b"a" * 4_000_000, length, headers=form)
    status, words = site.answer("/login", sent)
    assert (status, "0.1 MB" in words) == (413, True)
    assert sent.read <= FORM_BYTES + CHUNK
    many = Sent(b"a&" * (FORM_BYTES // 2), length, headers=form)
    assert site.answer("/login", many)[0] in (400, 422)


@pytest.mark.parametrize("length", [True, False], ids=["with its length", "chunked"])
def test_nobody_waits_for_the_largest_upload_and_a_larger_one_is_refused(site: Site, length: bool) -> None:
    parts = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    most = MAX_UPLOAD_MB * 1_000_000

    def answer(body: bytes) -> tuple[int, str]:
        return site.answer("/gradio_api/upload", Sent(body, length, headers=headers), "ann")

    assert answer(parts + b"\n" * (most - 1000) + b"\r\n--x--\r\n")[0] == 200
    for senseless in (parts + b"\r\n--x" * 900_000, (parts + b"0" * 400 + b"\r\n") * 9_000, b"0" * (most - 1000)):
        assert 400 <= answer(senseless)[0] < 500
    status, words = answer((parts + b"0" * (most // 2 + 100_000) + b"\r\n") * 2 + b"--x--\r\n")
    assert (status, f"the {MAX_UPLOAD_MB} MB that an upload may have" in words) == (413, True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON, st.booleans())
def test_what_is_sent_is_what_is_read(sent: Any, plain: bool) -> None:
    assert parsed(json.dumps(sent, ensure_ascii=plain).encode()) == sent


@given(st.lists(st.text(alphabet='a,[{:"\\')), st.integers(0, 50))
def test_what_stands_in_a_text_is_no_value(texts: list[str], few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.gate.bodies.MOST_VALUES", 2 + len(texts) + few)
        assert parsed(json.dumps([*texts, *range(few)]).encode()) == [*texts, *range(few)]
        with pytest.raises(HTTPException, match="values"):
            parsed(json.dumps([*texts, *range(few + 3)]).encode())


@given(st.binary(max_size=60) | st.text(alphabet='a,[]{}:"\\0').map(str.encode))
def test_what_is_no_json_is_a_fault_that_is_known(body: bytes) -> None:
    with suppress(ValueError, RecursionError):
        parsed(body)


def test_every_kind_is_as_large_as_it_may_be() -> None:
    """Or the tests would show less than they say: it has nearly as many bytes, or as many values."""
    for kind, make in KINDS.items():
        written = json.dumps(make())
        values = written.count(",") + written.count(":") + written.count("[") + written.count("{")
        assert len(written) > 0.9 * JSON_BYTES or values > 0.9 * MOST_VALUES or kind == "far down", kind
