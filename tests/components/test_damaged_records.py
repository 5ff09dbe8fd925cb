"""Damaged records, written past every store: whatever stands in them is listed, opened, restored and named.

STUDIO_FUZZ_RECORDS says how many, such as 100000.
"""

import json
import logging
import os
import random
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import gradio as gr
import orjson
import pytest
from pydantic import RootModel
from sqlalchemy import Connection, text

from components.fillings import Fillings
from storage.tables import LONGEST_TEXT
from studio.errors import StudioError
from tests import postgres
from tests.components.page_site import Site
from tests.hostile_texts import HOSTILE_TEXTS
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED

RECORDS = int(os.environ.get("STUDIO_FUZZ_RECORDS", "500"))
BATCH = 200
HUGE_ONE_IN = 200
HUGE = "x" * (LONGEST_TEXT + 1)

Row = dict[str, Any]


class NoUtf8(bytes):
    """Written as a text."""


@dataclass(frozen=True)
class Taken:
    """What a database takes and a record cannot hold, by table and column; and where a huge text may stand."""

    columns: dict[str, dict[str, list[Any]]]
    texts: dict[str, list[str]]


NO_TEXT = [b"", b"\xff\xfe", b"\0" * 300, NoUtf8(b"a\xff"), NoUtf8(b"\xed\xa0\x80")]
NO_JSON = ["{", "[1]", "null", '"{}"', '{"a": NaN}', "[" * 5000, '{"a":' * 400 + "1" + "}" * 400, "9" * 5000]
NO_NUMBER = ["many", "", b"\0", NoUtf8(b"\xff"), "0x1f", float("inf")]
NO_WHOLE = [*NO_NUMBER, 1.5, 1e300]
NO_VERSION = [0, -1, 10**6]
NO_TIME = ["yesterday", "", "2026-01-02", "2026-01-02T03:04:05.000006", "2026-13-41 03:04:05.000006", 12, -1e300, b"x"]
NO_TIME += ["0000-00-00 00:00:00.000000", "2026-01-02 03:04:05.000006+99:00", NoUtf8(b"\xff"), "now", 2**62, "infinity"]
NO_KEY = ["/etc/passwd", "../../studio.db", "C:\\x.png", "file:///etc/shadow", *HOSTILE_TEXTS[:20]]
NO_SQLITE_KEY = [*NO_KEY, "a\0b", *NO_TEXT]
TEXTS = ["prompt", "error", "error_detail", "endpoint_id", "backend_job_id", "progress_text"]
JSONS = ["options", "config_snapshot", "resolved", "error_fields", "texts", "ran_with"]
STEPS = ["progress_step", "progress_of"]
NUMBERS = ["progress", "progress_rate", "cost", "spent_seconds"]
INPUTS = ["image_input_path", "video_input_path", "audio_input_path"]
TIMES = ["created_at", "started_at", "completed_at"]

EDGES = ["0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999"]  # odd, and sound

