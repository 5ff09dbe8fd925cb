"""Signing in with a name and a password: refused in equal time, throttled, logged, and over in two weeks."""

import hmac
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from storage.accounts import AccountStore
from storage.database import open_database
from studio.settings import Settings
from tests.web.conftest import app_of
from web.auth import accounts
from web.auth.accounts import DAYS
from web.auth.throttle import FREE, Throttle

Enter = Callable[..., Response]
USERS = '{"ann": "ann,p:w\\u00fc", "bob": "bobpw"}'
PASSWORDS = {"ann": "ann,p:wü", "bob": "bobpw"}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, which take no time."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(round(seconds))

    monkeypatch.setattr(accounts, "Throttle", lambda: Throttle(lambda: 0.0, sleep))
    return made


def _app(folder: Path, users: str = USERS) -> FastAPI:
    read = Settings(data_dir=folder, users=users)
    return app_of(read)


@pytest.fixture
def app(tmp_path: Path, waits: list[float]) -> FastAPI:
    return _app(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> AccountStore:
    return AccountStore(open_database(Settings(data_dir=tmp_path).database))


def _browser(app: FastAPI, address: str = "192.0.2.1", **more: Any) -> TestClient:
    return TestClient(app, base_url="http://localhost", client=(address, 1), **more)


def _enter(client: TestClient, name: str = "ann", password: str | None = None) -> Response:
    return client.post("/login", data={"username": name, "password": password or PASSWORDS[name]})


def _user(client: TestClient) -> str | None:
    user: str | None = client.get("/gradio_api/user").json()
    return user


def test_a_password_of_any_characters_lets_in_and_no_other_does(app: FastAPI) -> None:
    for wrong in ("ann", "p:wü", "ann,p:wu\u0308", "ANN,P:WÜ", " ann,p:wü", "ann,p:wü\0", "bobpw"):
        client = _browser(app, f"192.0.2.{len(wrong)}")
        assert _enter(client, "ann", wrong).status_code == 400
        assert _user(client) is None
    client = _browser(app)
    assert _enter(client, " ann ", PASSWORDS["ann"]).json() == {"success": True}
    assert _user(client) == "ann"


@pytest.mark.parametrize(
    "asked",
    [
        {"data": {}},
        {"data": {"username": "ann"}},
        {"json": {"username": "ann", "password": "bobpw"}},
        {"data": {"username": "ann", "password": "x" * 20_000}},
        {"files": {"password": ("a", b"bobpw")}},
        {"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"\xff&%&=&username=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ],
    ids=lambda asked: str(asked)[:40],
)
def test_what_is_no_name_and_password_is_refused(app: FastAPI, asked: dict[str, Any]) -> None:
    assert _browser(app).post("/login", **asked).status_code in (400, 413)


@pytest.mark.parametrize("path", ["/login/", "//login", "/login/x"])
def test_gradios_own_way_lets_nobody_in(app: FastAPI, path: str) -> None:
    for name in (*PASSWORDS, ""):
        client = _browser(app)
        given = {"username": name, "password": PASSWORDS.get(name, "")}
        assert client.post(f"http://localhost{path}", data=given).status_code in (404, 405)
        assert TestClient(app.state.gradio).post("/login", data=given).status_code >= 400
        assert _user(client) is None


def test_guesses_from_one_address_get_slower_and_then_the_right_one_comes_in(app: FastAPI, waits: list[float]) -> None:
    for _ in range(FREE + 2):
        assert _enter(_browser(app), password="guess").status_code == 400
    assert waits == [1, 2]
    assert _enter(_browser(app)).status_code == 200
    assert waits == [1, 2, 4]


def test_guesses_slow_down_no_other_address_and_no_other_name(app: FastAPI, waits: list[float]) -> None:
    for _ in range(FREE + 2):
        _enter(_browser(app), password="guess")
    waits.clear()
    assert _enter(_browser(app, "192.0.2.2")).status_code == 200
    assert _enter(_browser(app), "bob").status_code == 200
    assert waits == []


def test_guesses_slow_down_no_browser_in_which_the_user_was_signed_in_before(app: FastAPI, waits: list[float]) -> None:
    anns, bobs = _browser(app), _browser(app)
    for client, name in ((anns, "ann"), (bobs, "bob")):
        _enter(client, name)
        client.post("/logout")
    for _ in range(FREE + 2):
        _enter(bobs, password="guess")  # whose own browser is one that knows him, and not her
    waits.clear()
    assert _enter(anns).status_code == 200
    assert waits == []
    assert _enter(_browser(app)).status_code == 200
    assert waits == [4]


def test_the_machines_of_one_customer_are_one_address(app: FastAPI, waits: list[float]) -> None:
    for machine in range(FREE + 1):
        _enter(_browser(app, f"2001:db8::{machine}"), password="guess")
    _enter(_browser(app, "2001:db8:0:1::1"), password="guess")
    assert waits == [1]


def test_a_guess_that_finds_another_waiting_is_told_to_wait(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    async def admit(*_: object) -> bool:
        return False

    monkeypatch.setattr(Throttle, "admit", admit)
    answer = _enter(_browser(app))
    assert (answer.status_code, "try again" in answer.json()["detail"]) == (429, True)


def test_an_unknown_name_costs_as_much_as_a_known_one(
    app: FastAPI, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their passwords are compared alike, digests of one length, and their pauses and answers are the same."""
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noted(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(accounts.hmac, "compare_digest", noted)
    seen = []
    for name in ("ann", "nobody"):
        compared.clear()
        waits.clear()
        answers = [_enter(_browser(app), name, "guess" * 9) for _ in range(FREE + 2)]
        told = [(answer.status_code, answer.content, dict(answer.headers)) for answer in answers]
        seen.append((told, list(compared), list(waits)))
    assert seen[0] == seen[1]
    assert (32, 32) in compared


def test_a_refusal_is_a_line_in_the_log_and_holds_no_secret(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, accounts.__name__):
        _enter(_browser(app), "ann", "hush")
        _enter(_browser(app), "hush\nERROR forged", "bobpw")  # a password where the name belongs
        _enter(_browser(app), "bob")
    lines = [record.getMessage() for record in caplog.records if record.name == accounts.__name__]
    assert lines == [
        "Refused to sign in ann from 192.0.2.1",
        "Refused to sign in an unknown name from 192.0.2.1",
    ]


def test_a_login_ends_after_two_weeks(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    client, now = _browser(app), time.time()
    _enter(client)
    monkeypatch.setattr(accounts.time, "time", lambda: now + (DAYS * 86400 - 60))
    assert _user(client) == "ann"
    monkeypatch.setattr(accounts.time, "time", lambda: now + (DAYS * 86400 + 60))
    assert _user(client) is None
    assert client.get("/config").status_code == 401


def test_a_login_outlives_a_restart_and_ends_with_the_password_of_the_setting(app: FastAPI, tmp_path: Path) -> None:
    client, bobs = _browser(app), _browser(app)
    _enter(client)
    _enter(bobs, "bob")
    assert _user(_browser(_app(tmp_path), cookies=client.cookies)) == "ann"
    changed = _app(tmp_path, '{"ann": "another", "bob": "bobpw"}')
    assert [_user(_browser(changed, cookies=one.cookies)) for one in (client, bobs)] == [None, "bob"]


def test_signing_out_at_one_page_of_a_studio_ends_the_login_at_another(
    app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _browser(app)
    _enter(client)
    other = _browser(_app(tmp_path), cookies=client.cookies)
    assert _user(other) == "ann"
    client.post("/logout")
    now = time.monotonic()
    monkeypatch.setattr(accounts.time, "monotonic", lambda: now + accounts._LOOK_SECONDS)
    assert _user(other) is None


def test_an_account_of_the_database_signs_in_until_it_is_removed(
    app: FastAPI, store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add("cid", "long enough")
    store.add("ann", "not the setting's")
    client = _browser(app)
    assert _enter(client, "ann", "not the setting's").status_code == 400
    assert _enter(client, "cid", "not it at all").status_code == 400
    assert _enter(client, "cid", "long enough").status_code == 200
    assert _user(client) == "cid"
    store.remove("cid")
    now = time.monotonic()
    monkeypatch.setattr(accounts.time, "monotonic", lambda: now + accounts._LOOK_SECONDS)
    assert _user(client) is None
    assert _enter(_browser(app, "192.0.2.9"), "cid", "long enough").status_code == 400


def test_signing_out_ends_every_copy_of_the_token(app: FastAPI) -> None:
    client, other = _browser(app), _browser(app)
    _enter(client)
    _enter(other, "bob")
    copy = _browser(app, cookies=client.cookies)
    client.post("/logout")
    assert (_user(client), _user(copy), _user(other)) == (None, None, "bob")


def test_two_studios_on_one_host_keep_a_browser_signed_in_to_both(app: FastAPI, tmp_path: Path) -> None:
    browser = _browser(app)
    _enter(browser)
    other = _browser(_app(tmp_path / "other"), cookies=browser.cookies)
    _enter(other, "bob")
    other.post("/logout")
    assert _user(_browser(app, cookies=other.cookies)) == "ann"
