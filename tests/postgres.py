"""A PostgreSQL of the tests' own, made from the binaries that Debian installs and gone with the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
    "timezone=UTC",
)


def binaries() -> Path | None:
    """Where the newest installed server's programs are."""
    found = [folder / "bin" for folder in Path("/usr/lib/postgresql").glob("*") if (folder / "bin" / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@dataclass(frozen=True)
class Server:
    """An empty server that answers on a socket in a temporary folder; `url` has a place for a database's name."""

    url: str
    _control: list[str]
    _start: list[str]

    def start(self) -> None:
        subprocess.run([*self._control, *self._start, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def stop(self, mode: str = "fast") -> None:
        """Cut off whoever is connected; after "immediate" the newest work is lost, for nothing is synchronous here."""
        subprocess.run([*self._control, f"--mode={mode}", "stop"], check=True, capture_output=True, cwd="/")


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """The URL of a server that runs."""
    with server(programs) as running:
        yield running.url


@contextmanager
def studio_server() -> Iterator[Server]:
    """A server with an empty database called studio; a test that wants it is skipped where PostgreSQL is missing."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with server(programs) as running:
        admin = create_engine(running.url.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE studio"))
        admin.dispose()
        yield running


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="studio-postgres-") as folder:
        as_postgres: list[str] = []
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "postgres", "postgres")
            as_postgres = ["runuser", "-u", "postgres", "--"]
        data = f"{folder}/data"
        run = [*as_postgres, str(programs / "initdb"), "--auth=trust", "--username=studio", "--locale=C.UTF-8"]
        subprocess.run([*run, "--no-sync", "--pgdata", data], check=True, capture_output=True, cwd=folder)
        options = " ".join(f"-c {option}" for option in (*OPTIONS, f"unix_socket_directories={folder}"))
        control = [*as_postgres, str(programs / "pg_ctl"), "--pgdata", data, "--wait"]
        url = f"postgresql+psycopg://studio@/{{}}?host={folder}"
        made = Server(url, control, ["--options", options, "--log", f"{folder}/log"])
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
