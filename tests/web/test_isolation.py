"""Two users of one running app: whatever one asks about the other's things is answered as if they were not there.

So it is under each kind of login, and for one who has none.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import gradio as gr
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from components.addresses import MEDIA
from components.gradio_ext.lazy_blocks import LazyBlocks
from storage.accounts import AccountStore
from storage.tables import Base
from studio.page_import import PageImport
from studio.presets import Presets
from studio.settings import Login, Settings
from studio_ui import build
from tests import media_samples
from tests.components.page_site import example
from tests.kept_studio import KeptStudio
from tests.memory_studio import entered
from tests.shipped import SHIPPED
from tests.web import crawl
from tests.web.crawl import Answer, Question
from tests.web.provider import Provider
from tests.web.space import HTTPS, enter_space, sign_in
from web.app import create_app

pytestmark = pytest.mark.slow

SECRET = "a heron that only ann knows of"
MODELS = ("pattern", "image-edit")

LOGINS: tuple[Login, ...] = ("password", "huggingface", "anonymous")
STRANGER = "one without a cookie"
ASKING = ("bob", STRANGER)
NEWCOMER = "carl"
"""One who has begun nothing: a session that bob once had has more to tell him than one that never was."""

USERS = ("ann", "bob", NEWCOMER)

KINDS = ("job", "preset", "workspace", "media", "file", "upload", "session", "event")
"""What a user has; a file is the path of a stored one, an upload that of one which was not yet submitted."""

_COUNT = count()

_SWITCHED = {kind: (False, True) if kind in ("job", "workspace") else (True,) for kind in KINDS}
"""Whether switches are on: those of the gallery reach the bin and all workspaces."""

FILE = "/gradio_api/file={path_or_url:path}"
PREFIXES = (
    *(f"{MEDIA}/", "/gradio_api/file=", "/gradio_api/file/", "/gradio_api/%66ile=", "/gradio_api//file="),
    *("//gradio_api/file=", "/gradio_api/queue/../file=", "/gradio_api/proxy=http://studio/gradio_api/file="),
    *("/static/", "/assets/", "/svelte/", "/file=", "/"),
)
"""What may stand before a file's name in an address."""

REACHED = {
    "job": {"_first_page", "reuse_job", "compare_job", "send_on", "get_job", "set_favourite"},
    "preset": {"reuse_preset", "compare_preset", "rename_preset", "delete_preset", "undelete_preset"},
    "workspace": {"_switch", "_refresh", "_first_page", "_go_to", "list_jobs", "rename_workspace", "delete_workspace"},
    "file": {"generate", "keep_draft", "submit_job", "compare_job"},
    "upload": {"generate", "keep_draft", "submit_job"},
}
"""The handlers that have another answer for the owner, by what they were asked about."""

OWN = {
    "media": f"{MEDIA}/",
    "upload": "/gradio_api/file=",
    "session": "/gradio_api/queue/data?session_hash",
    "event": "/gradio_api/call/pattern/",
}
"""The routes that have another answer for the owner."""

ASKED_ELSEWHERE = {
    "/logout",  # takes no id, and would end the login that all other questions are asked with
    "/login/huggingface",  # looks at nobody's things, and no two answers are alike: each has a secret of its own
    "/gradio_api/queue/join",  # every handler is asked by it
}


@dataclass(frozen=True)
class Site:
    """A running app in which ann has something of every kind; `ids` are hers, `absent` are like them and nobody's.

    Its database knows her as `ann`.
    """

    login: Login
    app: FastAPI
    kept: KeptStudio
    blocks: LazyBlocks
    client: TestClient
    work: list[str]
    named: Collection[str]
    cookies: Mapping[str, Mapping[str, str]]
    ann: str
    ids: Mapping[str, str]
    absent: Mapping[str, str]

    def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        assert self.client.portal is not None
        return self.client.portal.call(work, *arguments)

    def outcome(self, user: str, question: Question) -> Answer:
        """The answer with all that came of it and with what that made the database do."""
        self.work.clear()
        (answer,) = self.answers([(user, question)])
        if later := crawl.what_came_of(question, answer):
            answer = replace(answer, text=answer.text + self.answers([(user, later)])[0].text)
        # Who is asking is looked up again every few seconds.
        return replace(answer, work=tuple(one for one in self.work if "FROM login" not in one))

    def answers(self, asked: list[tuple[str, Question]]) -> list[Answer]:
        """All at once: some of Gradio's routes think for seconds about what they do not know."""
        answers: dict[int, Answer] = {}

        async def one(place: int, user: str, question: Question) -> None:
            answers[place] = await crawl.ask(self.app, question, self.cookies[user])

        async def all_of_them() -> None:
            async with anyio.create_task_group() as tasks:
                for place, (user, question) in enumerate(asked):
                    tasks.start_soon(one, place, user, question)

        self.run(all_of_them)
        return [answers[place] for place in range(len(asked))]


