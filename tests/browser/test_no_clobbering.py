"""The form always ends as the last action left it, whole: on slow networks, with late answers, and in several tabs.

What counts as the last action: a reuse takes place when its answer comes. What was typed while it was on its way is
what its undo brings back. Of two reuses the one clicked last wins, whatever comes first.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Request, Route, expect

from media_kinds import MediaKind
from studio.inputs.partial import Part
from studio.settings import LOCAL_USER
from tests.browser.conftest import Studio, page_of
from tests.browser.form_life import Life
from tests.browser.form_model import WHOLE, Way

LATENCY = 300  # ms

PLANS = re.compile("/gradio_api/run/(reuse_job|compare_job|send_on|reset_form)")
RECALL = "**/gradio_api/run/recall_drafts*"


_CLICK_AS_DRAFTS_COME = """(selector) => {
  const { json } = Response.prototype;
  Response.prototype.json = async function () {
    const told = await json.call(this);
    if (this.url.includes("recall_drafts")) clickSoon(20);
    return told;
  };
  const clickSoon = (steps) => steps > 0 ? Promise.resolve().then(() => clickSoon(steps - 1))
    : document.querySelector(selector).click();
}"""
"""After the page's script has what was told, and before the browser does anything else."""


class Gate:
    """Keeps the first question for which `holds`, or the answer to it, until it is let go; all others pass."""

    def __init__(
        self,
        page: Page,
        holds: Callable[[str], bool],
        address: str | re.Pattern[str] = "**/gradio_api/run/**",
        keeps_answer: bool = False,
    ) -> None:
        self._page, self._holds, self._keeps_answer = page, holds, keeps_answer
        self._held: list[tuple[Route, APIResponse | None]] = []
        self._is_open = False
        page.route(address, self._meet)

    def _meet(self, route: Route) -> None:
        if self._is_open or not self._holds(route.request.post_data or ""):
            route.continue_()
            return
        self._is_open = True
        self._held.append((route, route.fetch() if self._keeps_answer else None))

    def wait(self) -> None:
        """Until the question, or its answer, is there."""
        for _ in range(400):
            if self._held:
                return
            self._page.wait_for_timeout(25)
        raise AssertionError("it was not asked")

    def let_go(self) -> None:
        """Let it through and wait until the page has the answer, if it still wants it."""
        route, answer = self._held.pop()
        if route.request.failure is not None:
            return
        with self._page.expect_event("requestfinished", lambda request: request == route.request):
            if answer is None:
                route.continue_()
            else:
                route.fulfill(response=answer)


def asks_for(job_id: str) -> Callable[[str], bool]:
    """Whether the page asks for a reuse of the job."""
    return lambda question: job_id in question


