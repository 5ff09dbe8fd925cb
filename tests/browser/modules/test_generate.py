"""What Generate waits for, and what it does."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.modules.module_page import module_page, stand_in

PAGE = """() => {
  const group = (number, hidden) =>
    `<div class="model-group" id="group-${number}" ${hidden}><button class="generate">Generate</button></div>`;
  document.body.innerHTML = `<textarea></textarea>${group(0, "hidden")}${group(1, "")}<dialog></dialog>`;
  for (const button of document.querySelectorAll("button"))
    button.addEventListener("click", () => calls.push(["generate", button.parentElement.id]));
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {
        "kit/say.js": stand_in("say", "sayLoudly", "unsay"),
        "library/reuse_click.js": stand_in("isReusing"),
        "form/count.js": stand_in("jobCount", "ranWith")
        + "\nexport const each = (model, values, count = 1) => Array(count).fill(values);",
        "form/drafts.js": stand_in("touch"),
        "form/field_errors.js": stand_in("replaceErrors"),
        "form/sources.js": stand_in("forgetSources") + "\nexport const sourcesOf = () => window.from ?? [];",
        "form/reading.js": "export const named = (model, present) => ({ prompt: present[0], seed: present[1] });",
        "form/transport.js": stand_in("ask") + "\nexport const errorText = ({ message }) => message;",
        "form/uploads.js": stand_in("isUploading"),
    }
    with module_page(chromium, "form/generate.js", stand_ins=stand_ins, before=PAGE) as page:
        yield page


def generated(page: Page) -> list[str]:
    return list(page.evaluate("calls.filter(([name]) => name === 'generate').map(([, group]) => group)"))


@pytest.mark.parametrize("busy", ["answers.isReusing = () => true", "answers.isUploading = (model) => model === '1'"])
def test_it_waits_and_goes_on_by_itself_once(page: Page, busy: str) -> None:
    page.evaluate(f"() => {{ {busy}; }}")
    button = page.locator("button:visible")
    button.click()
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    assert generated(page) == []
    page.evaluate("() => { answers = {}; }")
    expect(button).not_to_have_attribute("aria-busy", "true")
    assert generated(page) == ["group-1"]


def test_a_file_of_another_form_is_not_waited_for(page: Page) -> None:
    page.evaluate("() => { answers.isUploading = (model) => model === '0'; }")
    page.locator("button:visible").click()
    assert generated(page) == ["group-1"]


@pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
def test_a_key_presses_the_one_that_shows(page: Page, key: str) -> None:
    page.locator("textarea").press(key)
    assert generated(page) == ["group-1"]


def test_the_key_presses_nothing_behind_an_open_dialog(page: Page) -> None:
    page.evaluate("document.querySelector('dialog').showModal()")
    page.keyboard.press("Control+Enter")
    assert generated(page) == []


def told(page: Page, name: str) -> list[list[object]]:
    return list(page.evaluate("(name) => calls.filter(([one]) => one === name).map((one) => one.slice(1))", name))


@pytest.mark.parametrize(("job_id", "forgets"), [("'j'", True), ("null", False)])
def test_what_the_form_was_filled_from_goes_along_and_is_forgotten_once_there_is_a_job(
    page: Page, job_id: str, forgets: bool
) -> None:
    source = {"job_id": "a", "kind": "reuse", "parameter": ""}
    page.evaluate("(source) => { window.from = [source]; }", source)
    page.evaluate(f"() => {{ answers.ask = async () => ({{ job_id: {job_id}, problems: {{}} }}); }}")
    page.evaluate("generate.submit('m', 'w', 'a hat', 7)")
    ((_, asked, _),) = told(page, "ask")
    assert asked["sources"] == [source]  # type: ignore[index]  # it is what was asked
    assert told(page, "forgetSources") == ([["m", [source]]] if forgets else [])
    assert told(page, "touch") == ([["m"]] if forgets else [])


def test_what_the_fields_hold_becomes_a_job_in_the_workspace(page: Page) -> None:
    page.evaluate("() => { answers.ask = async () => ({ job_id: 'j', problems: {} }); }")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == ["j"]
    ((name, asked, _),) = told(page, "ask")
    values = {"prompt": "a hat", "seed": 7}
    assert (name, asked) == ("submit_job", {"model_id": "m", "values": values, "workspace_id": "w", "sources": []})
    assert told(page, "replaceErrors") == [["m", {}, values]]


def test_what_is_not_taken_is_said_at_its_field_and_what_stands_in_the_way_above_the_form(page: Page) -> None:
    page.evaluate("() => { answers.ask = async () => ({ job_id: null, problems: { seed: 'Too large.' } }); }")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == []
    assert told(page, "replaceErrors")[0][1] == {"seed": "Too large."}
    page.evaluate("() => { answers.ask = async () => { throw new Error('The disk is full.'); }; }")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == []
    assert told(page, "sayLoudly") == [[{"text": "Not started. The disk is full.", "tone": "bad", "model": "m"}]]


def test_as_many_jobs_are_made_as_are_wanted_and_a_failure_says_how_many_there_are(page: Page) -> None:
    page.evaluate("""() => {
      answers.jobCount = () => 3;
      answers.ask = async () => ({ job_id: `job ${window.made = (window.made ?? 0) + 1}`, seed: made, problems: {} });
    }""")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == ["job 1"]
    assert len(told(page, "ask")) == 3
    assert told(page, "ranWith") == [["m", 1]]
    page.evaluate("""() => {
      answers.ask = async () => {
        if (made === 5) throw new Error("The disk is full.");
        return { job_id: `job ${made += 1}`, seed: made, problems: {} };
      };
    }""")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == ["job 4"]
    assert told(page, "sayLoudly") == [[{"text": "2 of 3 started. The disk is full.", "tone": "bad", "model": "m"}]]


def test_a_second_press_while_a_job_is_being_made_makes_no_other(page: Page) -> None:
    page.evaluate("() => { answers.ask = () => new Promise((resolve) => { window.come = resolve; }); }")
    page.evaluate("() => { window.first = generate.submit('m', 'w', 'a hat', 7); }")
    assert page.evaluate("generate.submit('m', 'w', 'a hat', 7)") == []
    page.evaluate("() => come({ job_id: 'j', problems: {} })")
    assert page.evaluate("first") == ["j"]
    assert len(told(page, "ask")) == 1
