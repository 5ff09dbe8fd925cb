"""Accounts: what is kept of a password and of a token, and what ends a login."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from storage.accounts import MOST_LOGINS, AccountStore, Login
from storage.errors import AccountError
from storage.tables import now


@pytest.fixture
def accounts(engine: Engine) -> AccountStore:
    return AccountStore(engine)


def signed_in(name: str, ends_at: datetime | None = None) -> Login:
    return Login(name, "", ends_at or now() + timedelta(days=1))


def rows(engine: Engine, table: str) -> list[str]:
    with engine.connect() as connection:
        return [" ".join(map(str, row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]


def test_only_its_password_opens_an_account_and_stands_nowhere(accounts: AccountStore, engine: Engine) -> None:
    accounts.add("ann", "a långt, one")
    accounts.add("bob", "a långt, one")
    assert accounts.knows("ann", "a långt, one")
    assert not any(accounts.knows(*pair) for pair in (("ann", "a långt, on"), ("ann", ""), ("cid", ""), ("", "")))
    kept = [row.split(" ", 2)[1:] for row in rows(engine, "account")]
    assert "one" not in str(kept)
    assert kept[0] != kept[1], "salted"
    assert [one.name for one in accounts.all()] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("name", "password"), [("", "long enough"), ("a:b", "long enough"), (" a", "long enough"), ("a\n", "long enough"),
                           ("a", "short"), ("a", "x" * 1001), ("ann", "long enough")]
)  # fmt: skip
def test_what_can_be_no_account_is_refused(accounts: AccountStore, name: str, password: str) -> None:
    accounts.add("ann", "long enough")
    with pytest.raises(AccountError):
        accounts.add(name, password)
    assert len(accounts.all()) == 1


def test_a_login_ends_with_its_account_its_password_and_by_sign_out(accounts: AccountStore, engine: Engine) -> None:
    for name in ("ann", "bob", "cid"):
        accounts.add(name, "long enough")
    for token in ("anns", "bobs", "cids", "cids too", "settings"):
        accounts.begin_login(token, signed_in(token.partition("s")[0] or "settings"))
    assert "anns" not in str(rows(engine, "login"))
    accounts.set_password("ann", "another one")
    accounts.remove("bob")
    accounts.end_logins("cid")
    assert [accounts.login(token) for token in ("anns", "bobs", "cids", "cids too")] == [None] * 4
    assert accounts.login("settings") is not None
    assert (accounts.knows("ann", "long enough"), accounts.knows("ann", "another one")) == (False, True)
    assert not accounts.has("bob")
    for change in (lambda: accounts.remove("bob"), lambda: accounts.set_password("bob", "long enough")):
        with pytest.raises(AccountError, match="no account called bob"):
            change()


def test_an_account_has_so_many_logins_at_most_and_those_that_are_over_go(
    accounts: AccountStore, engine: Engine
) -> None:
    accounts.begin_login("over", signed_in("ann", now() - timedelta(seconds=1)))
    for number in range(MOST_LOGINS + 1):
        accounts.begin_login(f"{number}", signed_in("ann", now() + timedelta(days=1, seconds=number)))
    accounts.begin_login("bobs", signed_in("bob"))
    assert [accounts.login(token) is None for token in ("over", "0", "1", str(MOST_LOGINS), "bobs")] == [
        *(True, True, False, False, False)
    ]
    assert len(rows(engine, "login")) == MOST_LOGINS + 1