def slow_down(page: Page) -> None:
    """A network on which everything takes long."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", conditions)


def held_back(life: Life, job_id: str, way: Way = WHOLE) -> Gate:
    """The gate before the answer to a reuse that has just been clicked."""
    gate = Gate(life.page.page, asks_for(job_id), PLANS)
    life.page.ask(life.page.card(job_id), way.label, in_another=way.model_id is not None)
    gate.wait()
    return gate


WAYS = [WHOLE, Way("Settings only", Part.SETTINGS), Way("Wan Animate", model_id="wan-animate")]


def test_on_a_slow_network_every_action_ends_as_on_a_fast_one(life: Life) -> None:
    slow_down(life.page.page)
    at_once = "(jobs) => jobs.forEach((job) => document.querySelector(`[data-job='${job}'] [data-do=reuse]`).click())"
    life.page.page.evaluate(at_once, [life.job("image-edit"), life.job("upscale"), life.job("pattern", 1)])
    life.model.reuse(life.job("pattern", 1), WHOLE)
    life.check()
    life.undo()
    life.check()
    life.pick("ken-burns")
    life.edit("size", "custom")
    life.edit("width", 640)
    life.reuse(life.job("ken-burns", 2), Way("Settings only", Part.SETTINGS))
    life.check()
    life.edit("duration", 2)
    life.reload()
    life.check()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.label)
def test_of_two_answers_in_the_wrong_order_the_last_click_wins(life: Life, way: Way) -> None:
    first, second = life.job("image-edit", 1), life.job("pattern", 2)
    gate = held_back(life, first)
    life.reuse(second, way)
    life.check()
    gate.let_go()
    life.check()
    life.undo()
    life.check()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.label)
def test_what_is_typed_while_a_reuse_is_on_its_way_comes_back_by_undo(life: Life, way: Way) -> None:
    job = life.job("pattern", 1)
    gate = held_back(life, job, way)
    life.edit("prompt", "typed meanwhile")
    life.edit("style", "mosaic")
    life.edit("pieces", 99)
    gate.let_go()
    life.model.reuse(job, way)
    life.check()
    life.undo()
    life.check()
    life.pick("pattern")
    life.check()


def test_what_is_typed_while_a_part_is_asked_for_leaves_no_mixture(life: Life) -> None:
    """The server works out a part of a job for a form that has changed when its answer comes."""
    job = life.job("pattern", 1)
    gate = Gate(life.page.page, asks_for(job), PLANS)
    life.page.ask(life.page.card(job), "Prompt only")
    gate.wait()
    life.edit("style", "mosaic")
    life.edit("pieces", 99)
    gate.let_go()
    life.model.reuse(job, Way("Prompt only", Part.PROMPT))
    life.check()


def uploading(life: Life, model_id: str, job_id: str) -> Gate:
    """The gate before the answer to an upload of a file that is not the one of the job; the form waits for it."""
    life.pick(model_id)
    for name, value in SHOWING.get(model_id, {}).items():
        life.edit(name, value)
    gate = Gate(life.page.page, lambda question: True, "**/gradio_api/upload?*", keeps_answer=True)
    name, key = another_file(life, model_id, job_id)
    life.page.field(model_id, name).locator("input[type=file]").first.set_input_files(life.jobs.paths[key])
    gate.wait()
    return gate


SHOWING = {"upscale": {"media_type": "video"}}


def another_file(life: Life, model_id: str, job_id: str) -> tuple[str, str]:
    """A media input that shows, and a file for it that the job does not have there."""
    config = life.model.models[model_id]
    name = next(name for name in config.media() if name in life.model.shown)
    had = life.jobs.jobs[job_id].options.get(name)
    return name, next(key for key in life.jobs.samples[config.parameters[name].kind] if key != had)


def job_with_a_file(life: Life, model_id: str) -> str:
    """A job whose first file is of the kind that the form takes up."""
    name = {"image-edit": "image", "upscale": "video", "audio-edit": "audio"}[model_id]
    return next(id_ for id_, job in life.jobs.jobs.items() if job.model_id == model_id and job.options.get(name))


@pytest.mark.parametrize("model_id", ["image-edit", "upscale", "audio-edit"])
def test_a_reuse_during_an_upload_ends_whole(life: Life, model_id: str) -> None:
    job = job_with_a_file(life, model_id)
    gate = uploading(life, model_id, job)
    life.model.edit(*another_file(life, model_id, job))
    life.reuse(job, WHOLE)
    life.check()
    gate.let_go()
    life.check()
    life.undo()
    life.check()
    life.undo()
    life.check()
    life.reload()
    life.check()


@pytest.mark.parametrize("model_id", ["image-edit", "upscale", "audio-edit"])
def test_an_upload_that_ends_after_a_reuse_was_undone_is_in_its_field(life: Life, model_id: str) -> None:
    job = job_with_a_file(life, model_id)
    gate = uploading(life, model_id, job)
    life.reuse(job, WHOLE)
    life.check()
    life.undo()
    life.check()
    gate.let_go()
    life.model.edit(*another_file(life, model_id, job))
    life.check()
    life.reload()
    life.check()


def test_what_is_typed_during_an_upload_is_kept(life: Life) -> None:
    uploading(life, "image-edit", job_with_a_file(life, "image-edit"))
    life.edit("operation", "blur")
    life.wait_until_kept()


def test_generate_does_not_wait_for_an_upload_into_another_form(life: Life) -> None:
    life.pick("upscale")
    uploading(life, "upscale", job_with_a_file(life, "upscale"))
    life.pick("pattern")
    life.page.fill("pattern", {"prompt": "not held up", "width": 128, "height": 128})
    life.page.group("pattern").locator(".generate").click()
    card = life.page.cards.first
    expect(card.locator(".prompt")).to_have_text("not held up")
    life.jobs.context.jobs.trash(LOCAL_USER, str(card.get_attribute("data-job")))


def test_a_reset_during_an_upload_ends_whole(life: Life) -> None:
    gate = uploading(life, "image-edit", life.job("image-edit"))
    life.reset()
    life.check()
    gate.let_go()
    life.check()


def test_a_part_of_a_job_that_brings_no_file_leaves_an_upload_alone(life: Life) -> None:
    job = life.job("image-edit")
    gate = uploading(life, "image-edit", job)
    name, key = another_file(life, "image-edit", job)
    way = Way("Settings only", Part.SETTINGS)
    life.page.ask(life.page.card(job), way.label)
    gate.let_go()
    life.model.edit(name, key)
    life.model.reuse(job, way)
    life.check()


def test_an_upload_that_ends_after_a_reuse_of_another_model_is_in_its_own_form(life: Life) -> None:
    job = life.job("pattern")
    gate = uploading(life, "image-edit", job)
    name, key = another_file(life, "image-edit", job)
    life.reuse(job, WHOLE)
    life.check()
    life.wait_until_kept()
    gate.let_go()
    life.model.forms["image-edit"][name] = key
    life.check()
    life.reload()
    life.pick("image-edit")
    life.check()


def test_a_model_that_is_chosen_during_a_reuse_is_chosen_again_by_undo(life: Life) -> None:
    job = life.job("image-edit", 2)
    gate = held_back(life, job)
    life.pick("ken-burns")
    life.edit("pan", "up")
    gate.let_go()
    life.model.reuse(job, WHOLE)
    life.check()
    life.undo()
    life.check()


def test_a_reset_during_a_reuse_wins_and_nothing_waits_for_the_reuse(life: Life) -> None:
    job = life.job("pattern", 1)
    life.edit("prompt", "typed before")
    gate = held_back(life, job)
    life.reset()
    life.check()
    expect(life.page.page.locator("[data-reusing]")).to_have_count(0, timeout=2000)
    gate.let_go()
    life.check()
    life.undo()
    life.check()


def test_an_undo_during_a_reuse_wins_and_nothing_waits_for_the_reuse(life: Life) -> None:
    life.edit("prompt", "typed before")
    life.reuse(life.job("pattern", 1), WHOLE)
    life.check()
    gate = held_back(life, life.job("image-edit"))
    life.undo()
    life.check()
    expect(life.page.page.locator("[data-reusing]")).to_have_count(0, timeout=2000)
    gate.let_go()
    life.check()


def test_reuse_brings_the_seed_that_the_menu_shows_even_before_the_studio_knows_it(life: Life) -> None:
    job = life.job("flux-krea", 1)
    gate = Gate(life.page.page, lambda question: True, "**/gradio_api/run/set_seed_mode*")
    life.page.prefer(life.page.card(job), "A new seed")
    gate.wait()
    life.model.seed_mode = "new"
    life.reuse(job, WHOLE)
    life.check()
    gate.let_go()


@pytest.fixture
def other_tab(chromium: Browser, life: Life, studio: Studio) -> Iterator[Life]:
    """Another tab of the same user, opened when nothing had been typed yet; in a window, for a hidden one sleeps."""
    context = chromium.new_context()
    with page_of(context, studio, life.page.workspace) as page:
        yield Life(page, life.jobs, studio.begin_in)
    context.close()


def test_each_tab_has_its_own_form_and_the_last_one_that_was_used_is_remembered(life: Life, other_tab: Life) -> None:
    life.edit("prompt", "in the first tab")
    life.edit("style", "silk")
    life.check()  # the first look unfolds what is folded away, which counts as a use of the form
    life.wait_until_kept()
    other_tab.reuse(life.job("pattern", 2), WHOLE)
    other_tab.check()
    life.check()
    other_tab.pick("wan-animate")
    other_tab.edit("prompt", "in the second tab")
    other_tab.check()
    life.check()
    other_tab.wait_until_kept()
    life.page.reload()
    life.model = other_tab.model
    life.model.reload()
    life.check()


def test_a_model_that_another_tab_only_looks_at_keeps_its_form(life: Life, other_tab: Life) -> None:
    other_tab.pick("image-edit")
    other_tab.edit("operation", "blur")
    other_tab.wait_until_kept()
    life.pick("image-edit")
    life.pick("pattern")
    life.page.wait_until(lambda: life.jobs.context.preferences.get(LOCAL_USER, "model") == "pattern")
    other_tab.model.open_tab("image")
    other_tab.page.reload()
    other_tab.model.reload()
    other_tab.model.pick("pattern")
    other_tab.pick("image-edit")
    other_tab.check()


def test_the_form_that_was_used_last_is_kept_also_when_it_is_as_it_was_sent_before(life: Life, other_tab: Life) -> None:
    life.edit("prompt", "in the first tab")
    life.wait_until_kept()
    other_tab.edit("prompt", "in the second tab")
    other_tab.wait_until_kept()
    life.page.field("pattern", "prompt").locator("textarea").press("End")
    life.wait_until_kept()


@pytest.fixture
def late(life: Life) -> Gate:
    """A page with forms that were used before, and before its drafts; image-edit shows when they come."""
    life.edit("prompt", "typed before")
    life.edit("style", "silk")
    life.pick("image-edit")
    life.edit("operation", "blur")
    life.wait_until_kept()
    gate = opened_without_drafts(life)
    life.model.pick("pattern")
    return gate


def opened_without_drafts(life: Life) -> Gate:
    """The gate before the drafts of a page that has been opened again."""
    gate = Gate(life.page.page, lambda question: True, RECALL)
    life.page.reload()
    gate.wait()
    life.model.reload()
    return gate


def test_drafts_that_come_late_change_nothing_that_was_typed_meanwhile(life: Life, late: Gate) -> None:
    life.edit("style", "flow")
    life.edit("palette", "neon")
    late.let_go()
    life.check()
    life.wait_until_kept()
    life.pick("image-edit")
    life.check()


def test_a_click_into_a_form_before_its_draft_comes_costs_nothing_of_it(life: Life, late: Gate) -> None:
    life.page.field("pattern", "prompt").locator("textarea").click()
    late.let_go()
    life.check()
    life.wait_until_kept()
    life.reload()
    life.check()


def test_a_click_in_the_moment_in_which_a_draft_comes_costs_nothing_of_it(life: Life) -> None:
    life.edit("prompt", "typed before")
    life.edit("style", "silk")
    life.wait_until_kept()
    late = opened_without_drafts(life)
    life.page.page.evaluate(_CLICK_AS_DRAFTS_COME, "#field-pattern-prompt textarea")
    late.let_go()
    life.check()
    life.wait_until_kept()


def test_a_draft_whose_files_come_in_the_moment_after_a_reuse_changes_nothing(life: Life) -> None:
    life.edit("prompt", "typed before")
    life.edit("palette", "neon")
    life.wait_until_kept()
    memory = {"drafts": [], "model_id": None, "waiting": ["pattern"], "seed": "exact", "notice": None}
    draft = {"model_id": "pattern", "type": "image", "visible": {}, "values": {"prompt": "typed before"}}
    answers = [memory, {**memory, "drafts": [draft], "waiting": []}]
    life.page.page.route(RECALL, lambda route: route.fulfill(json={"data": [answers.pop(0)]}))
    life.page.reload()
    life.model.reload()
    life.page.page.evaluate("""() => {
      const { json } = Response.prototype, { spread } = studio.form, moment = Promise.withResolvers();
      Response.prototype.json = async function () {
        const told = await json.call(this);
        if (this.url.includes("recall_drafts")) await moment.promise;
        return told;
      };
      studio.form.spread = (model) => {
        if (model === "pattern") setTimeout(moment.resolve);
        return spread(model);
      };
    }""")
    life.page.wait_until(lambda: not answers)
    life.model.reset()
    life.reuse(life.job("pattern"), WHOLE)
    life.wait_until_kept()
    life.check()


def test_a_page_that_goes_before_a_late_draft_is_in_its_form_loses_neither(life: Life, late: Gate) -> None:
    """It waits for a pause in what the user does."""
    life.edit("prompt", "typed meanwhile")
    life.page.page.evaluate("""() => {
      const prompt = document.querySelector("#field-pattern-prompt textarea");
      setInterval(() => prompt.dispatchEvent(new Event("keyup", { bubbles: true })), 50);
    }""")
    with life.page.page.expect_event("requestfinished", lambda request: "/run/reset_form" in request.url):
        late.let_go()
    life.page.page.evaluate("() => new Promise((read) => requestAnimationFrame(() => requestAnimationFrame(read)))")
    life.page.page.goto("about:blank")
    life.wait_until_kept()


def test_a_page_that_goes_right_after_a_restore_keeps_what_it_brought(life: Life) -> None:
    """Also where the studio has what the form held in between."""
    life.edit("prompt", "typed before")
    life.reuse(life.job("pattern"), WHOLE)
    life.check()
    life.undo()
    life.wait_until_kept()
    with life.page.page.expect_navigation():
        life.page.page.evaluate("""() => {
          const prompt = document.querySelector("#field-pattern-prompt textarea");
          const go = () => prompt.value === "typed before" ? setTimeout(go) : location.reload();
          document.querySelector("[data-do=undo]").click();
          setTimeout(go);
        }""")
    life.model.undo()
    life.wait_until_kept()
    life.page.reload()
    life.model.reload()
    life.check()


def test_an_older_form_never_arrives_after_a_newer_one(life: Life) -> None:
    gate = Gate(life.page.page, lambda question: "older" in question, "**/gradio_api/run/keep_draft*")
    life.edit("prompt", "older")
    life.page.page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      delete document.hidden;
    }""")
    gate.wait()
    life.edit("prompt", "newer")
    life.page.page.wait_for_timeout(1000)  # as long as a form rests before it is kept, and more
    gate.let_go()
    life.wait_until_kept()
    life.reload()
    life.check()


