"""A plan is asked for, and waits until its form can take it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "kit/say.js": stand_in("say", "sayLoudly", "unsay"),
    "library/reuse_click.js": stand_in("reuseDone"),
    "form/at_rest.js": stand_in("atRest"),
    "form/lazy_groups.js": stand_in("bring", "isThere", signals=("arrived",)),
    "form/layout.js": stand_in("isModel", "modelIndex", "send"),
    "form/reading.js": stand_in("forget", "lastLook", "look"),
    "form/transport.js": stand_in("ask")
    + "\nexport const NO_ANSWER = 'No answer.'; export const errorText = () => NO_ANSWER;",
    "form/uploads.js": stand_in("withdraw"),
}
PAGE = """() => {
  answers.isThere = answers.isModel = () => true;
  answers.modelIndex = () => 3;
  answers.lastLook = async () => ({ prompt: "held" });
  answers.withdraw = async () => [];
  window.told = (name) => calls.filter(([one]) => one === name).map((one) => one.slice(1));
}"""
PLAN: dict[str, Any] = {"job_id": "j", "model_id": "m", "select": "m", "visible": {}, "values": {"prompt": "restored"}}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/clicks.js", "form/plan.js", stand_ins=STAND_INS, before=PAGE) as page:
        page.evaluate("() => plan.preparing.listen((one) => void calls.push(['preparing', one]))")
        yield page


def begin(page: Page, **about: Any) -> None:
    page.evaluate("(one) => plan.begin(one)", {**PLAN, **about})


def told(page: Page, name: str) -> list[list[Any]]:
    return list(page.evaluate("told", name))


def test_a_plan_waits_for_its_fields_their_draft_and_their_rest_and_is_sent_into_them(page: Page) -> None:
    begin(page, click=page.evaluate("clicks.nextClick()"))
    order = [name for name, *_ in page.evaluate("calls")]
    assert order == ["bring", "preparing", "atRest", "withdraw", "lastLook", "modelIndex", "send"]
    assert told(page, "send") == [["spread_3"]]
    taken = page.evaluate("plan.take('m')")
    assert (taken["values"], taken["now"]) == ({"prompt": "restored"}, {"prompt": "held"})
    assert page.evaluate("plan.take('m')") is None


def test_of_two_clicks_the_plan_of_the_first_does_not_come(page: Page) -> None:
    first, second = page.evaluate("[clicks.nextClick(), clicks.nextClick()]")
    begin(page, click=first)
    assert page.evaluate("calls") == []
    begin(page, click=second)
    assert told(page, "send") == [["spread_3"]]
    page.evaluate("clicks.nextClick()")
    assert page.evaluate("plan.take('m')") is None


def test_a_click_while_a_plan_waits_for_its_form_takes_it_back(page: Page) -> None:
    page.evaluate("() => { answers.bring = () => new Promise((resolve) => { window.come = resolve; }); }")
    page.evaluate("(one) => { window.begun = plan.begin({ ...one, click: clicks.nextClick() }); }", PLAN)
    page.evaluate("async () => { clicks.nextClick(); come(); await begun; }")
    assert told(page, "send") == []


def test_an_error_ends_the_reuse(page: Page) -> None:
    begin(page, click=None, error="It is gone.", notice={"text": "It is gone."})
    assert told(page, "sayLoudly") == [[{"text": "It is gone."}]]
    assert told(page, "reuseDone") == [["j", "error"]]


def test_an_answer_becomes_a_plan_with_its_files_as_fields_hold_them(page: Page) -> None:
    file = {"file": "key.png", "name": "a photo.png", "url": "/key.png", "size": 1, "mime_type": "image/png"}
    made = {"model_id": "m", "type": "image", "visible": {}, "values": {"prompt": "restored", "image": file}}
    answer = {"plan": made, "notice": {"text": "Restored."}}
    page.evaluate("(answer) => { answers.ask = async () => answer; }", answer)
    page.evaluate("() => plan.askForPlan('reuse_job', { job_id: 'j' }, { click: clicks.nextClick(), model: 'm' })")
    page.wait_for_function("told('send').length === 1")
    assert told(page, "ask") == [["reuse_job", {"job_id": "j"}, None]]
    taken = page.evaluate("plan.take('m')")
    assert (taken["job_id"], taken["select"], taken["notice"]) == ("j", "m", {"text": "Restored."})
    assert taken["values"]["image"]["path"] == "key.png"


def test_an_answer_without_a_plan_leaves_the_form_and_is_said(page: Page) -> None:
    page.evaluate("() => { answers.ask = async () => ({ plan: null, notice: { text: 'Nothing fits.' } }); }")
    page.evaluate("() => plan.askForPlan('reuse_job', { job_id: 'j' }, { click: clicks.nextClick(), model: 'm' })")
    page.wait_for_function("told('sayLoudly').length === 1")
    assert told(page, "sayLoudly")[0][0] == {"text": "Nothing fits."}
    assert told(page, "send") == []


def test_what_a_form_holds_is_read_for_the_server_when_all_is_in_it(page: Page) -> None:
    held = {"image": {"path": "/up/load.png", "orig_name": "load.png", "meta": {"_type": "gradio.FileData"}}}
    page.evaluate("(held) => { answers.lastLook = async () => held; }", held)
    asked = "async (click) => plan.formFor('m', { job_id: 'j', click })"
    assert page.evaluate(asked, page.evaluate("clicks.nextClick()")) == {
        "image": {"file": "/up/load.png", "name": "load.png"}
    }
    assert [name for name, *_ in page.evaluate("calls")] == ["bring", "preparing", "atRest", "lastLook"]
    page.evaluate("clicks.nextClick()")
    assert page.evaluate(asked, 1) is None


@pytest.mark.parametrize("broken", ["ask", "bring"])
def test_what_does_not_answer_is_said_to_the_click_that_waits_for_it(page: Page, broken: str) -> None:
    page.evaluate("(name) => { answers.ask = answers[name] = async () => { throw new Error('away'); }; }", broken)
    if broken == "ask":
        page.evaluate("() => plan.askForPlan('reuse_job', { job_id: 'j' }, { click: clicks.nextClick(), model: 'm' })")
    else:
        begin(page, click=page.evaluate("clicks.nextClick()"))
    page.wait_for_function("told('sayLoudly').length === 1")
    assert told(page, "sayLoudly")[0][0] == {"text": "No answer.", "tone": "bad"}
    assert told(page, "reuseDone") == [["j", "error"]]


def test_a_quiet_plan_gives_way_to_the_user_and_to_a_click(page: Page) -> None:
    assert page.evaluate("(one) => plan.beginQuietly(one)", PLAN) is True
    missed = page.evaluate("plan.touched('m')")
    assert (missed["quiet"], missed["values"]) == (True, {"prompt": "restored"})
    assert page.evaluate("plan.take('m')") is None
    begin(page, click=page.evaluate("clicks.nextClick()"))
    assert page.evaluate("(one) => plan.beginQuietly(one)", PLAN) is False


def test_a_draft_waits_for_its_fields_and_comes_with_them(page: Page) -> None:
    page.evaluate("() => { answers.isThere = () => false; }")
    page.evaluate("(one) => plan.beginQuietly({ ...one, select: null })", PLAN)
    assert told(page, "send") == []
    page.evaluate("() => { answers.isThere = () => true; arrived.emit('m'); }")
    assert told(page, "send") == [["spread_3"]]
    assert page.evaluate("plan.take('m').values") == {"prompt": "restored"}