@pytest.fixture(scope="module", params=LOGINS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("isolation")
    kept = KeptStudio(folder, {id_: SHIPPED[id_] for id_ in MODELS})
    login: Login = request.param
    with pytest.MonkeyPatch.context() as patch, Provider() as provider:
        if login == "huggingface":
            enter_space(patch, provider)
        users = ",".join(f"{user}:{user}pw" for user in USERS) if login == "password" else ""
        settings = Settings(data_dir=folder, login=login, users=users, hosts="studio")
        patch.setenv("GRADIO_TEMP_DIR", str(settings.uploads))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1")
        patch.setattr(
            "web.auth.throttle.FREE", 10_000
        )  # whether one waits is told by how often one asked, not by its id
        blocks = build(kept.context, settings)
        write_job = PageImport(kept.context).write
        app = create_app(
            settings,
            blocks,
            kept.context.media,
            jobs=kept.context.jobs,
            write_job=write_job,
            accounts=AccountStore(kept.database),
        )
        with TestClient(app, base_url=HTTPS) as client:
            cookies = {user: _log_in(client, login, user) for user in USERS}
            known = [client.get("/gradio_api/user", headers=_cookie_header(one)).json() for one in cookies.values()]
            assert len(set(known)) == len(USERS)
            ann, headers = known[0], _cookie_header(cookies["ann"])
            ids = _things(client, kept, blocks, cookies["ann"], ann)
            absent = {kind: _other(id_) for kind, id_ in ids.items()}
            named = client.get("/gradio_api/info", headers=headers).json()["named_endpoints"]
            cookies |= {STRANGER: {}}
            yield Site(login, app, kept, blocks, client, _noted(kept.database), named, cookies, ann, ids, absent)
    kept.database.dispose()


def _noted(database: Engine) -> list[str]:
    """Gets every statement that the database is asked from now on."""
    work: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *told: work.append(told[2]))
    return work


def _log_in(client: TestClient, login: Login, user: str) -> dict[str, str]:
    """The cookies of one who has come in."""
    match login:
        case "password":
            answer = client.post("/login", data={"username": user, "password": f"{user}pw"})
        case "huggingface":
            answer = sign_in(client, user)
        case _:
            answer = client.get("/")
    assert answer.status_code < 400
    cookies = dict(client.cookies)
    client.cookies.clear()
    return cookies


def _things(
    client: TestClient, kept: KeptStudio, blocks: gr.Blocks, cookies: Mapping[str, str], ann: str
) -> dict[str, str]:
    """What ann has; her ids by their kinds."""
    context, config = kept.context, SHIPPED["image-edit"]
    headers = _cookie_header(cookies)
    picture = media_samples.png(kept.media_root.parent / "upload.png", seed=7).read_bytes()
    (upload,) = client.post(
        "/gradio_api/upload?upload_id=annssession", files={"files": ("upload.png", picture)}, headers=headers
    ).json()
    key = context.media.put(ann, kept.files["image"][0], SECRET).key
    context.workspaces.create(ann, "first")  # where a question about no workspace leads
    workspace = context.workspaces.create(ann, SECRET)
    values = {**example(kept, config), "image": key}
    job = context.submit(ann, workspace.id, config.id, entered(config, values, kept.media_root))
    context.keep_draft(ann, "pattern", {"prompt": SECRET})
    preset = Presets(context).save(ann, None, SECRET, config, {"prompt": SECRET})
    context.jobs.start(job.id)
    context.jobs.complete(job.id, [key])
    _begin(client, blocks, cookies, "queue/join")
    begun = _begin(client, blocks, cookies, "call/pattern")
    end = time.monotonic() + 20
    while kept.count("job") < 3:
        assert time.monotonic() < end
        time.sleep(0.01)
    return {
        "job": job.id,
        "preset": preset.id,
        "workspace": workspace.id,
        "media": key,
        "file": str(kept.media_root / key),
        "upload": upload,
        "session": "annssession",
        "event": begun,
    }


def _begin(client: TestClient, blocks: gr.Blocks, cookies: Mapping[str, str], way: str) -> str:
    """The id of an event that makes a job; nobody has heard yet what came of it."""
    (generate,) = (fn for fn in blocks.fns.values() if fn.api_name == "pattern")
    asked = crawl.question_of_handler(generate, way, None, SECRET, "annssession", switch=False)
    begun: str = client.post(asked.target, json=asked.body, headers=_cookie_header(cookies)).json()["event_id"]
    return begun