@pytest.mark.parametrize("moment", ["recall", "spread"])
@pytest.mark.parametrize("type_", ["image", "video"], ids=["open", "other"])
def test_a_tab_that_is_clicked_in_the_moment_in_which_the_drafts_come_stays_open(
    life: Life, type_: MediaKind, moment: str
) -> None:
    """Also the one that is open: who clicks it wants it."""
    life.pick("audio-edit")
    life.edit("volume", "gain")
    life.wait_until_kept()
    late = opened_without_drafts(life)
    tab = f"[role=tab][data-tab-id={type_}]"
    if moment == "recall":
        life.page.page.evaluate(_CLICK_AS_DRAFTS_COME, tab)
    else:
        life.page.page.evaluate(
            """(tab) => {
              const { spread } = studio.form;
              studio.form.spread = (model) => {
                const updates = spread(model);
                if (model !== "audio-edit") return updates;
                studio.form.spread = spread;
                document.querySelector(tab).click();
                return updates;
              };
            }""",
            tab,
        )
    life.model.open_tab(type_)
    late.let_go()
    life.wait_until_kept()
    life.check()
    expect(life.page.page.locator(f"[role=tab][data-tab-id={type_}]").last).to_have_attribute("aria-selected", "true")
    life.pick("audio-edit")
    life.check()


