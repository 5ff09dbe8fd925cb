"""Servers that speak S3, of the tests' own: moto, which believes every signature, and OpenStack Swift, which does not.

Swift is there when Debian's swift-proxy, swift-account, swift-container and swift-object are installed.
"""

import getpass
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import obstore

from storage.media.blobs import open_bucket

BUCKET = "media"


@dataclass(frozen=True)
class Peer:
    port: int
    user: str = "test:tester"
    secret: str = "testing"

    def url(self, prefix: str, secret: str | None = None) -> str:
        """What STUDIO_MEDIA_URL would be for a folder of the bucket."""
        query = {"access_key_id": self.user, "secret_access_key": secret or self.secret, "region": "us-east-1"}
        return f"s3://{BUCKET}/{prefix}?{urlencode({'endpoint': f'http://127.0.0.1:{self.port}', **query})}"

    def make_bucket(self) -> None:
        url = obstore.sign(open_bucket(self.url("")), "PUT", "", timedelta(minutes=1))
        urllib.request.urlopen(urllib.request.Request(url, method="PUT")).close()

    def uploads(self) -> bool:
        """Whether one has begun and not ended; only moto answers without a signature."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{BUCKET}?uploads") as answer:
            return b"<Upload>" in answer.read()


@contextmanager
def moto(port: int | None = None) -> Iterator[Peer]:
    port = port or free_port()
    with _started([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]):
        yield _ready(port)


@contextmanager
def way(port: int, peer: Peer) -> Iterator[None]:
    """Another port to the server; when it ends, nothing answers there, and the server keeps what it has."""
    with _started([sys.executable, "-c", _WAY, str(port), str(peer.port)]):
        _wait(port)
        yield


_WAY = """
import asyncio, sys
async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def join(reader, writer):
    there, back = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    await asyncio.gather(copy(reader, back), copy(there, writer))
async def main():
    await (await asyncio.start_server(join, "127.0.0.1", int(sys.argv[1]))).serve_forever()
asyncio.run(main())
"""


def has_swift() -> bool:
    return all(shutil.which(f"swift-{kind}-server") for kind in ("proxy", "account", "container", "object"))


@contextmanager
def swift() -> Iterator[Peer]:
    """One of each of Swift's servers, on loopback, with all that they keep in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="studio-swift-") as temporary, ExitStack() as started:
        folder = Path(temporary)
        (folder / "disks" / "one").mkdir(parents=True)
        ports = {kind: free_port() for kind in ("account", "container", "object")}
        _make_rings(folder, ports)
        for kind, port in ports.items():
            text = f"[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\n"
            started.enter_context(_started(_swift_server(folder, kind, port, text)))
        proxy = free_port()
        started.enter_context(_started(_swift_server(folder, "proxy", proxy, _PROXY)))
        for port in ports.values():
            _wait(port)
        yield _ready(proxy)


_PROXY = """
[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
"""


_RINGS = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(sys.argv[2::2], sys.argv[3::2]):
    ring = RingBuilder(4, 1, 0)
    place = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "one", "weight": 1}
    ring.add_dev({**place, "replication_ip": "127.0.0.1", "replication_port": int(port)})
    ring.rebalance(seed=1)
    ring.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
"""


def _make_rings(folder: Path, ports: dict[str, int]) -> None:
    """By the Python that has Debian's packages: the command for it would have to be started nine times."""
    places = [str(part) for place in ports.items() for part in place]
    subprocess.run(["/usr/bin/python3", "-c", _RINGS, str(folder), *places], check=True, capture_output=True)


def _swift_server(folder: Path, kind: str, port: int, text: str) -> list[str]:
    common = f"bind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = {getpass.getuser()}\nmount_check = false\n"
    common += f"swift_dir = {folder}\ndevices = {folder}/disks\nlog_address = {folder}/no-log\n"
    (folder / f"{kind}.conf").write_text(f"[DEFAULT]\n{common}{text}")
    return [f"swift-{kind}-server", str(folder / f"{kind}.conf")]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _started(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def _ready(port: int) -> Peer:
    _wait(port)
    peer = Peer(port)
    peer.make_bucket()
    return peer


def _wait(port: int) -> None:
    deadline = time.monotonic() + 180
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline, "the S3 server did not start within three minutes"
            time.sleep(0.05)
        else:
            return