def _other(id_: str) -> str:
    """One like it that nobody has; of a path only its last two parts differ."""
    start = id_.rindex("/", 0, id_.rindex("/")) if id_.startswith("/") else 0
    return id_[:start] + id_[start:].translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))


def _told(site: Site, kind: str, id_: str) -> dict[str, Any]:
    """What an endpoint could be told: the id under every name of an id, and where a file may stand."""
    form = {"image": {"file": id_, "name": "a file"}, "prompt": "a hat"}
    told = {"job_id": id_ if kind == "job" else site.ids["job"], "workspace_id": id_, "cursor": id_, "name": id_}
    told["preset_id"] = id_ if kind == "preset" else site.ids["preset"]
    told |= {
        "job_ids": [told["job_id"]],
        "model_id": "image-edit",
        "instead": "image-edit",
        "selected": "image-edit",
        "parameter": "image",
    }
    return told | {"now": form, "values": form, "seed": "exact", "number": 0}


def _asked(site: Site, kind: str, id_: str) -> Iterator[Question]:
    """What can be asked of the page's handlers about an id."""
    own_session = f"{next(_COUNT)}"
    for fn in site.blocks.fns.values():
        session = id_ if kind == "session" else own_session
        if parameters := site.blocks.endpoints.get(str(fn.api_name)):
            told = _told(site, kind, id_)
            yield crawl.question_of_endpoint(str(fn.api_name), parameters, told, session)
            continue
        ways = [("queue/join", True)] if fn.queue else []
        ways += [("run/predict", switch) for switch in _SWITCHED[kind][::-1]] if fn.fn else []
        ways += [(f"{way}/{fn.api_name}", True) for way in ("run", "call") if f"/{fn.api_name}" in site.named]
        for way, switch in ways:
            told = dict.fromkeys(crawl.names_in_handlers(), id_)
            yield crawl.question_of_handler(fn, way, told, id_, session, switch=switch)


def _asked_of(site: Site, question: Question) -> str:
    """The name of the handler or the endpoint."""
    place = question.body.get("fn_index")
    return question.target.rpartition("/")[2] if place is None else site.blocks.fns[place].name


def _owned(site: Site) -> dict[str, list[Any]]:
    """Every row of ann."""
    with site.kept.database.connect() as connection:
        tables = {table.name: connection.execute(table.select()).all() for table in Base.metadata.sorted_tables}
    return {name: [row for row in rows if site.ann in row] for name, rows in tables.items()}


@pytest.fixture
def hers(site: Site) -> dict[str, list[Any]]:
    """Ann's rows before the test asks."""
    return _owned(site)


