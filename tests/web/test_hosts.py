"""By which names the studio may be asked, and whose word about them counts, under each kind of login."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.provisional import domains
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from studio.settings import Login, Settings
from tests.web.conftest import app_of
from tests.web.provider import Provider
from tests.web.space import enter_space
from web.gate.guard import Front
from web.gate.hosts import Hosts

OWN = ("localhost", "127.0.0.1:7860", "[::1]:7860", "192.168.1.5", "named.example:8080", "NAMED.example")
EVIL = "evil.example:7860"
PROXY = "10.0.0.1"


def _app(folder: Path, **given: str) -> FastAPI:
    read = Settings(data_dir=folder, **given)
    return app_of(read)


@pytest.fixture(scope="module", params=["none", "password", "anonymous", "huggingface"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    login: Login = request.param
    with pytest.MonkeyPatch.context() as patch, Provider() as provider:
        if login == "huggingface":
            enter_space(patch, provider)
        users = "ann:annpw" if login == "password" else ""
        folder = tmp_path_factory.mktemp(login)
        return _app(folder, login=login, users=users, hosts="named.example, other.example", proxies=PROXY)


def _client(app: FastAPI, address: str = "192.168.1.7") -> TestClient:
    return TestClient(app, base_url="http://localhost", client=(address, 1))


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/user", "/studio/media/a", "/logout", "/nothing"])
def test_a_name_that_another_site_made_point_here_is_refused_in_words(app: FastAPI, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = _client(app).request(method, path, headers={"host": EVIL}, follow_redirects=False)
        assert answer.status_code == 403
        assert "STUDIO_HOSTS" in answer.text
        assert answer.headers["content-type"].startswith("text/plain")
        assert not answer.cookies


@pytest.mark.parametrize("host", OWN)
def test_the_studios_own_names_are_answered(app: FastAPI, host: str) -> None:
    assert _client(app).get("/", headers={"host": host}).status_code == 200


def test_what_a_stranger_says_it_was_forwarded_from_is_not_believed(app: FastAPI) -> None:
    said = {
        "x-forwarded-host": "named.example",
        "x-forwarded-proto": "https",
        "x-gradio-server": "http://named.example",
    }
    page = _client(app).get("/", headers=said).text
    assert "named.example" not in page
    assert "https://localhost" not in page


def test_nobody_tells_gradio_where_its_server_is(app: FastAPI) -> None:
    said = {"x-gradio-server": "http://named.example"}
    assert "named.example" not in _client(app, PROXY).get("/", headers=said).text


@pytest.mark.parametrize("said", ["evil.example", "named.example, evil.example", "evil.example, named.example", ""])
def test_a_named_proxy_can_not_forward_from_another_name(app: FastAPI, said: str) -> None:
    assert _client(app, PROXY).get("/", headers={"x-forwarded-host": said}).status_code == 403


def test_a_named_proxy_is_believed_and_what_it_was_itself_asked_by_is_looked_at_too(tmp_path: Path) -> None:
    client = _client(_app(tmp_path, hosts="named.example", proxies=PROXY), PROXY)
    said = {"x-forwarded-host": "named.example", "x-forwarded-proto": "https"}
    assert "https://named.example" in client.get("/", headers=said).text
    assert client.get("/", headers={**said, "host": EVIL}).status_code == 403


def test_the_cookie_of_one_who_comes_by_https_to_a_named_proxy_is_secure(tmp_path: Path) -> None:
    app = _app(tmp_path, login="anonymous", proxies="10.0.0.0/8")
    https = {"x-forwarded-proto": "https"}
    secure = ["Secure" in _client(app, one).get("/", headers=https).headers["set-cookie"] for one in (PROXY, "9.9.9.9")]
    assert secure == [True, False]


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({"root_path": "https://public.example:8443/studio"}, "public.example:8443"),
        ({"host": "box.lan"}, "box.lan:7860"),
        ({"hosts": "Box.lan"}, "box.lan"),
    ],
)
def test_what_the_settings_name_is_a_name_of_the_studio(given: dict[str, str], host: str) -> None:
    assert Hosts.of(Settings(**given)).stranger([host]) is None
    assert Hosts.of(Settings()).stranger([host]) == host


def test_a_space_goes_by_the_names_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    monkeypatch.setenv("SPACE_HOST", "ann-studio.hf.space, Studio.example")
    hosts = Hosts.of(Settings())
    for host in ("ann-studio.hf.space", "studio.example"):
        assert hosts.stranger([host]) is None
    assert hosts.stranger(["bob-studio.hf.space"]) == "bob-studio.hf.space"


PORTS = st.just("") | st.integers(0, 65535).map(":{}".format)
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map("[{}]".format)


@given(ADDRESSES, PORTS)
def test_an_address_is_no_name_that_could_be_made_to_point_elsewhere(address: str, port: str) -> None:
    assert Hosts(frozenset()).stranger([address + port]) is None


@given(
    domains()
    | st.sampled_from(["localhost", "127.0.0.1", "[::1]", "named.example"]).flatmap(
        lambda own: st.sampled_from(
            [
                *(f"{own}.evil.example", f"evil-{own}", f"evil.{own}", f"ann@{own}", f"{own}@evil.example", f" {own}"),
                *(f"{own}:", f"{own}:x", f"{own}/", f"{own}#", f"{own},{own}", f"{own}\t", f"{own}\\", f"{own}%"),
            ]
        )
    )
    | st.text("loca hst.:[]@127/x\\", max_size=12).filter(lambda text: text.partition(":")[0] != "localhost"),
    PORTS,
)
def test_nothing_else_is_a_name_of_the_studio(host: str, port: str) -> None:
    if not _is_address(host):
        assert Hosts(frozenset({"localhost", "named.example"})).stranger([host + port]) is not None


def _is_address(text: str) -> bool:
    for kind, plain in ((IPv4Address, text.partition(":")[0]), (IPv6Address, text.partition("]")[0].removeprefix("["))):
        try:
            kind(plain)
        except ValueError:
            continue
        return True
    return False


def test_who_names_no_host_is_refused() -> None:
    assert Hosts(frozenset({"localhost"})).stranger([]) == ""


async def _sockets(scope: Scope, receive: Receive, send: Send) -> None:
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    await socket.close()


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"host": EVIL}, "STUDIO_HOSTS"),
        ({"origin": "http://evil.example"}, "Another site"),
        ({"sec-fetch-site": "cross-site"}, "Another site"),
    ],
)
def test_a_web_socket_is_refused_alike(headers: dict[str, str], words: str) -> None:
    client, own = TestClient(Front(_sockets, 1, Hosts(frozenset({"localhost"})))), {"host": "localhost"}
    with client.websocket_connect("/", headers=own):
        pass
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/", headers=own | headers):
        pass
    assert (refused.value.status_code, words in refused.value.text) == (403, True)


def test_a_web_socket_of_a_server_that_cannot_answer_in_words_is_closed() -> None:
    sent, scope = list[str](), {"type": "websocket", "headers": [(b"host", EVIL.encode())], "extensions": {}}

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    anyio.run(Front(_sockets, 1, Hosts(frozenset())), scope, receive, send)
    assert sent == ["websocket.close"]


SITES = st.tuples(st.sampled_from(["localhost", "[::1]", "box.lan"]), st.sampled_from([80, 443, 7860]))


@given(st.sampled_from(["http", "https", "ws", ""]), SITES, SITES, st.booleans())
def test_a_page_is_the_studios_own_when_its_origin_is_the_host_that_was_asked(
    scheme: str, page: tuple[str, int], asked: tuple[str, int], written: bool
) -> None:
    """Ports included; browsers leave out the scheme's own, and a proxy may write it."""
    own = {"http": 80, "https": 443}.get(scheme, 0)
    origin = f"{scheme}://{page[0]}" + ("" if page[1] == own else f":{page[1]}")
    host = asked[0] + ("" if asked[1] == own and not written else f":{asked[1]}")
    assert Hosts(frozenset()).publishes(origin, host) == (own > 0 and page == asked)


def test_where_a_proxy_publishes_the_studio_is_the_studios_own() -> None:
    hosts = Hosts.of(Settings(root_path="https://public.example:8443/studio"))
    assert hosts.publishes("https://public.example:8443", "127.0.0.1:7860")
    assert not hosts.publishes("https://public.example", "127.0.0.1:7860")
    assert not Hosts.of(Settings(root_path="/studio")).publishes("https://", "")
