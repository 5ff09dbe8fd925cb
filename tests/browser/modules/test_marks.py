"""The marks at changed fields: what counts as a change, from where it counts, and the way back."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from studio.inputs.diff import _same
from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "form/drafts.js": stand_in("touch"),
    "form/reading.js": stand_in("look", "lastLook", "forget", signals=("heard",)),
    "form/plan.js": stand_in("beginQuietly", signals=("used",)),
    "form/spread.js": stand_in(signals=("filled",)),
    "form/uploads.js": stand_in("isUploading", signals=("uploaded",)),
}
START = """() => {
  sessionStorage.clear();
  const names = ["prompt", "steps", "style", "petals"];
  document.body.innerHTML = `<div class="model-group" id="group-m" tabindex="-1"></div>`;
  const field = (name) => `<div class="field" id="field-m-${name}"><input></div>`;
  document.querySelector(".model-group").innerHTML = names.map(field).join("");
  layout.setLayout({ models: [["m", "image", "M"]], fields: { m: names },
    rules: { m: names.map((name) => [name, name === "petals" ? ["one", "style", ["mandala"]] : null]) } }, () => {});
  const input = (name, label, kind, initial, choices = []) => ({ name, label, kind, initial, choices });
  document.querySelector(".model-group").prepend(marks.changesOf("m", [input("prompt", "Prompt", "text", ""),
    input("steps", "Steps", "integer", 20),
    input("style", "Style", "choice", "silk", [["silk", "Silk"], ["mandala", "Mandala"]]),
    input("petals", "Petals", "integer", 12)]));
  window.now = { prompt: "", steps: 20, style: "silk", petals: 12 };
  answers.look = answers.lastLook = async () => window.now;
  window.hold = (values) => heard.emit("m", Object.assign(window.now, values));
}"""
MODULES = [f"form/{name}.js" for name in ("layout", "bases", "values", "marks")]
JOB: dict[str, Any] = {"prompt": "calm ocean", "steps": 20, "style": "mandala", "petals": 20}

SIMPLE = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 1.0]) | st.sampled_from(["", "a", "1"])
VALUES = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)


@pytest.fixture(scope="module")
def script(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, *MODULES, stand_ins=STAND_INS) as page:
        yield page


@pytest.fixture
def page(script: Page) -> Page:
    begin(script)
    return script


def begin(page: Page) -> None:
    page.evaluate("calls.length = 0")
    page.evaluate(START)
    page.evaluate("bases.rebase({ model_id: 'm', values: {}, bases: {} })")


def reuse(page: Page, values: dict[str, Any] = JOB, title: str = "calm ocean") -> None:
    """Fill the form, or the fields that are named, from a job."""
    page.evaluate(
        "(plan) => { bases.rebase(plan); hold(plan.values); }", {"model_id": "m", "values": values} | {"title": title}
    )


def marked(page: Page) -> list[str]:
    return page.locator(".mark").evaluate_all("(marks) => marks.map((mark) => mark.parentElement.id.slice(8))")


def line(page: Page) -> Locator:
    return page.locator(".changes-line")


def test_a_form_at_its_defaults_has_no_marks(page: Page) -> None:
    page.evaluate("hold({})")
    assert marked(page) == []
    expect(line(page)).to_be_hidden()


def test_what_differs_from_its_default_is_marked_where_no_job_was_reused(page: Page) -> None:
    page.evaluate("hold({ steps: 30 })")
    assert marked(page) == ["steps"]
    expect(line(page)).to_have_text("1 change from the defaults")
    expect(page.get_by_role("button", name="Steps: back to 20")).to_have_count(1)
    expect(page.locator(".mark-was")).to_have_text("was 20")


def test_what_differs_from_the_job_is_marked_and_counted_since_it(page: Page) -> None:
    reuse(page)
    assert marked(page) == []
    page.evaluate("hold({ prompt: '', steps: 30 })")
    assert marked(page) == ["prompt", "steps"]
    expect(line(page)).to_have_text("2 changes since calm ocean")
    page.evaluate("hold({ prompt: 'calm ocean' })")
    assert marked(page) == ["steps"]


def test_what_a_restore_brought_counts_at_once(page: Page) -> None:
    """Before the fields have been read."""
    page.evaluate("hold({ steps: 30 })")
    expect(line(page)).to_have_text("1 change from the defaults")
    page.evaluate("() => { answers.look = answers.lastLook = () => new Promise(() => {}); }")
    plan = {"model_id": "m", "values": {"prompt": "calm ocean"}, "title": "calm ocean"}
    page.evaluate("(plan) => { bases.rebase(plan); filled.emit('m', { ...now, ...plan.values }); }", plan)
    expect(line(page)).to_have_text("1 change from the defaults")
    page.evaluate("(plan) => { bases.rebase(plan); filled.emit('m', plan.values); }", {**plan, "values": JOB})
    expect(line(page)).to_be_hidden()
    assert marked(page) == []


def test_a_field_that_does_not_show_has_no_mark(page: Page) -> None:
    reuse(page)
    page.evaluate("hold({ petals: 5 })")
    assert marked(page) == ["petals"]
    page.evaluate("hold({ style: 'silk' })")
    assert marked(page) == ["style"]


def test_a_part_of_a_job_counts_for_its_fields_alone(page: Page) -> None:
    reuse(page, {"prompt": "calm ocean"})
    page.evaluate("hold({ steps: 30, prompt: 'wild' })")
    expect(line(page)).to_have_text("2 changes since it was filled")
    expect(page.get_by_role("button", name="Prompt: back to calm ocean")).to_have_count(1)


def test_an_undo_brings_back_from_where_the_changes_counted(page: Page) -> None:
    page.evaluate("window.was = bases.basesOf('m')")
    reuse(page)
    page.evaluate(
        "bases.rebase({ model_id: 'm', values: { prompt: 'typed' }, bases: window.was, title: 'calm ocean' })"
    )
    page.evaluate("hold({ prompt: 'typed', steps: 20, style: 'silk' })")
    expect(line(page)).to_have_text("1 change from the defaults")


def test_the_way_back_brings_one_field_quietly(page: Page) -> None:
    reuse(page)
    page.evaluate("hold({ prompt: 'wild', steps: 30 })")
    page.get_by_role("button", name="Steps: back to 20").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("calls.some(([name]) => name === 'beginQuietly')")
    plan = page.evaluate("calls.find(([name]) => name === 'beginQuietly')[1]")
    assert (plan["model_id"], plan["values"], plan["select"]) == ("m", {"steps": 20}, None)
    page.evaluate("hold({ steps: 20 })")
    assert marked(page) == ["prompt"]
    expect(page.locator("#field-m-steps")).to_be_focused()


def test_the_line_opens_a_list_of_what_was_and_is(page: Page) -> None:
    reuse(page)
    page.evaluate("hold({ prompt: '<b>wild</b>', style: 'silk' })")
    line(page).click()
    expect(line(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".changes-list li")).to_have_text(["Promptcalm ocean→<b>wild</b>Back", "StyleMandala→SilkBack"])
    page.evaluate("hold({ prompt: 'calm ocean', style: 'mandala' })")
    expect(page.locator(".changes-list")).to_be_hidden()
    expect(line(page)).to_have_attribute("aria-expanded", "false")


def test_a_mark_follows_its_field_when_it_is_made_anew(page: Page) -> None:
    page.evaluate("hold({ steps: 30 })")
    page.evaluate("document.querySelector('#field-m-steps').remove()")
    page.evaluate(
        "document.querySelector('#group-m').insertAdjacentHTML('beforeend', '<div id=\"field-m-steps\"></div>')"
    )
    expect(page.locator("#field-m-steps > .mark")).to_have_count(1)


def test_what_is_said_goes_with_the_next_change_and_not_with_one_that_was_there_before(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { say, sayWith } = await import("/kit/say.js");
          const away = (isDone) => { if (isDone("m")) window.shown = ""; };
          sayWith(({ text }) => { window.shown = text; }, away, () => {});
          window.now.steps = 30;
          used.emit("m");
          await new Promise(requestAnimationFrame);
          say({ text: "Set it up.", model: "m" });
        }"""
    )
    expect(page.locator(".mark")).to_have_count(1)
    assert page.evaluate("shown") == "Set it up."
    page.evaluate("window.now.steps = 31; used.emit('m');")
    page.wait_for_function("shown === ''")