def _cookie_header(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def test_every_route_answers_about_anothers_ids_as_about_none(site: Site, hers: dict[str, list[Any]]) -> None:
    found = [*crawl.routes(site.app), *crawl.routes(site.app.state.gradio)]
    assert {"/gradio_api/queue/data", FILE, f"{MEDIA}/{{key:path}}"} <= {route.path for route in found}
    real, absent = (
        [
            (kind, question)
            for kind in KINDS
            for route in found
            for question in crawl.questions_of_route(route, ids[kind])
            if route.path not in ASKED_ELSEWHERE
        ]
        for ids in (site.ids, site.absent)
    )
    asking = (NEWCOMER, STRANGER)
    for posted in (False, True):  # first what changes nothing
        now = [place for place, (_, question) in enumerate(real) if (question.method == "POST") == posted]
        asked = [(user, ask[place][1]) for place in now for user in asking for ask in (real, absent)]
        answers = iter(site.answers(asked))
        for place in now:
            for _ in asking:
                _assert_equal(site, *real[place], next(answers), next(answers))
    assert _owned(site) == hers


@pytest.mark.parametrize("kind", ["media", "file", "upload"])
def test_every_address_of_anothers_file_answers_as_one_of_no_file(
    site: Site, hers: dict[str, list[Any]], kind: str
) -> None:
    """Whole, in part, and asked whether it has changed."""
    real, absent = (
        [
            *(Question("GET", prefix + spelt) for prefix in PREFIXES for spelt in crawl.spellings(id_)),
            *(
                Question(method, prefix + quote(id_), headers=headers)
                for prefix in PREFIXES[:3]
                for method in ("GET", "HEAD")
                for headers in ({"range": "bytes=0-3"}, {"if-none-match": f'"{Path(id_).stem}"'}, {"if-range": "x"})
            ),
        ]
        for id_ in (site.ids[kind], site.absent[kind])
    )
    for question, other in zip(real, absent, strict=True):
        answer = site.outcome("bob", question)
        _assert_equal(site, kind, question, answer, site.outcome("bob", other))
        assert answer.status in (400, 403, 404, 405), question
    assert _owned(site) == hers


@pytest.mark.parametrize("user", ASKING)
@pytest.mark.parametrize("kind", KINDS)
def test_every_handler_answers_about_anothers_ids_as_about_none(
    site: Site, hers: dict[str, list[Any]], kind: str, user: str
) -> None:
    for real, absent in zip(_asked(site, kind, site.ids[kind]), _asked(site, kind, site.absent[kind]), strict=True):
        for _ in range(2):  # what the second question made is there from then on
            other, one = (site.outcome(user, question) for question in (absent, real))
            if not _differ(site, kind, one, other):
                break
        _assert_equal(site, kind, real, one, other)
        assert (one.status == 401) == (user == STRANGER), real
    assert _owned(site) == hers


@pytest.mark.parametrize("kind", REACHED)
def test_handlers_answer_the_owner_otherwise(site: Site, kind: str) -> None:
    """Or the questions would not touch what they ask about."""
    reached = set[str]()
    pairs = zip(_asked(site, kind, site.ids[kind]), _asked(site, kind, site.absent[kind]), strict=True)
    for real, absent in sorted(pairs, key=lambda pair: "delete" in _asked_of(site, pair[0])):
        name = _asked_of(site, real)
        if name not in REACHED[kind] - reached:
            continue
        if _differ(site, kind, *(site.outcome("ann", question) for question in (absent, real))):
            reached.add(name)
    assert reached == REACHED[kind]


def test_anothers_deleted_jobs_are_in_nobody_elses_bin(site: Site) -> None:
    """Every handler that shows the gallery is asked for the bin of all workspaces."""
    context = site.kept.context
    job = context.submit(
        site.ann, site.ids["workspace"], "pattern", {**SHIPPED["pattern"].defaults(), "prompt": SECRET}
    )
    assert context.jobs.trash(site.ann, job.id)
    seen = {"ann": set[str](), "bob": set[str]()}
    for user, by in seen.items():
        for question in _asked(site, "session", f"{user}'s"):
            name = _asked_of(site, question)
            if job.id in site.outcome(user, question).text:
                by.add(name)
    assert seen["bob"] == set()
    assert seen["ann"] >= {"_first_page", "_switch", "_refresh"}


def test_a_deleted_workspace_is_put_back_by_a_page_of_its_user_alone(site: Site) -> None:
    workspaces = site.kept.context.workspaces
    here = workspaces.create(site.ann, "to be deleted and put back")
    delete, put_back = (
        crawl.question_of_endpoint(name, site.blocks.endpoints[name], {"workspace_id": here.id}, "one page")
        for name in ("delete_workspace", "undelete_workspace")
    )
    elsewhere = replace(put_back, body={**put_back.body, "session_hash": "another page"})
    refused = site.outcome("bob", delete)
    assert here.name not in refused.text
    assert here.name in site.outcome("ann", delete).text
    for user, question in (("bob", put_back), ("bob", elsewhere), (STRANGER, put_back)):
        assert here.name not in site.outcome(user, question).text
        assert here not in workspaces.list(site.ann)
    assert here.name in site.outcome("ann", elsewhere).text
    assert here in workspaces.list(site.ann)


@pytest.mark.parametrize(("kind", "target"), OWN.items())
def test_routes_answer_the_owner_otherwise(site: Site, kind: str, target: str) -> None:
    begun = _begin(site.client, site.blocks, site.cookies["ann"], "call/pattern")
    id_ = {**site.ids, "event": begun}[kind]
    absent, own = (site.outcome("ann", _own(target, one)).without(one) for one in (site.absent[kind], id_))
    assert own != absent


def _own(target: str, id_: str) -> Question:
    path, _, name = target.partition("?")
    return Question("GET", path, {name: id_}) if name else Question("GET", path + quote(id_))


def _differ(site: Site, kind: str, one: Answer, other: Answer) -> bool:
    one, other = (answer.without(site.ids[kind], site.absent[kind]) for answer in (one, other))
    return one != other


def _assert_equal(site: Site, kind: str, question: Question, real: Answer, absent: Answer) -> None:
    real, absent = (answer.without(site.ids[kind], site.absent[kind]) for answer in (real, absent))
    assert real == absent, f"{kind}: {question}"
    assert SECRET not in real.text, f"{kind}: {question}"
