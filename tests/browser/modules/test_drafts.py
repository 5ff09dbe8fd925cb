"""What is typed goes to the server, and what it remembers comes into the forms."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "kit/say.js": stand_in("say", "sayLoudly", "unsay"),
    "library/reuse_click.js": stand_in("isReusing"),
    "library/seed_mode.js": stand_in("preferSeed"),
    "form/choice.js": stand_in("selected", signals=("picked",)),
    "form/field_errors.js": stand_in("showErrors"),
    "form/plan.js": stand_in("beginQuietly", "touched", signals=("preparing",)),
    "form/reading.js": stand_in("present"),
    "form/spread.js": stand_in("spread", signals=("spreading",)),
    "form/transport.js": stand_in("ask") + "\nexport const session = 'this page';",
    "form/uploads.js": stand_in("isUploading", "hadUpload", signals=("uploaded",)),
}
PAGE = """() => {
  document.body.innerHTML = '<div class="model-group" id="group-m"><input></div><input id="other">';
  answers.selected = () => "m";
  answers.present = async () => ({ prompt: "typed" });
  answers.ask = (name) => (name === "recall_drafts" ? window.memory.promise : window.usual(name));
  window.usual = async (name) =>
    (name === "keep_draft" ? { fault: "", refused: {} } : { plan: { values: { prompt: "", steps: 4 } } });
  window.memory = Promise.withResolvers();
  answers.beginQuietly = () => true;
  answers.isUploading = () => false;
  window.told = (name) => calls.filter(([one]) => one === name).map((one) => one.slice(1));
}"""
NOTHING: dict[str, Any] = {
    "user_id": "u",
    "seed": "exact",
    "drafts": [],
    "waiting": [],
    "model_id": None,
    "notice": None,
}
LAYOUT = {"models": [["m", "image", "M"], ["n", "image", "N"], ["used", "image", "U"]]}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/drafts.js", stand_ins=STAND_INS, before=PAGE) as page:
        page.evaluate("(made) => layout.setLayout(made, () => {})", LAYOUT)
        yield page


def recall(page: Page, **memory: Any) -> None:
    page.evaluate("(memory) => window.memory.resolve(memory)", {**NOTHING, **memory})
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")


def told(page: Page, name: str) -> list[list[Any]]:
    return list(page.evaluate("told", name))


def asks(page: Page, number: int) -> list[list[Any]]:
    page.wait_for_function(
        "(number) => told('ask').filter(([name]) => name === 'keep_draft').length >= number", arg=number
    )
    return kept(page)


def kept(page: Page) -> list[list[Any]]:
    """The drafts that the server was told."""
    return [one for one in told(page, "ask") if one[0] == "keep_draft"]


def test_what_is_typed_is_kept_once_it_is_known_what_the_server_remembers(page: Page) -> None:
    page.locator("#group-m input").fill("typed")
    page.wait_for_timeout(600)  # longer than a form rests before it is kept
    assert kept(page) == []
    recall(page)
    ((name, draft),) = asks(page, 1)
    assert (name, draft["model_id"], draft["now"], draft["part"]) == ("keep_draft", "m", {"prompt": "typed"}, False)
    page.wait_for_function("drafts.areKept()")


def test_a_choice_is_kept_whose_list_is_gone_before_the_click(page: Page) -> None:
    recall(page)
    page.evaluate("""() => {
      const option = document.createElement("button");
      document.querySelector("#group-m").append(option);
      option.addEventListener("mousedown", () => option.remove());
    }""")
    page.locator("#group-m button").dispatch_event("mousedown")
    assert asks(page, 1)[0][1]["model_id"] == "m"


def test_what_is_typed_outside_of_all_forms_is_no_draft(page: Page) -> None:
    recall(page)
    page.locator("#other").fill("typed")
    assert page.evaluate("drafts.areKept()")


def test_of_a_model_that_is_only_selected_the_server_is_told_no_values(page: Page) -> None:
    recall(page)
    page.evaluate("picked.emit('n')")
    ((_, draft),) = asks(page, 1)
    assert draft["model_id"] == "n"
    assert draft.get("now") is None


def test_while_a_file_goes_up_the_rest_is_kept_and_then_all(page: Page) -> None:
    recall(page)
    page.evaluate("() => { answers.isUploading = () => true; drafts.touch('m'); }")
    assert asks(page, 1)[0][1]["part"] is True
    page.evaluate("() => { answers.isUploading = () => false; uploaded.emit('m'); }")
    assert asks(page, 2)[1][1]["part"] is False


def test_a_fault_is_said_once_and_so_is_its_end(page: Page) -> None:
    recall(page)
    page.evaluate(
        "() => { window.usual = async () => ({ fault: 'The disk is full.', refused: {} }); drafts.touch('m'); }"
    )
    asks(page, 2)  # it tries again by itself
    page.evaluate("() => { window.usual = async () => ({ fault: '', refused: {} }); }")
    page.wait_for_function("told('say').length === 2")
    assert [one["tone"] for (one,) in told(page, "say")] == ["warn", "good"]
    assert "The disk is full." in told(page, "say")[0][0]["text"]
    page.wait_for_function("drafts.areKept()")


def test_what_the_server_remembers_comes_into_forms_that_nobody_has_used(page: Page) -> None:
    page.evaluate("drafts.touch('used')")
    drafts = [{"model_id": id_, "values": {"prompt": id_}} for id_ in ("m", "used")]
    recall(page, seed="new", drafts=drafts)
    ((plan,),) = told(page, "beginQuietly")
    assert (plan["model_id"], plan["isDraft"], plan["since"]) == ("m", True, 0)
    assert told(page, "preferSeed") == [["new"]]


def test_a_draft_that_comes_late_fills_the_fields_that_are_as_they_were_at_first(page: Page) -> None:
    page.evaluate("() => { answers.present = async () => ({ prompt: 'typed', steps: 4 }); drafts.touch('m'); }")
    recall(page, drafts=[{"model_id": "m", "values": {"prompt": "before", "steps": 9}}])
    page.wait_for_function("told('beginQuietly').length === 1")
    assert told(page, "beginQuietly")[0][0]["values"] == {"steps": 9}


def test_no_draft_comes_into_a_form_in_which_a_restore_has_been(page: Page) -> None:
    page.evaluate("spreading.emit({ model_id: 'm' })")
    recall(page, drafts=[{"model_id": "m", "values": {"prompt": "before"}}])
    assert told(page, "beginQuietly") == []


def test_a_restore_waits_for_what_the_server_remembers(page: Page) -> None:
    page.evaluate("() => { Promise.all(preparing.emit('m')).then(() => calls.push(['ready'])); }")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 50))")
    assert told(page, "ready") == []
    recall(page)
    page.wait_for_function("told('ready').length === 1")


def test_a_page_that_is_left_sends_what_waits_at_once(page: Page) -> None:
    recall(page)
    page.evaluate("drafts.touch('m')")
    page.evaluate("drafts.leave()")
    assert [draft["model_id"] for _, draft in kept(page)] == ["m"]
    page.evaluate("drafts.leave()")
    assert len(kept(page)) == 1


def test_the_model_that_was_selected_is_selected_with_a_draft_or_without(page: Page) -> None:
    recall(page, drafts=[{"model_id": "m", "values": {"prompt": "before"}}], model_id="n")
    plans = [plan for (plan,) in told(page, "beginQuietly")]
    assert [(plan["model_id"], plan["select"]) for plan in plans] == [("n", "n"), ("m", None)]


SENT = "JSON.parse(sessionStorage.getItem('studio-sent')).sent"


def test_what_is_on_its_way_is_kept_for_the_next_page_until_it_is_answered(page: Page) -> None:
    recall(page)
    page.evaluate("""() => {
      window.answer = Promise.withResolvers();
      window.usual = () => answer.promise;
      drafts.touch("m");
      dispatchEvent(new Event("pagehide"));
    }""")
    ((_, draft),) = asks(page, 1)
    assert page.evaluate("JSON.parse(sessionStorage.getItem('studio-sent'))") == {
        "page": "this page",
        "sent": {"m": draft["number"]},
    }
    page.evaluate("answer.resolve({ fault: '', refused: {} })")
    page.wait_for_function(f"Object.keys({SENT}).length === 0")


def test_a_page_asks_again_while_what_the_one_before_sent_is_not_there(page: Page) -> None:
    sent = {"page": "the one before", "sent": {"m": 7}}
    page.evaluate("(sent) => { sessionStorage.setItem('studio-sent', JSON.stringify(sent)); calls.length = 0; }", sent)
    page.evaluate(
        """(answers) => {
      window.memory = { get promise() { return Promise.resolve(answers.shift()); } };
    }""",
        [{**NOTHING, "is_early": True}, {**NOTHING, "is_early": True}, {**NOTHING, "is_early": False}],
    )
    page.evaluate("(made) => layout.setLayout(made, () => {})", LAYOUT)
    page.wait_for_function("drafts.areKept()")
    assert [one for one in told(page, "ask") if one[0] == "recall_drafts"] == [["recall_drafts", sent, 120_000]] * 3


def test_what_fields_without_files_hold_goes_before_the_whole_when_the_page_goes(page: Page) -> None:
    recall(page)
    page.evaluate("""() => {
      answers.hadUpload = () => true;
      drafts.touch("m");
      dispatchEvent(new Event("pagehide"));
    }""")
    assert [draft["part"] for _, draft in asks(page, 2)] == [True, False]