ON_SQLITE = Taken(
    columns={
        "job": {
            "id": [b"\xff", NoUtf8(b"\xff")],
            "status": ["dancing", "", *NO_TEXT],
            **dict.fromkeys(("type", "model_id", *TEXTS), NO_TEXT),
            "model_version": [*NO_WHOLE, *NO_VERSION, 2**62],
            **dict.fromkeys(JSONS, NO_TEXT + NO_JSON),
            **dict.fromkeys((*INPUTS, "result_url", "preview_path"), NO_SQLITE_KEY),
            **dict.fromkeys(("seed", *STEPS), NO_WHOLE),
            **dict.fromkeys(NUMBERS, NO_NUMBER),
            "favourite": ["maybe", 2, b"", 0.5],
            **dict.fromkeys(TIMES, NO_TIME),
        },
        "draft": {"model_id": NO_TEXT, "values": ["", *NO_JSON, *NO_TEXT]},
        "preference": {"name": NO_TEXT, "value": NO_TEXT},
        "workspace": {"id": NO_TEXT, "name": NO_TEXT, "created_at": NO_TIME},
        "media": {
            "kind": ["movie", "", *NO_TEXT],
            "mime": NO_TEXT,
            "size": [*NO_WHOLE, -1, 2**62],
            **dict.fromkeys(("width", "height"), NO_WHOLE),
            "duration": NO_NUMBER,
        },
    },
    texts={
        "job": ["status", "type", "model_id", *TEXTS, *JSONS, *INPUTS, "result_url"],
        "draft": ["values"],
        "preference": ["value"],
        "workspace": ["name"],
    },
)
NO_POSTGRESQL_NUMBER = [float("inf"), float("-inf"), float("nan")]
NO_POSTGRESQL_TIME = ["infinity", "-infinity", "10000-01-01", "294276-12-31", "0044-03-15 BC", "4713-01-01 BC"]
ON_POSTGRESQL = Taken(
    columns={
        "job": {
            "status": ["dancing", ""],
            "model_version": [*NO_VERSION, 2**31 - 1],
            **dict.fromkeys(JSONS, NO_JSON),
            **dict.fromkeys((*INPUTS, "result_url", "preview_path"), NO_KEY),
            **dict.fromkeys(NUMBERS, NO_POSTGRESQL_NUMBER),
            **dict.fromkeys(TIMES, NO_POSTGRESQL_TIME),
        },
        "draft": {"values": ["", *NO_JSON]},
        "workspace": {"created_at": NO_POSTGRESQL_TIME},
        "media": {"kind": ["movie", ""], "size": [-1, 2**62], "duration": NO_POSTGRESQL_NUMBER},
    },
    texts={"job": [*TEXTS, *JSONS, *INPUTS], "draft": ["values"], "workspace": ["name"]},  # no index bounds these
)
WEIGHT = {"job": 12}
VALUES = [None, True, 0, -1, 10**30, 1e308, float("1e999"), "", "\ud800", "../../etc/passwd", [], [[]], {}, {"path": 1}]
VALUES += [{"path": "x", "weight": "y"}, [{"path": "\ud800", "weight": 10**40}], *HOSTILE_TEXTS[:10]]


class Damage:
    """Draws damaged rows; the same ones for the same seed."""

    def __init__(self, seed: int, taken: Taken) -> None:
        self._random = random.Random(seed)
        self._taken = taken
        self._kinds = [kind for kind in taken.columns for _ in range(WEIGHT.get(kind, 1))]

    def kind(self) -> str:
        return self._random.choice(self._kinds)

    def sound_job(self, workspace_id: str) -> Row:
        config = SHIPPED[self._random.choice(sorted(SHIPPED))]
        second = self._random.randrange(60)
        return {
            "id": self.id(),
            "user_id": USER,
            "workspace_id": workspace_id,
            "status": self._random.choice(["completed", "failed", "queued", "running", "cancelled"]),
            "type": config.type,
            "model_id": config.id,
            "model_version": 1,
            "prompt": self._random.choice(HOSTILE_TEXTS),
            "options": json.dumps(self._options(list(config.parameters))).replace("Infinity", "1e999"),
            "config_snapshot": self._random.choice(["{}", '{"name": ["x"]}', '{"name": "\\ud800", "parameters": 3}']),
            "favourite": False,
            "created_at": self._random.choice([f"2026-01-02 03:04:{second:02}.000000", *EDGES]),
        }

    def id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def _options(self, names: list[str]) -> dict[str, Any]:
        some = self._random.sample(names, self._random.randint(0, len(names)))
        return {name: self._random.choice(VALUES) for name in [*some, "stranger"]}

    def damage(self, row: Row, table: str, most: int = 3) -> Row:
        """The row with one to three columns that hold what they cannot, and now and then a huge text."""
        bad = self._taken.columns[table]
        columns = self._random.sample(list(bad), self._random.randint(1, min(most, len(bad))))
        damaged = row | {column: self._unlike(self._random.choice(bad[column])) for column in columns}
        texts = self._taken.texts.get(table, []) if self._random.randrange(HUGE_ONE_IN) == 0 else []
        return damaged | ({self._random.choice(texts): HUGE} if texts else {})

    def _unlike(self, value: Any) -> Any:
        """Bytes that no other column has: some columns are keys."""
        return type(value)(value[:8] + b"\xff" + self.id()[:8].encode()) if isinstance(value, bytes) else value

    def other(self, kind: str) -> Row:
        whole: dict[str, Row] = {
            "draft": {"model_id": self.id(), "values": "{}", "updated_at": "2026-01-02 03:04:05.000000"},
            "preference": {"name": self.id(), "value": "new"},
            "workspace": {"id": self.id(), "name": self.id(), "created_at": "2026-01-02 03:04:05.000000"},
        }
        row = self.damage(whole[kind], kind)
        return row | {"user_id": USER} | ({"folded_name": self.id()} if kind == "workspace" else {})


