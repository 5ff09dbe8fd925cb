"""What is asked of the server when a job is to be reused."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "library/reuse_click.js": stand_in("reuseClick"),
    "library/seed_mode.js": stand_in("seedMode"),
    "form/choice.js": stand_in("selected"),
    "form/choose.js": stand_in("choose"),
    "form/clicks.js": stand_in("isLast"),
    "form/layout.js": stand_in("isModel", "models"),
    "form/plan.js": stand_in("askForPlan", "formFor", "refuse"),
    "form/transport.js": stand_in("ask") + "\nexport const errorText = ({ message }) => message;",
}
PAGE = """() => {
  answers.reuseClick = () => 5;
  answers.seedMode = () => "exact";
  answers.selected = () => "shown";
  answers.isModel = (model) => model !== "gone";
  answers.isLast = () => true;
  answers.formFor = async () => ({ prompt: "held" });
  window.told = (name) => calls.filter(([one]) => one === name).map((one) => one.slice(1));
}"""
JOB = {"id": "j", "model_id": "m"}
ASKED = {"job_id": "j", "seed": "exact", "instead": "shown"}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/reuse.js", stand_ins=STAND_INS, before=PAGE) as page:
        yield page


def reuse(page: Page, job: dict[str, Any] = JOB, **wanted: Any) -> None:
    page.evaluate("([job, wanted]) => reuse.reuse(job, wanted)", [job, wanted])


def told(page: Page, name: str) -> list[list[Any]]:
    return list(page.evaluate("told", name))


def test_all_of_a_job_is_asked_for_at_once(page: Page) -> None:
    reuse(page)
    assert told(page, "askForPlan") == [["reuse_job", ASKED, {"click": 5, "model": "m"}]]
    assert told(page, "formFor") == []


def test_a_part_is_asked_for_with_what_the_form_holds(page: Page) -> None:
    reuse(page, part="prompt", seed="new")
    ((name, asked, about),) = told(page, "askForPlan")
    assert (name, about) == ("reuse_job", {"click": 5, "model": "m"})
    assert asked == {**ASKED, "seed": "new", "part": "prompt", "now": {"prompt": "held"}}


@pytest.mark.parametrize(
    ("job", "wanted", "model"),
    [(JOB, {"model_id": "other"}, "other"), ({"id": "j", "model_id": "gone"}, {}, "shown")],
)
def test_the_form_that_is_read_is_the_one_that_the_server_will_fill(
    page: Page, job: dict[str, Any], wanted: dict[str, Any], model: str
) -> None:
    reuse(page, job, part="settings", **wanted)
    assert told(page, "formFor") == [[model, {"job_id": "j", "click": 5}]]


def test_a_job_whose_model_is_gone_fills_the_first_one_where_the_open_tab_has_none(page: Page) -> None:
    page.evaluate("() => { answers.selected = () => undefined; answers.models = () => [{ id: 'first' }]; }")
    reuse(page, {"id": "j", "model_id": "gone"})
    about = {"click": 5, "model": "first"}
    assert told(page, "askForPlan") == [["reuse_job", {**ASKED, "instead": "first"}, about]]


def test_a_form_that_did_not_come_or_another_click_ends_it(page: Page) -> None:
    page.evaluate("() => { answers.formFor = async () => null; }")
    reuse(page, part="prompt")
    assert told(page, "askForPlan") == []


def test_a_preset_is_asked_for_as_a_job_is_and_selects_none(page: Page) -> None:
    page.evaluate("() => reuse.reusePreset({ id: 'p', model_id: 'm' })")
    asked = {"job_id": "a preset", "preset_id": "p", "instead": "shown"}
    assert told(page, "askForPlan") == [["reuse_preset", asked, {"click": 5, "model": "m"}]]
    page.evaluate("() => reuse.reusePreset({ id: 'p', model_id: 'gone' }, { part: 'choose', model_id: 'm' })")
    asked |= {"model_id": "m", "now": {"prompt": "held"}}
    assert told(page, "ask") == [["compare_preset", asked]]


def test_what_there_is_to_choose_comes_as_a_table(page: Page) -> None:
    page.evaluate("() => { answers.ask = async () => ({ rows: [] }); }")
    reuse(page, part="choose")
    asked = {**ASKED, "now": {"prompt": "held"}}
    assert told(page, "ask") == [["compare_job", asked]]
    how = {"endpoint": "reuse_job", "then": "In the job"}
    assert told(page, "choose") == [[asked, {"rows": []}, how]]
    page.evaluate("() => { answers.isLast = () => false; }")
    reuse(page, part="choose")
    assert len(told(page, "choose")) == 1


def test_a_table_that_does_not_come_is_said(page: Page) -> None:
    page.evaluate("() => { answers.ask = async () => { throw new Error('It is gone.'); }; }")
    reuse(page, part="choose")
    assert told(page, "refuse") == [[{"job_id": "j", "click": 5}, "It is gone."]]