def test_a_tab_that_is_clicked_as_the_drafts_come_stays_open_where_the_page_is_slow(life: Life) -> None:
    """Gradio opens the draft's tab, and may say so, before the page's script goes on."""
    life.pick("audio-edit")
    life.edit("volume", "gain")
    life.wait_until_kept()
    late = opened_without_drafts(life)
    life.page.page.evaluate(
        """() => {
          const { spread } = studio.form, { setTimeout } = window;
          const isOpened = () => {
            const opened = document.querySelector("[role=tab][data-tab-id=audio]").ariaSelected === "true";
            window.audioWasOpened ||= opened;
            return opened;
          };
          const later = (goOn, frames = 3) =>
            requestAnimationFrame(() => (frames ? later(goOn, frames - isOpened()) : goOn()));
          studio.form.spread = (model) => {
            if (model !== "audio-edit") return spread(model);
            studio.form.spread = spread;
            window.setTimeout = (goOn) => void later(goOn);
            const updates = spread(model);
            window.setTimeout = setTimeout;
            document.querySelector("[role=tab][data-tab-id=video]").click();
            return updates;
          };
        }"""
    )
    life.model.open_tab("video")
    late.let_go()
    life.page.page.wait_for_function("window.audioWasOpened")
    expect(life.page.page.get_by_role("tab", name="Video")).to_have_attribute("aria-selected", "true")
    life.wait_until_kept()
    life.check()


