"""Accounts and their logins: passwords are kept as salted slow hashes, tokens as plain hashes."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import tables
from storage.damage import readable
from storage.errors import AccountError
from storage.tables import now

MOST_LOGINS = 100
"""The most logins of one account; a further one ends the oldest."""

SHORTEST = 8
_LONGEST = 1000  # characters of a password
_COST = (2**15, 8, 1)  # 32 MB and about a tenth of a second
_ACCOUNT = tables.table(tables.Account)
_LOGIN = tables.table(tables.Login)


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its password."""

    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """`setting` is empty for an account of the database; else it stands for the setting that the account is of."""

    name: str
    setting: str
    ends_at: datetime


class AccountStore:
    """The accounts of the database and their logins."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password: str) -> None:
        """Make an account; raises AccountError for a name that is taken or none, or a password that is too short."""
        _check_name(name)
        row = {"name": name, "password": _hashed(password), "created_at": now()}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_ACCOUNT).values(row))
        except IntegrityError as error:
            raise AccountError(f"There is an account called {name} already.") from error

    def all(self) -> tuple[Account, ...]:
        """By their names."""
        found = select(_ACCOUNT.c.name, _ACCOUNT.c.created_at).order_by(_ACCOUNT.c.name)
        with self._engine.connect() as connection:
            return tuple(Account(row.name, row.created_at) for row in readable(connection.execute(found), "account"))

    def set_password(self, name: str, password: str) -> None:
        """Give the account another password, and end its logins; raises AccountError when there is none."""
        with self._engine.begin() as connection:
            given = update(_ACCOUNT).where(_ACCOUNT.c.name == name).values(password=_hashed(password))
            if connection.execute(given).rowcount == 0:
                raise _unknown(name)
            _end_logins(connection, name)

    def remove(self, name: str) -> None:
        """Delete the account and end its logins; its work stays. Raises AccountError when there is none."""
        with self._engine.begin() as connection:
            if connection.execute(delete(_ACCOUNT).where(_ACCOUNT.c.name == name)).rowcount == 0:
                raise _unknown(name)
            _end_logins(connection, name)

    def has(self, name: str) -> bool:
        """Whether there is an account of this name."""
        with self._engine.connect() as connection:
            return connection.execute(select(_ACCOUNT.c.name).where(_ACCOUNT.c.name == name)).first() is not None

    def knows(self, name: str, password: str) -> bool:
        """Whether this is the account's password; takes as long for a name that nobody has."""
        with self._engine.connect() as connection:
            found = connection.execute(select(_ACCOUNT.c.password).where(_ACCOUNT.c.name == name)).scalar()
        return _matches(password, found if isinstance(found, str) else _NOBODYS)

    # Who is signed in

    def begin_login(self, token: str, login: Login) -> None:
        """Note a login; those that are over go, and the oldest ones of an account that has too many."""
        with self._engine.begin() as connection:
            connection.execute(delete(_LOGIN).where(_LOGIN.c.ends_at <= now()))
            newest = select(_LOGIN.c.token).where(_LOGIN.c.name == login.name)
            newest = newest.order_by(_LOGIN.c.ends_at.desc()).limit(MOST_LOGINS - 1)
            kept = connection.execute(newest).scalars().all()
            connection.execute(delete(_LOGIN).where(_LOGIN.c.name == login.name, _LOGIN.c.token.not_in(kept)))
            row = {"token": _digest(token), "name": login.name, "setting": login.setting, "ends_at": login.ends_at}
            connection.execute(insert(_LOGIN).values(row))

    def login(self, token: str) -> Login | None:
        """The login with this token, expired or not."""
        found = select(_LOGIN.c.name, _LOGIN.c.setting, _LOGIN.c.ends_at).where(_LOGIN.c.token == _digest(token))
        with self._engine.connect() as connection:
            row = next(readable(connection.execute(found), "login"), None)
        return row and Login(row.name, row.setting, row.ends_at)

    def end_logins(self, name: str) -> None:
        """End all logins of the account, in every browser and at every page of the studio."""
        with self._engine.begin() as connection:
            _end_logins(connection, name)


def _end_logins(connection: Connection, name: str) -> None:
    connection.execute(delete(_LOGIN).where(_LOGIN.c.name == name))


def _digest(token: str) -> str:
    """SHA-256: a token is random and long, so it needs no slow hash."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _unknown(name: str) -> AccountError:
    return AccountError(f"There is no account called {name} in the database.")


def _check_name(name: str) -> None:
    """The same as of those in the setting; a colon stands in the ids of users who have no account."""
    if not name or name != name.strip() or ":" in name or not name.isprintable() or len(name) > 100:
        raise AccountError("The name of an account has 1 to 100 characters, none of which is a colon or not seen.")


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= _LONGEST:
        raise AccountError(f"A password has {SHORTEST} to {_LONGEST} characters.")
    salt = secrets.token_bytes(16)
    return " ".join(("scrypt", *map(str, _COST), _text(salt), _text(_scrypt(password, salt, *_COST))))


def _matches(password: str, kept: str) -> bool:
    try:
        _, n, r, p, salt, digest = kept.split(" ")
        expected = b64decode(digest)
        found = _scrypt(password[:_LONGEST], b64decode(salt), int(n), int(r), int(p))
    except ValueError:  # what is kept is damaged
        return False
    return hmac.compare_digest(found, expected)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    text = password.encode(errors="surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=n, r=r, p=p, maxmem=2 * 128 * n * r, dklen=32)


def _text(some: bytes) -> str:
    return b64encode(some).decode()


_NOBODYS = " ".join(("scrypt", *map(str, _COST), _text(bytes(16)), _text(bytes(32))))
"""What no password has."""
