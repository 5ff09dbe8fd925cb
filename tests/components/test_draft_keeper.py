"""Drafts that pages send: whatever order they arrive in, what each page sent last is what is kept."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.form.drafts import DraftKeeper
from model_configs.schema import ModelConfig
from studio.context import StudioContext
from tests.memory_studio import USER, memory_studio
from tests.shipped import SHIPPED

MODELS = [config for config in SHIPPED.values() if "prompt" in config.parameters]
PAGE = "page"


def draft(number: int, model_id: str, prompt: str) -> dict[str, Any]:
    return {"number": number, "model_id": model_id, "selected": model_id, "now": {"prompt": prompt}}


@st.composite
def sent_and_arrived(draw: st.DrawFn) -> tuple[list[dict[str, Any]], Sequence[dict[str, Any]]]:
    ids = draw(st.lists(st.sampled_from([config.id for config in MODELS]), min_size=1, max_size=8))
    sent = [draft(number, model_id, f"text {number}") for number, model_id in enumerate(ids, 1)]
    return sent, draw(st.permutations(sent))


@given(both=sent_and_arrived())
def test_the_last_draft_of_each_model_is_kept_whatever_order_they_arrive_in(
    both: tuple[list[dict[str, Any]], Sequence[dict[str, Any]]],
) -> None:
    sent, arrived = both
    studio = memory_studio(*MODELS)
    keeper = DraftKeeper(studio)
    for told in arrived:
        assert keeper.keep(USER, PAGE, **told) == {"fault": "", "refused": {}}
    last = {told["model_id"]: told["now"]["prompt"] for told in sent}
    assert {model_id: held["prompt"] for model_id, held in studio.drafts.all(USER).items()} == last
    assert studio.preferences.get(USER, "model") == sent[-1]["model_id"]


def test_pages_and_users_do_not_count_each_other(subtests: pytest.Subtests) -> None:
    studio = memory_studio(*MODELS)
    keeper = DraftKeeper(studio)
    keeper.keep(USER, "one", **draft(9, "pattern", "first"))
    for user, page in ((USER, "other"), ("bob", "one")):
        with subtests.test(user=user, page=page):
            keeper.keep(user, page, **draft(1, "pattern", "later"))
            assert studio.drafts.all(user)["pattern"]["prompt"] == "later"


def test_a_page_that_does_not_count_is_heard_all_the_same() -> None:
    studio = memory_studio(*MODELS)
    keeper = DraftKeeper(studio)
    for prompt in ("one", "two"):
        keeper.keep(USER, PAGE, **draft(0, "pattern", prompt))
        assert studio.drafts.all(USER)["pattern"]["prompt"] == prompt


def test_without_a_form_the_draft_before_stays_and_the_model_is_remembered() -> None:
    studio = memory_studio(*MODELS)
    keeper = DraftKeeper(studio)
    keeper.keep(USER, PAGE, **draft(1, "pattern", "typed"))
    keeper.keep(USER, PAGE, "z-image", None, selected="z-image", number=2)
    assert studio.drafts.all(USER)["pattern"]["prompt"] == "typed"
    assert studio.preferences.get(USER, "model") == "z-image"


def test_a_newer_draft_does_not_wait_for_an_older_one_whose_file_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = memory_studio(*MODELS)
    keeper, store_files = DraftKeeper(studio), StudioContext.store_files
    is_at_it, may_go_on = threading.Event(), threading.Event()

    def slow(self: StudioContext, user_id: str, config: ModelConfig, values: Mapping[str, Any]) -> Any:
        if values["prompt"] == "older":
            is_at_it.set()
            assert may_go_on.wait(30)
        return store_files(self, user_id, config, values)

    monkeypatch.setattr(StudioContext, "store_files", slow)
    with ThreadPoolExecutor() as threads:
        older = threads.submit(keeper.keep, USER, PAGE, **draft(1, "pattern", "older"))
        assert is_at_it.wait(30)
        keeper.keep(USER, PAGE, **draft(2, "pattern", "newer"))
        assert studio.drafts.all(USER)["pattern"]["prompt"] == "newer"
        may_go_on.set()
        older.result()
    assert studio.drafts.all(USER)["pattern"]["prompt"] == "newer"


def test_a_page_has_all_that_it_sent_once_each_draft_is_dealt_with() -> None:
    keeper = DraftKeeper(memory_studio(*MODELS))
    sent = {"pattern": 2, "no-such-model": 3}
    assert keeper.has(USER, PAGE, {})
    keeper.keep(USER, PAGE, **draft(2, "pattern", "typed"))
    assert keeper.has(USER, PAGE, {"pattern": 1})
    assert not keeper.has(USER, PAGE, sent)
    keeper.keep(USER, PAGE, **draft(3, "no-such-model", "typed"))
    assert keeper.has(USER, PAGE, sent), "also what cannot be kept"
    assert not keeper.has("bob", PAGE, sent)
    assert not keeper.has(USER, "other", sent)
