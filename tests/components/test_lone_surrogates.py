"""Texts with a lone surrogate, which JSON may carry and no answer, and events that tell nothing, over HTTP."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from gradio.blocks import BlockFunction
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from components.gradio_ext.lazy_blocks import LazyBlocks
from storage.tables import storable
from studio.settings import LOCAL_USER, Settings
from studio_ui import build
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED
from tests.web import crawl
from tests.web.crawl import Answer, Question
from web.app import create_app

HALF = "a \ud83e"
MODELS = ("pattern", "image-edit")
FILTERS = ("search", "model_id", "type", "status", "since", "until")
ALL = -1
"""In place of a field's place: the text is in all of them."""

LOOKS = ("_refresh", "_first_page", "_switch")
"""The handlers whose answer is the same the next time."""

ASKED = ("list_jobs", "get_job", "reuse_job", "compare_job", "send_on", "reset_form", "submit_job", "keep_draft")
"""The endpoints that take texts in most places."""

FAILED = ("unexpected_error", '"output":{"error":null', 'event: error\ndata: {"error": null')
"""What a stream says of a failure."""

_SESSIONS = count()


@dataclass(frozen=True)
class Site:
    """A running app without a login, in which one job was made."""

    app: FastAPI
    blocks: LazyBlocks
    client: TestClient
    job_id: str

    @property
    def handlers(self) -> list[BlockFunction]:
        return [fn for fn in self.blocks.fns.values() if fn.fn]

    def outcome(self, question: Question) -> Answer:
        """The answer, or what came of it where that had to wait."""
        assert self.client.portal is not None
        answer = self.client.portal.call(crawl.ask, self.app, question, {})
        later = crawl.what_came_of(question, answer)
        return self.client.portal.call(crawl.ask, self.app, later, {}) if later else answer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("halves")
    kept = KeptStudio(folder, {id_: SHIPPED[id_] for id_ in MODELS})
    options = Settings(data_dir=folder, login="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(options.uploads))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        blocks = build(kept.context, options)
        app = create_app(options, blocks, kept.context.media)
        job = kept.context.submit(LOCAL_USER, None, "pattern", {**SHIPPED["pattern"].defaults(), "prompt": "a hat"})
        with TestClient(app, base_url="http://localhost") as client:
            client.get("/")
            yield Site(app, blocks, client, job.id)
    kept.database.dispose()


def _ways(fn: BlockFunction) -> Iterator[str]:
    """How a handler can be asked."""
    yield "run/predict"
    if fn.queue:
        yield "queue/join"
    if fn.api_name in MODELS:
        yield f"call/{fn.api_name}"


def _question(fn: BlockFunction, way: str, text: str, place: int | None = None, **told: Any) -> Question:
    """With the text in one field or in all, the others as they start; `told` may have what the event tells."""
    starts = [getattr(block, "value", None) for block in fn.inputs]
    data = [_holding(block, text) if place in (at, ALL) else starts[at] for at, block in enumerate(fn.inputs)]
    session = "one" if way == "run/predict" else f"{next(_SESSIONS)}"  # to begin one takes longer than most answers
    body = {"fn_index": fn._id, "data": data, "session_hash": session, **told}
    return Question("POST", f"/gradio_api/{way}", body=body)


def _holding(block: Any, text: str) -> Any:
    if block.elem_id == "filter-bar":
        return dict.fromkeys(FILTERS, text)
    if isinstance(block, gr.Image | gr.Video | gr.Audio):
        return {"path": text, "orig_name": text, "meta": {"_type": "gradio.FileData"}}
    return text


def _told(text: str) -> Iterator[Any]:
    """What a browser could tell with an event: the text under every name."""
    yield from (text, [text], dict.fromkeys(crawl.names_in_handlers(), text))


def _questions_of_endpoint(name: str, parameters: Mapping[str, Any], text: str, job_id: str) -> Iterator[Question]:
    """With the text everywhere, and where the others make sense."""
    form = {"image": {"file": text, "name": text}, "prompt": text, "mode": text, text: text}
    sensible = {"job_id": job_id, "model_id": "image-edit", "parameter": "image", "values": form, "now": form}
    everywhere = dict.fromkeys(parameters, text)
    left = {"part": "all", "seed": "exact", "text": "authored", "names": [text], "limit": 5, "number": 0}
    for told in (everywhere, sensible, {**everywhere, **sensible, **left}):
        yield crawl.question_of_endpoint(name, parameters, told, "one")


def _questions(fn: BlockFunction) -> Iterator[Question]:
    for way in _ways(fn):
        yield _question(fn, way, HALF, ALL)
        for told in _told(HALF):
            yield _question(fn, way, HALF, event_data=told)


def _is_told(answer: Answer) -> bool:
    """Whether it says what came of it; with the status 500 Gradio says refusals, in a sentence, and failures."""
    if answer.status == 500:
        return answer.text.startswith('{"error":"')
    return answer.status is not None and answer.status < 500 and not any(word in answer.text for word in FAILED)


def test_no_endpoint_fails_at_half_a_character(site: Site) -> None:
    failed = [
        (fn.name, str(question), answer)
        for fn in site.handlers
        for question in _questions(fn)
        if not _is_told(answer := site.outcome(question))
    ]
    assert failed == []


def test_no_typed_endpoint_fails_at_half_a_character(site: Site) -> None:
    failed = [
        (str(question), answer)
        for name, parameters in site.blocks.endpoints.items()
        for question in _questions_of_endpoint(name, parameters, HALF, site.job_id)
        if not _is_told(answer := site.outcome(question))
    ]
    assert failed == []


@pytest.mark.parametrize("name", ASKED)
def test_an_endpoint_answers_half_a_character_as_what_can_be_kept_of_it(site: Site, name: str) -> None:
    parameters = site.blocks.endpoints[name]
    halves, wholes = (_questions_of_endpoint(name, parameters, text, site.job_id) for text in (HALF, storable(HALF)))
    for half, whole in zip(halves, wholes, strict=True):
        first, second = _said(site.outcome(half)), _said(site.outcome(whole))
        if name != "submit_job":
            assert first == second
        assert first[0] == second[0]


def test_no_route_of_the_api_answers_half_a_character_otherwise_than_a_whole_one(site: Site) -> None:
    """Gradio repeats what a body should not have, and answers some of it with an error of its own."""
    routes = {route.path for route in crawl.routes(site.app.state.gradio) if "POST" in (route.methods or ())}
    for target in sorted(re.sub(r"\{[^}]*\}", "x", path) for path in routes):
        for names in (("data",), ("data", "fn_index", "session_hash", "event_id")):
            first, second = (
                site.outcome(Question("POST", target, body={"session_hash": "x", **dict.fromkeys(names, text)}))
                for text in (HALF, storable(HALF))
            )
            assert first.status == second.status, (target, names)


@given(
    name=st.sampled_from(LOOKS),
    text=st.text("\ud83e\ud800ab🦩", min_size=1) | st.text("\udd80\udfffab🦩", min_size=1),  # no pair can come of them
    data=st.data(),
)
def test_half_a_character_is_answered_as_what_can_be_kept_of_it(
    site: Site, name: str, text: str, data: st.DataObject
) -> None:
    fn = next(fn for fn in site.handlers if fn.name == name)
    place = data.draw(st.sampled_from((ALL, *range(len(fn.inputs)))))
    first, second = (
        site.outcome(_question(fn, "run/predict", one, place, event_data=dict.fromkeys(crawl.names_in_handlers(), one)))
        for one in (text, storable(text))
    )
    assert _said(first) == _said(second)


def _said(answer: Answer) -> tuple[int | None, Any]:
    said: Mapping[str, Any] = json.loads(answer.text)
    return answer.status, said.get("data", said.get("error"))


@pytest.mark.parametrize("told", [{}, {"event_data": None}, {"event_data": []}], ids=str)
def test_an_event_that_tells_nothing_is_answered(site: Site, told: dict[str, Any]) -> None:
    for fn in site.handlers:
        for way in _ways(fn):
            question = _question(fn, way, "", **told)
            assert _is_told(answer := site.outcome(question)), (fn.name, str(question), answer)