def test_many_touches_are_followed_by_one_look(chromium: Browser) -> None:
    with module_page(chromium, *MODULES, stand_ins=STAND_INS, has_own_clock=True) as page:  # no other form looks late
        begin(page)
        page.wait_for_function("calls.some(([name]) => name === 'lastLook')")  # that of the beginning
        page.evaluate("calls.length = 0; window.now.steps = 30; for (let i = 0; i < 20; i += 1) used.emit('m');")
        expect(page.locator(".mark")).to_have_count(1)
        assert page.evaluate("calls.filter(([name]) => name === 'lastLook').length") == 1


@pytest.mark.parametrize(
    ("user", "count"), [("ann", "1 change since calm ocean"), ("bob", "4 changes from the defaults")]
)
def test_a_tab_keeps_it_for_its_user(page: Page, chromium: Browser, user: str, count: str) -> None:
    page.evaluate("bases.recallBases('ann')")
    reuse(page)
    kept = page.evaluate("({ ...sessionStorage })")
    with module_page(chromium, *MODULES, stand_ins=STAND_INS, has_own_clock=True) as reloaded:
        reloaded.evaluate(START)
        reloaded.evaluate("(kept) => Object.assign(sessionStorage, kept)", kept)
        reloaded.evaluate("(user) => bases.recallBases(user)", user)
        reloaded.evaluate("(values) => hold({ ...values, steps: 30 })", JOB)
        expect(line(reloaded)).to_have_text(count)
        assert ("calm ocean" in str(reloaded.evaluate("({ ...sessionStorage })"))) == (user == "ann")


@given(one=VALUES, other=VALUES)
def test_values_are_the_same_as_in_a_comparison_but_for_what_is_empty(script: Page, one: Any, other: Any) -> None:
    assert script.evaluate("([one, other]) => values.same(one, other)", [one, other]) == _same(full(one), full(other))
    assert script.evaluate("(one) => values.same(one, structuredClone(one))", one)


def full(value: Any) -> Any:
    """The value with nothing for all that is empty."""
    if isinstance(value, list):
        return [full(one) for one in value] or None
    if isinstance(value, dict):
        return {name: full(one) for name, one in value.items()}
    return None if value == "" else value


def test_of_a_file_its_path_counts(script: Page) -> None:
    file = {"path": "a.png", "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
    same = "([one, other]) => values.same(one, other)"
    assert script.evaluate(same, [file, {**file, "orig_name": None, "size": 3}])
    assert not script.evaluate(same, [[file], [{**file, "path": "b.png"}]])
    assert not script.evaluate(same, [file, None])