def insert(connection: Connection, table: str, row: Row) -> None:
    columns = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(place(name, value) for name, value in row.items())
    connection.execute(text(f'INSERT INTO "{table}" ({columns}) VALUES ({places})'), row)


def place(name: str, value: Any) -> str:
    return f"CAST(:{name} AS TEXT)" if isinstance(value, NoUtf8) else f":{name}"


def shown(value: Any) -> str:
    """How a log and a page name a record: its id as ASCII, its beginning where it is no text."""
    if isinstance(value, NoUtf8):
        value = value.decode(errors="surrogateescape")
    return ascii(value)[1:41].strip("'") if isinstance(value, str) else ascii(value)[:40]


def sent(value: Any) -> Any:
    """What the browser gets: by Gradio's own encoder, and strict JSON."""
    return json.loads(orjson.dumps(value, _dumped, orjson.OPT_SERIALIZE_NUMPY), parse_constant=pytest.fail)


def _dumped(value: Any) -> Any:
    if isinstance(value, RootModel):
        return value.model_dump()
    raise TypeError(f"Gradio cannot send {value!r}")


class Heard(logging.Handler):
    """Keeps what is logged; each line is ASCII, one line, and no longer than a line should be."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def take(self) -> str:
        lines, self.lines = self.lines, []
        assert all(line.isascii() and line.isprintable() and len(line) < 1500 for line in lines)
        return "\n".join(lines).replace("\\\\", "\\")


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    loggers = [logging.getLogger(name) for name in ("storage", "studio", "components")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


class Batch:
    """Some damaged records, in a workspace of their own."""

    def __init__(self, kept: KeptStudio, site: Site, heard: Heard, damage: Damage) -> None:
        self._kept, self._site, self._heard, self._damage = kept, site, heard, damage
        self._context = site.context
        self._fillings = Fillings(site.context, site.views)
        self._workspace = damage.id()

    def check(self, kinds: list[str]) -> None:
        jobs = [self._damage.damage(self._damage.sound_job(self._workspace), "job") for kind in kinds if kind == "job"]
        sound = [self._damage.sound_job(self._workspace) for _ in range(3)]
        others = [(kind, self._damage.other(kind)) for kind in kinds if kind not in ("job", "media")]
        workspace = {"id": self._workspace, "user_id": USER, "name": self._workspace, "folded_name": self._workspace}
        with self._kept.database.begin() as connection:
            insert(connection, "workspace", workspace | {"created_at": "2026-01-02 03:04:05.000000"})
            for job in [*jobs, *sound]:
                insert(connection, "job", job)
            for kind, row in others:
                insert(connection, kind, row)
        self._check_jobs(jobs, sound)
        self._check_others(others)
        for _ in range(kinds.count("media")):
            self._check_media()
        with self._kept.database.begin() as connection:
            for table in ("job", "draft", "preference", "workspace"):
                connection.execute(text(f"DELETE FROM {table} WHERE user_id = :user"), {"user": USER})

    def _check_jobs(self, jobs: list[Row], sound: list[Row]) -> None:
        cards = self._walk()
        assert len(cards) == len(jobs) + len(sound)
        by_id = {card["id"]: card for card in cards}
        for card in cards:
            self._look_at(card)
        log = self._log = self._heard.take()
        assert self._context.jobs.unfinished() is not None
        for job in jobs:
            named = isinstance(job["id"], bytes)
            assert named or "record is damaged" in (by_id[job["id"]]["error"] or ""), job
            assert shown(job["id"]) in log, job
        damaged_ids = sum(isinstance(job["id"], bytes) for job in jobs)
        assert sum(card["id"].startswith("no text: ") for card in cards) == damaged_ids
        for job in sound:
            assert by_id[job["id"]]["error"] is None

    def _walk(self) -> list[Row]:
        """Every card of every page, both ways."""
        begin = self._site.functions("_first_page")[0]
        _, _, gallery, stage, *_ = sent(self._site.call(begin, self._workspace, None, ""))
        assert stage["job"] is None or stage["job"]["status"] != "damaged"
        cards, cursor = list(gallery["cards"]), gallery["next"]
        while cursor is not None:
            page = sent(self._site.ask("list_jobs", USER, workspace_id=self._workspace, cursor=cursor))
            cards += page["jobs"]
            cursor = page["next"]
        back = sent(self._site.ask("list_jobs", USER, workspace_id=self._workspace, newer=True, limit=100))
        assert [card["id"] for card in back["jobs"]] == [card["id"] for card in cards[-100:]]
        return cards

    def _look_at(self, card: Row) -> None:
        job = self._context.jobs.find(USER, card["id"])
        assert job is not None or card["id"].startswith("no text: ")
        if job is not None:
            sent(self._site.views.details(job, {}))
        with suppress(StudioError):  # of one that gives nothing back
            event = self._context.reuse_job_input(USER, card["id"])
            sent(self._fillings.reuse(USER, event, instead="pattern"))

    def _check_others(self, others: list[tuple[str, Row]]) -> None:
        told = sent(self._fillings.recall(USER))
        self._context.workspaces.list(USER)
        assert len((told["notice"] or {"lines": []})["lines"]) == len(others)
        page, log = json.dumps(told).replace("\\\\", "\\").replace("\\\\", "\\"), self._log + self._heard.take()
        for kind, row in others:
            for where in (page, log):
                assert shown(next(iter(row.values()))) in where, (kind, row)

    def _check_media(self) -> None:
        """A file whose row is damaged is missing, until the same bytes come again."""
        key, path = self._kept.keys["image"][0], self._kept.files["image"][0]
        config = SHIPPED["image-edit"]
        job = self._damage.sound_job(self._workspace) | {"model_id": config.id, "options": json.dumps({"image": key})}
        with self._kept.database.begin() as connection:
            insert(connection, "job", job)
            insert(connection, "job_media", {"job_id": job["id"], "media_key": key, "position": 0})
            ((column, value),) = self._damage.damage({}, "media", most=1).items()
            change = text(f"UPDATE media SET {column} = {place('value', value)} WHERE key = :key")
            connection.execute(change, {"value": value, "key": key})
        told = self._fillings.reuse(USER, self._context.reuse_job_input(USER, job["id"]))
        assert any(line["outcome"] == "missing" for line in told["notice"]["lines"]), (column, value)
        assert self._context.media.put(USER, path, path.name).key == key
        assert self._context.media.find(USER, key) is not None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    with postgres.studio_server() if request.param == "postgresql" else nullcontext() as server:
        url = server.url.format("studio") if server else ""
        kept = KeptStudio(tmp_path_factory.mktemp("kept"), SHIPPED, url=url)
        gr.set_static_paths([kept.media_root])
        yield kept
        kept.database.dispose()


def test_no_record_is_too_damaged_to_be_named(kept: KeptStudio, site: Site, heard: Heard) -> None:
    damage = Damage(seed=1, taken=ON_SQLITE if kept.database.dialect.name == "sqlite" else ON_POSTGRESQL)
    for start in range(0, RECORDS, BATCH):
        kinds = [damage.kind() for _ in range(min(BATCH, RECORDS - start))]
        Batch(kept, site, heard, damage).check(kinds)
