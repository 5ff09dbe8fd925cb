"""How much memory a large video takes on its way into the studio and out again, and how often it is written.

    .venv/bin/python benchmarks/media_memory.py [MEGABYTES]

The video, of 2 GB unless told, is uploaded as the page does it, made the input of a job and downloaded, once with the
media in a folder and once in a bucket of OpenStack Swift. All figures are of the studio's process, after a small video
has gone the same way: by how much the peak of its memory grew, and what it wrote to the disk. The job fails as soon as
it has its input; from a bucket that is a copy, which is not counted as written.
"""

import json
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.media_size import video
from benchmarks.reuse_models import write_model
from components.addresses import media_url
from tests import s3

MODEL = "film"
AIM_MB = 64
CHUNK = 2**20


def main(megabytes: int) -> None:
    """Send the video through both studios, print."""
    with s3.swift() as swift:
        for place, url in {"folder": "", "bucket": swift.url("studio")}.items():
            with tempfile.TemporaryDirectory(prefix="media-memory-") as name, _studio(Path(name), url) as studio:
                studio.send(video(Path(name) / "small.mp4", 1, 1_000_000))
                figures = studio.send(video(Path(name) / "large.mp4", megabytes, megabytes * 1_000_000))
            for step, memory in figures.memory.items():
                print(f"ratio memory_{step}_{place} {memory / AIM_MB:.2f} aim <= 1 (of {AIM_MB} MB; {memory:.0f} MB)")
            if place == "folder":
                print(f"ratio written_{place} {figures.written / megabytes:.2f} aim <= 1.01 ({figures.written:.0f} MB)")


@contextmanager
def _studio(folder: Path, bucket: str) -> Iterator["Studio"]:
    models = folder / "models"
    models.mkdir()
    write_model(models, MODEL, 1, {"file": {"kind": "video"}})
    settings = {"STUDIO_DATA_DIR": str(folder / "data"), "STUDIO_MODELS_DIR": str(models), "STUDIO_MEDIA_URL": bucket}
    settings |= {"STUDIO_MAX_UPLOAD_MB": "2100", "STUDIO_LOG_LEVEL": "error"}
    with harness.process("studio_ui.py", "--port", **settings) as (url, pid):
        yield Studio(url, pid, folder / "data" / "studio.db")


class Figures:
    """In MB: the memory of each step, and what all of them wrote."""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")
        self._before = self._read("io", "write_bytes:")
        self.memory: dict[str, float] = {}
        self.written = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        (self._process / "clear_refs").write_text("5")  # the peak is what there is now
        before = self._read("status", "VmHWM:")
        yield
        self.memory[name] = (self._read("status", "VmHWM:") - before) / 1000
        self.written = (self._read("io", "write_bytes:") - self._before) / 1e6

    def _read(self, file: str, name: str) -> int:
        lines = (line.split() for line in (self._process / file).read_text().splitlines())
        return next(int(line[1]) for line in lines if line[0] == name)


class Studio:
    """A running studio, asked as its page asks it."""

    def __init__(self, url: str, pid: int, database: Path) -> None:
        self._url = url.rstrip("/")
        self._pid = pid
        self._database = database

    def send(self, path: Path) -> Figures:
        figures = Figures(self._pid)
        with figures.step("upload"):
            given = {"path": self._upload(path), "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}
        with figures.step("put"):
            key = self._submit(given)
        with figures.step("serve"):
            served = self._download(key)
        assert served == path.stat().st_size, f"{served} bytes came back"
        return figures

    def _upload(self, path: Path) -> str:
        """Where Gradio has put it."""
        before = f'--limit\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'.encode()
        after = b"\r\n--limit--\r\n"
        connection = HTTPConnection(urlsplit(self._url).netloc)
        connection.putrequest("POST", "/gradio_api/upload")
        connection.putheader("Content-Type", "multipart/form-data; boundary=limit")
        connection.putheader("Content-Length", str(len(before) + path.stat().st_size + len(after)))
        connection.endheaders(before)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                connection.send(chunk)
        connection.send(after)
        with closing(connection), connection.getresponse() as answer:
            assert answer.status == 200, answer.read()
            return str(json.load(answer)[0])

    def _submit(self, given: dict[str, Any]) -> str:
        """The key under which the media store has it, once the job has had it and ended."""
        inputs = json.load(self._ask("/info"))["named_endpoints"][f"/{MODEL}"]["parameters"]
        data = [given if one["parameter_name"] == "file" else one.get("parameter_default") for one in inputs]
        event = json.load(self._ask(f"/call/{MODEL}", {"data": data}))["event_id"]
        (job_id,) = json.loads(self._ask(f"/call/{MODEL}/{event}").read().rpartition(b"data: ")[2])
        while (ended := self._job(job_id))[0] != "failed":
            time.sleep(0.1)
        return ended[1]

    def _ask(self, path: str, data: Any = None) -> Any:
        body = None if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json"}
        return urllib.request.urlopen(urllib.request.Request(f"{self._url}/gradio_api{path}", body, headers))

    def _job(self, job_id: str) -> tuple[str, str]:
        query = "SELECT status, video_input_path FROM job WHERE id = ?"
        with closing(sqlite3.connect(self._database, timeout=30)) as connection:
            status, key = connection.execute(query, [job_id]).fetchone()
            return status, key

    def _download(self, key: str) -> int:
        """How many bytes came."""
        with urllib.request.urlopen(f"{self._url}{media_url(key)}") as answer:
            return sum(iter(lambda: len(answer.read(CHUNK)), 0))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