def test_a_click_on_the_open_tab_before_the_drafts_come_keeps_it_open(life: Life) -> None:
    life.pick("audio-edit")
    life.wait_until_kept()
    gate = opened_without_drafts(life)
    life.open_tab("image")
    gate.let_go()
    life.wait_until_kept()
    life.check()


@pytest.mark.parametrize("way", [WHOLE, Way("Prompt only", Part.PROMPT)], ids=lambda way: way.label)
@pytest.mark.parametrize("is_typed", [False, True], ids=["untouched", "typed"])
def test_a_reuse_before_the_drafts_come_waits_for_them_and_its_undo_brings_them(
    life: Life, late: Gate, way: Way, is_typed: bool
) -> None:
    job = life.job("pattern", 1)
    if is_typed:
        life.edit("palette", "neon")
    if way.part is Part.ALL:
        with life.page.page.expect_response(PLANS):
            life.page.ask(life.page.card(job), way.label)
    else:  # it is not asked for before
        life.page.ask(life.page.card(job), way.label)
    late.let_go()
    life.model.reuse(job, way)
    life.check()
    life.wait_until_kept()
    life.undo()
    life.check()
    life.pick("image-edit")
    life.check()


_SLOW_TICKS = """
  const timed = setTimeout;
  window.setTimeout = (act, time = 100, ...rest) => timed(act, time, ...rest);
  window.requestAnimationFrame = (act) => timed(() => act(performance.now()), 100);
"""
"""What Svelte waits for before it goes on comes late; the studio's own timers have a time and keep it."""

