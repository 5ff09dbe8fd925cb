"""A library of any size, written past the stores: what the jobs of several users, made over two years, leave."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, insert

from model_configs.registry import load_registry
from model_configs.schema import ModelConfig
from storage import tables
from storage.jobs.search_text import search_text
from storage.jobs.store import JobStatus

USER = "ann"
WORKSPACES = tuple(str(UUID(int=number)) for number in range(1, 9))
"""Those of the user, the first with half of the jobs."""
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
RARE, RARE_JOBS = "zeppelin", 12
"""A word that so many prompts have, in a library of any size."""

_BATCH = 50_000
_OTHERS = tuple(f"visitor-{number}" for number in range(20))
_STATUSES = (JobStatus.COMPLETED,) * 17 + (JobStatus.FAILED,) * 2 + (JobStatus.CANCELLED,)
_MIME = {"image": ("png", "image/png"), "video": ("mp4", "video/mp4"), "audio": ("wav", "audio/wav")}
_PHRASES: Sequence[Sequence[Sequence[str]]] = (
    (
        ("a red fox", "an old harbour", "two owls", "a glass tower", "a sleeping cat", "the last tram", "a lighthouse"),
        ("in the snow", "at dawn", "under a violet sky", "by the river", "behind a wet window", "on a quiet square"),
        ("soft light", "oil on canvas", "35mm film, grain", "long exposure", "ink and gouache", "volumetric light"),
        ("highly detailed", "wide angle", "muted colours", "calm", "by a master of the Hudson school", "cinematic"),
    ),
    (
        ("une forêt brûlée", "un étang gelé", "l'été à la plage", "un cœur de verre", "une fenêtre ouverte"),
        ("au crépuscule", "sous la neige", "près du château", "après l'orage"),
        ("lumière douce", "aquarelle", "très détaillé", "grain de pellicule"),
    ),
    (
        ("夜明けの港", "窓辺で眠る猫", "雪の中の狐", "古い灯台", "雨の渋谷"),
        ("柔らかい光", "水彩画", "長時間露光", "映画のような構図"),
        ("とても細かい", "静かな色", "広角", "粒子の粗いフィルム"),
    ),
    (
        ("старый город", "рыжая лиса", "замёрзшее озеро", "последний трамвай"),
        ("на рассвете", "в тумане", "под снегом"),
        ("мягкий свет", "масло на холсте", "плёнка 35 мм"),
    ),
    (
        ("مدينة قديمة", "قط نائم", "منارة بعيدة", "ثعلب في الثلج"),
        ("عند الفجر", "تحت المطر", "قرب النهر"),
        ("ضوء ناعم", "ألوان هادئة", "تفاصيل دقيقة"),
    ),
)
_SCRIPTS = (0,) * 5 + (1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class _Model:
    """What all jobs of a model have in common, written once."""

    config: ModelConfig
    snapshot: str
    options: dict[str, Any]
    media: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, config: ModelConfig) -> "_Model":
        defaults = config.defaults()
        shown = config.visible(defaults)
        options = {name: value for name, value in defaults.items() if name in shown}
        media = tuple((name, kind) for name, kind in config.media().items() if name in shown)
        return cls(config, json.dumps(config.snapshot()), options, media)


def _value(model: "_Model", name: str, key: str) -> Any:
    """A file as the input takes it, in a list where it takes several."""
    return [key] if isinstance(model.options[name], list) else key


def fill(engine: Engine, size: int) -> None:
    """Write `size` jobs into an empty database, nine of ten for `USER`, oldest first; equal each time."""
    every = [_Model.of(config) for config in load_registry().models.values()]
    models = every + 3 * [model for model in every if "prompt" in model.options]
    inputs = {kind: [_media(f"input {kind} {number}", kind) for number in range(max(5, size // 500))] for kind in _MIME}
    given = [one for rows in inputs.values() for one in rows]
    with engine.connect() as connection, _quick(connection):
        with connection.begin():
            _insert(connection, tables.Workspace, _workspaces())
            _insert(connection, tables.Media, given)
            _insert(connection, tables.MediaOwner, [_owner(user, one) for user in (USER, *_OTHERS) for one in given])
        for start in range(0, size, _BATCH):
            made = [_job(number, size, models, inputs) for number in range(start, min(start + _BATCH, size))]
            results = [(job["user_id"], result) for job, result, _ in made if result]
            with connection.begin():
                _insert(connection, tables.Media, [result for _, result in results])
                _insert(connection, tables.Job, [job for job, _, _ in made])
                _insert(connection, tables.JobMedia, [use for _, _, uses in made for use in uses])
                _insert(connection, tables.MediaOwner, [_owner(user, result) for user, result in results])


@contextmanager
def _quick(connection: Connection) -> Iterator[None]:
    """Let SQLite keep its indexes in memory, and PostgreSQL make that of the prompts at the end."""
    if connection.dialect.name == "sqlite":
        before, after = ["PRAGMA cache_size = -4000000"], ["PRAGMA cache_size = -2000"]
    else:
        find = "SELECT indexdef FROM pg_indexes WHERE indexname = 'job_text'"
        before = ["DROP INDEX job_text"]
        after = ["SET maintenance_work_mem = '1GB'", connection.exec_driver_sql(find).scalar_one(), "ANALYZE"]
        connection.commit()
    _run(connection, before)
    yield
    _run(connection, after)


def _run(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()


def _insert(connection: Connection, model: type[tables.Base], rows: Sequence[dict[str, Any]]) -> None:
    table = tables.table(model)
    if rows and connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy(f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row.values())
    elif rows:
        connection.execute(insert(table), rows)


def _workspaces() -> list[dict[str, Any]]:
    owned = [(USER, id_) for id_ in WORKSPACES] + [(user, _workspace_of(user)) for user in _OTHERS]
    return [
        {"id": id_, "user_id": user, "name": f"Work {id_}", "folded_name": f"work {id_}", "created_at": BEGIN}
        for user, id_ in owned
    ]


def _workspace_of(user: str) -> str:
    return f"of {user}"


Media = dict[str, Any]


def _job(
    number: int, size: int, models: Sequence[_Model], inputs: dict[str, list[Media]]
) -> tuple[dict[str, Any], Media | None, list[dict[str, Any]]]:
    """A job's row, its result's if it has one, and what it needs."""
    random = Random(number)
    model = random.choice(models)
    user = USER if random.random() < 0.9 else random.choice(_OTHERS)
    workspace = random.choice((WORKSPACES[0],) * len(WORKSPACES[1:]) + WORKSPACES[1:])
    status = random.choice(_STATUSES)
    prompt = _prompt(random, rare=number % max(1, size // RARE_JOBS) == 0) if "prompt" in model.options else None
    seed = random.randrange(2**32)
    used = [(name, random.choice(inputs[kind])["key"], kind) for name, kind in model.media]
    id_ = str(UUID(int=random.getrandbits(128), version=4))
    made_at = BEGIN + (END - BEGIN) / size * (number + random.random())
    result = _media(f"result {id_}", model.config.type) if status is JobStatus.COMPLETED else None
    spoken = {} if prompt is None else {"prompt": prompt}
    options = {**model.options, **spoken, "seed": seed} | {name: _value(model, name, key) for name, key, _ in used}
    called = (model.config.id, model.config.name)
    job = dict.fromkeys(tables.table(tables.Job).columns.keys()) | {
        "id": id_,
        "user_id": user,
        "workspace_id": workspace if user == USER else _workspace_of(user),
        "status": status.value,
        "type": model.config.type,
        "model_id": model.config.id,
        "model_version": model.config.version,
        "prompt": prompt,
        "folded_prompt": search_text(prompt=prompt, options=options, resolved={}, seed=seed, model=called, files={}),
        "options": json.dumps(options),
        "resolved": "{}",
        "seed": seed,
        "config_snapshot": model.snapshot,
        "result_url": result and result["key"],
        "error": "The backend ran out of memory." if status is JobStatus.FAILED else None,
        "favourite": random.random() < 0.03,
        "created_at": made_at,
        "started_at": made_at + timedelta(seconds=1),
        "completed_at": made_at + timedelta(seconds=random.uniform(2, 90)),
        "deleted_at": made_at + timedelta(days=1) if random.random() < 0.02 else None,
    }
    job |= {f"{kind}_input_path": key for _, key, kind in reversed(used)}
    uses = [{"job_id": id_, "media_key": key, "position": at} for at, key in enumerate({key for _, key, _ in used})]
    uses += [{"job_id": id_, "media_key": result["key"], "position": None}] if result else []
    return job, result, uses


def _prompt(random: Random, rare: bool) -> str:
    words = [random.choice(part) for part in _PHRASES[random.choice(_SCRIPTS)]]
    return ", ".join([*words, *([RARE] if rare else []), f"no. {random.randrange(10_000)}"])


def _media(seed: str, kind: str) -> Media:
    digest = sha256(seed.encode()).hexdigest()
    extension, mime = _MIME[kind]
    about = {"width": 1024, "height": 1024, "duration": None, "size": 1_000_000}
    return {"key": f"{digest[:2]}/{digest}.{extension}", "kind": kind, "mime": mime, "created_at": BEGIN, **about}


def _owner(user: str, media: Media) -> dict[str, Any]:
    return {"user_id": user, "media_key": media["key"], "name": "file", "created_at": BEGIN}


def searches() -> Iterator[tuple[str, str]]:
    """What is searched for, by what it shows."""
    yield "search_rare_word", RARE
    yield "search_common_word", "light"
    yield "search_two_letters", "fo"
    yield "search_two_rare_letters", "pp"
    yield "search_one_letter", "猫"
    yield "search_japanese", "夜明けの港"
    yield "search_cyrillic", "Рыжая лиса"
    yield "search_arabic", "ثعلب"
    yield "search_accents", "ÉTANG GELÉ"
    yield "search_phrase_that_no_prompt_has", "soft light, at dawn"
    yield "search_word_that_no_prompt_has", "xylophone"
