"""What a studio keeps in memory of a thousand pages that were opened and closed, and of a thousand calls of its API.

    .venv/bin/python benchmarks/open_pages.py [PAGES]

A page is asked for as a browser asks: the document, the events of its load, a tick, and one event through the queue. It
reads /proc, so it needs Linux.
"""

import json
import sys
import tempfile
import urllib.request
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness

WARM = 100  # pages and calls before the first look, for what a server makes once
MODEL = "flux-krea"  # it wants a key
AIMS = {"pages": 1.05, "calls": 1.05}


def main(pages: int) -> None:
    """Start a studio, open and close, print by what its memory grew."""
    with (
        tempfile.TemporaryDirectory() as data,
        harness.process("studio_ui.py", "--port", STUDIO_DATA_DIR=data, STUDIO_LOG_LEVEL="warning") as (url, pid),
    ):
        visitor = Visitor(f"{url}gradio_api", url)
        opened = {"pages": visitor.open_page, "calls": visitor.call}
        for _ in range(WARM):
            visitor.open_page()
            visitor.call()
        print(f"MB baseline {_memory(pid):.1f}")
        for name, aim in AIMS.items():
            before = _memory(pid)
            for _ in range(pages):
                opened[name]()
            after = _memory(pid)
            print(f"ratio {name} {after / before:.3f} aim <= {aim:g} ({pages} of them: {after - before:.1f} MB)")


class Visitor:
    """Opens pages, and leaves each at once."""

    def __init__(self, api: str, page: str) -> None:
        self._api = api
        self._page = page
        config = json.load(urllib.request.urlopen(f"{page}config"))
        self._components = {one["id"]: one["props"].get("value") for one in config["components"]}
        events = [(event, {name for _, name in event["targets"]}) for event in config["dependencies"]]
        own = [event for event, names in events if names & {"load", "tick"} and event["backend_fn"]]
        self._unqueued = [event for event in own if not event["queue"]]
        inputs = json.loads(self._ask("info"))["named_endpoints"][f"/{MODEL}"]["parameters"]
        self._values = [one.get("parameter_default") for one in inputs]
        self._queued = next(event for event, names in events if "open" in names and event["queue"])

    def open_page(self) -> None:
        session = uuid.uuid4().hex
        urllib.request.urlopen(self._page).read()
        for event in self._unqueued:
            self._ask("run/predict", self._body(event, session))
        self._ask("queue/join", self._body(self._queued, session))
        self._ask(f"queue/data?session_hash={session}")

    def call(self) -> None:
        """The endpoint of a model that says what it lacks: no job runs."""
        event = json.loads(self._ask(f"call/{MODEL}", {"data": self._values}))["event_id"]
        self._ask(f"call/{MODEL}/{event}")

    def _body(self, event: dict[str, Any], session: str) -> dict[str, Any]:
        data = [self._components[id_] for id_ in event["inputs"]]
        return {"fn_index": event["id"], "data": data, "event_data": {"id": "none"}, "session_hash": session}

    def _ask(self, path: str, body: Any = None) -> bytes:
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._api}/{path}", sent, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            said: bytes = answer.read()
        return said


def _memory(pid: int) -> float:
    """What the process has in memory, in MB."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(int(line[1]) for line in lines if line[0] == "VmRSS:") / 1000


if __name__ == "__main__":
    main(harness.rounds(1000))