_HEAR_LATE = """() => {
  const { hear } = studio.form;
  studio.form.hear = (...values) => { setTimeout(() => hear(...values), 50); return []; };
}"""

_COUNT_LOOKS = """async () => {
  await studio.form.present("audio-edit"); // its fields are there
  const { spread } = studio.form, timed = setTimeout;
  let looks = 0;
  window.setTimeout = (act, time, ...rest) => { looks += time === 16; return timed(act, time, ...rest); };
  studio.form.spread = (model) => { window.looks = looks; return spread(model); };
}"""


@pytest.fixture
def hiding(life: Life) -> str:
    """A job that hides three inputs which the draft of its form shows, in a tab that does not open with the page."""
    life.pick("audio-edit")
    for parent, value in {"trim": True, "speed": 2, "volume": "gain"}.items():
        life.edit(parent, value)
    life.pick("pattern")
    return life.job("audio-edit")


def test_a_reuse_that_is_there_before_the_fields_waits_until_their_draft_is_in_them(life: Life, hiding: str) -> None:
    """What Gradio was still about to show came to show after it had been hidden."""
    life.page.page.add_init_script(_SLOW_TICKS)
    fields = Gate(life.page.page, lambda question: '"name":"audio-edit"' in question)
    life.reload()
    life.page.page.evaluate(_HEAR_LATE)
    with life.page.page.expect_response(PLANS):
        life.reuse(hiding, WHOLE)
    fields.wait()
    fields.let_go()
    life.check()


def test_an_input_that_is_hidden_in_the_moment_in_which_it_comes_to_show_stays_hidden(life: Life) -> None:
    life.page.page.add_init_script(_SLOW_TICKS)
    life.reload()
    life.pick("audio-edit")
    life.page.page.evaluate("""async () => {
      const box = document.querySelector("#field-audio-edit-trim input");
      box.click();
      await new Promise((resolve) => setTimeout(resolve, 150)); // between Svelte's first tick and its second
      box.click();
      for (let ticks = 6; ticks > 0; ticks -= 1) await new Promise((resolve) => setTimeout(resolve));
    }""")
    life.check()


def test_a_reuse_waits_for_no_field_that_comes_only_when_its_tab_is_opened(life: Life, hiding: str) -> None:
    life.reload()
    life.page.page.evaluate(_COUNT_LOOKS)
    life.reuse(hiding, WHOLE)
    life.check()
    assert life.page.page.evaluate("() => looks") < 20, "it looked for them until it gave up, which takes seconds"


def test_drafts_that_do_not_come_hold_no_reuse_up_for_ever(life: Life, late: Gate) -> None:
    life.model.reset()
    life.reuse(life.job("pattern"), WHOLE)
    life.check()
    late.let_go()
    life.wait_until_kept()
    life.check()
    life.pick("image-edit")
    life.check()


def test_a_tab_that_is_opened_before_the_drafts_come_stays_open_and_costs_none(life: Life, late: Gate) -> None:
    life.open_tab("video")
    late.let_go()
    life.check()
    life.wait_until_kept()
    life.open_tab("image")
    life.check()
    life.pick("image-edit")
    life.check()


@pytest.mark.parametrize("model_id", ["image-edit", "upscale", "audio-edit"])
def test_a_file_that_is_taken_out_is_forgotten(life: Life, model_id: str) -> None:
    life.pick(model_id)
    for parent, value in SHOWING.get(model_id, {}).items():
        life.edit(parent, value)
    name, key = another_file(life, model_id, job_with_a_file(life, model_id))
    life.edit(name, key)
    life.wait_until_kept()
    life.edit(name, None)
    life.wait_until_kept()


