"""A PostgreSQL of the tests' own, made from the binaries that Debian installs and gone with the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """The URL of an empty server, without a database's name, that answers on a socket in a temporary folder."""
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
        start = [*control, "--options", options, "--log", f"{folder}/log", "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            yield f"postgresql+psycopg://studio@/{{}}?host={folder}"
        finally:
            subprocess.run([*control, "--mode=immediate", "stop"], check=True, capture_output=True, cwd=folder)