@pytest.mark.parametrize("is_slow", [False, True], ids=["fast", "slow"])
def test_what_is_typed_right_before_a_reload_is_back(life: Life, is_slow: bool) -> None:
    if is_slow:
        slow_down(life.page.page)
    life.edit("prompt", "typed before\nthe end, ünd gone")
    life.pick("ken-burns")
    life.edit("zoom_to", 2)
    life.edit("pan", "up")
    life.page.reload()
    life.model.reload()
    life.check()
    life.pick("pattern")
    life.check()


def test_what_is_typed_right_before_a_reload_is_back_also_beside_a_file(life: Life) -> None:
    """To read a field that has taken a file, Gradio needs longer than a page has that goes."""
    life.pick("image-edit")
    life.edit("image", next(iter(life.jobs.samples["image"])))
    life.edit("operation", "text")
    life.wait_until_kept()
    with life.page.page.expect_navigation():
        life.page.page.evaluate("""() => {
          const box = document.querySelector("#field-image-edit-text textarea");
          box.value = "typed before the end";
          box.dispatchEvent(new Event("input", { bubbles: true }));
          dispatchEvent(new Event("pagehide")); // as when the answer is there at once
          window.setTimeout = window.requestAnimationFrame = () => 0;
          location.reload();
        }""")
    life.model.edit("text", "typed before the end")
    life.page.reload()
    life.model.reload()
    life.check()


def test_a_reload_waits_for_what_the_page_told_as_it_went(life: Life, studio: Studio) -> None:
    """The studio could not write it down at once, and had answered what it remembered from before."""
    with closing(sqlite3.connect(studio.data_dir / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        life.edit("prompt", "typed at the end")
        life.page.reload()
        other.execute("ROLLBACK")
    life.model.reload()
    life.check()


def test_what_is_typed_while_the_network_is_away_stays_and_is_kept(life: Life) -> None:
    page = life.page.page
    page.evaluate("window.isTheSamePage = true")
    page.context.set_offline(True)
    try:
        expect(life.page.notice).to_contain_text("The studio does not answer.")
        life.edit("prompt", "typed meanwhile")
        life.edit("style", "silk")
        life.check()
    finally:
        page.context.set_offline(False)
    expect(life.page.notice).to_contain_text("The studio answers again.")
    life.wait_until_kept()
    life.check()
    assert page.evaluate("window.isTheSamePage")
    life.page.errors.clear()


def test_what_is_typed_right_before_the_page_is_left_is_kept(life: Life) -> None:
    life.edit("prompt", "typed at the end")
    life.page.page.goto("about:blank")
    life.wait_until_kept()


def test_a_page_that_is_hidden_tells_what_was_typed_once(life: Life) -> None:
    told = list[Request]()
    life.page.page.on("request", lambda one: "typed before" in (one.post_data or "") and told.append(one))
    life.page.page.evaluate("""() => {
      const box = document.querySelector("#field-pattern-prompt textarea");
      box.value = "typed before";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    life.model.edit("prompt", "typed before")
    life.wait_until_kept()
    assert len(told) == 1


def test_more_than_a_browser_sends_for_a_page_that_is_gone_is_kept_while_it_is_there(life: Life) -> None:
    life.edit("prompt", "x" * 70_000)
    life.reload()
    life.check()


def test_what_was_typed_is_back_when_the_server_has_been_restarted(life: Life, studio: Studio) -> None:
    life.edit("prompt", "typed before\nthe end")
    life.pick("upscale")
    life.edit("image", next(iter(life.jobs.samples["image"])))
    life.edit("factor", 3)
    life.wait_until_kept()
    life.page.page.goto("about:blank")  # its questions would find no server
    studio.stop()
    studio.start()
    life.page.reload()
    life.model.reload()
    life.check()
    life.pick("pattern")
    life.check()


def test_the_model_that_was_chosen_last_shows_after_a_reload(life: Life) -> None:
    for model_id in ("pattern", "upscale", "pattern"):
        life.pick(model_id)
        life.edit("seed" if model_id == "pattern" else "factor", 7)
        life.wait_until_kept()
    life.reload()
    life.check()
