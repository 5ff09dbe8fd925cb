"""The JS components in a real browser: what they show, what they tell, and what survives a live update."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.middleware import Middleware

from components.addresses import SCRIPTS
from components.assets import modules
from components.bundle import bundle
from components.gradio_ext.js_component import js_component
from components.library.filters import filter_bar
from components.library.job_gallery import job_gallery
from components.library.stage import stage
from components.theme import page_assets
from model_configs.schema import ModelConfig
from tests.hostile_texts import HOSTILE_TEXTS, MARKUP
from web.scripts import PageScript

ALL = list(HOSTILE_TEXTS)
JOINED = " ".join(ALL)
TEXTS = "(nodes) => nodes.map((node) => node.textContent)"
MODELS = [ModelConfig.model_construct(id=f"model-{index}", name=text) for index, text in enumerate(ALL)]

TRANSPORT = """
export const NO_ANSWER = "";
export const errorText = ({ message }) => message;
window.asked = [];
window.answers = { get_job: () => window.details() };
export async function ask(name, data) {
  asked.push([name, data]);
  return window.answers[name] ? window.answers[name](data) : new Promise(() => {});
}
"""
"""In place of the module that asks the server: `asked` holds what it was to ask, `answers` what it is told by name."""


def card(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"job-{number}",
        "status": "completed",
        "progress": None,
        "progress_text": None,
        "type": "image",
        "model_id": "pattern",
        "model_name": "Pattern",
        "prompt": f"study {number}",
        "seed": number,
        "created_at": "2026-01-02T03:04:05+00:00",
        "favourite": False,
        "preview": None,
        "result": None,
        "outputs": [],
        "error": None,
    } | changes


@dataclass
class Server:
    """Plays the server's part: holds what the page shows and writes down what the page tells."""

    cards: list[dict[str, Any]] = field(default_factory=list)
    job: dict[str, Any] | None = None
    near: dict[str, Any] | None = None
    next: str | None = None
    inputs: list[dict[str, Any]] | None = None
    search: str = ""
    trashed: bool = False
    queue: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, str | None]] = field(default_factory=list)

    def gallery(self) -> dict[str, Any]:
        workspace = {"id": "w", "name": "Work"}
        shown = {"cards": self.cards, "near": self.near, "next": self.next, "total": len(self.cards)}
        filters = {"asked": 0, "active": bool(self.search) or self.trashed, "search": self.search, "chosen": False}
        filters |= {"notes": [], "trashed": self.trashed, "narrowed": bool(self.search)}
        return copy.deepcopy({"workspace": workspace, "exact": True, "filters": filters, "trash_days": 30} | shown)

    def stage(self) -> dict[str, Any]:
        shown = {
            "job": self.job,
            "last": None,
            "queue": self.queue,
            "more": 0,
            "workspace": "w",
            "targets": self.targets,
        }
        return copy.deepcopy(shown)

    def details(self) -> dict[str, Any]:
        entry = {"name": "file", "kind": "image", "value": 1, "hidden": False, "urls": []}
        more = {
            "inputs": self.inputs
            if self.inputs is not None
            else [entry | {"label": text, "text": text, "url": foreign(text)} for text in ALL],
            **{part: [{"label": text, "text": text} for text in ALL] for part in ("wrong", "ran")},
            "log": JOINED,
            "finished_at": None,
            "duration_s": 1.5,
            "media": None,
            "sources": [],
            "source_count": 0,
            "uses": [],
            "use_count": 0,
        }
        return copy.deepcopy(self.cards[0] | more)


def foreign(text: str) -> str | None:
    """The text where it is an address by itself, of no site."""
    return text if text.startswith(("javascript:", "data:")) else None


def build(server: Server) -> gr.Blocks:
    with gr.Blocks() as blocks:
        with gr.Row(elem_id="studio"):
            with gr.Column(elem_classes="studio-form"), gr.Row(elem_classes="form-foot"):
                js_component("form/notice")
            with gr.Column(elem_classes="studio-stage"):
                middle = stage()
            with gr.Column(elem_classes="studio-gallery"):
                filter_bar(MODELS)
                gallery = job_gallery()
        tick, to = gr.Button("Tick", elem_id="tick"), gr.Textbox(visible=False)

        def tell(name: str) -> Any:
            return lambda told: server.told.append((name, told))

        gallery.go_to(tell("go_to"), to, None, js="() => [studio.gallery.workspace()]", queue=False)
        tick.click(lambda: (server.gallery(), server.stage()), None, [gallery, middle], queue=False)
    return blocks


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Server, str]]:
    server = Server()
    blocks = build(server)
    script = PageScript()
    app = {"middleware": [Middleware(script.document)], "routes": [script.route()]}
    _, url, _ = blocks.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, footer_links=[], app_kwargs=app, **page_assets()
    )
    yield server, url
    blocks.close()


@pytest.fixture
def server(site: tuple[Server, str]) -> Server:
    site[0].__dict__.update(Server(cards=[card(number) for number in (3, 2, 1)]).__dict__)
    return site[0]


@pytest.fixture
def page(chromium: Browser, site: tuple[Server, str], server: Server) -> Iterator[Page]:
    page = chromium.new_page()
    errors: list[str] = []
    page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: errors.append(str(error)))
    script = bundle({**modules(), "form/transport.js": TRANSPORT}) + "\nwindow.modules = $modules;"
    page.route(f"**{SCRIPTS}/*", lambda route: route.fulfill(content_type="text/javascript", body=script))
    page.expose_function("details", server.details)
    page.goto(site[1])
    page.wait_for_function("window.studio?.form")
    yield page
    assert page.locator(MARKUP).count() == 0
    page.close()
    assert errors == []


def show(page: Page) -> None:
    page.get_by_role("button", name="Tick").click()
    expect(page.locator(".skeleton")).to_have_count(0)


def expect_asked(page: Page, *questions: list[Any]) -> None:
    """Waits until as many endpoints were asked."""
    page.wait_for_function("(number) => asked.length >= number", arg=len(questions))
    assert page.evaluate("asked") == list(questions)


def expect_told(page: Page, server: Server, events: list[tuple[str, str | None]]) -> None:
    """Waits until the server was told as many events, for at most five seconds."""
    for _ in range(100):
        if len(server.told) >= len(events):
            break
        page.wait_for_timeout(50)
    assert server.told == events


def test_a_skeleton_stands_until_the_jobs_are_known(page: Page) -> None:
    expect(page.locator(".skeleton").first).to_be_visible()
    show(page)
    expect(page.locator(".card")).to_have_count(3)


def hostile_card(index: int, text: str, **changes: Any) -> dict[str, Any]:
    says = {"prompt": text, "model_name": text, "error": text, "resolved": text, "progress_text": text}
    return card(index, status="failed", preview=foreign(text), model_id=f"model-{index}", **says) | changes


def texts_of(found: Locator) -> list[str]:
    """What stands there, each time as one text."""
    texts: list[str] = found.evaluate_all(TEXTS)
    return texts


def names_of(found: Locator, name: str = "aria-label") -> list[str]:
    """What an attribute says."""
    names: list[str] = found.evaluate_all("(nodes, name) => nodes.map((node) => node.getAttribute(name))", name)
    return names


def test_cards_and_what_a_deleted_one_leaves_show_every_hostile_text_as_it_was_written(
    page: Page, server: Server
) -> None:
    server.cards = [hostile_card(index, text) for index, text in enumerate(ALL)]
    page.set_viewport_size({"width": 1440, "height": 6000})
    show(page)
    expect(page.locator(".card")).to_have_count(len(ALL))
    for part in (".prompt", ".model", ".why"):
        assert texts_of(page.locator(f".card {part}")) == ALL
    assert names_of(page.locator(".card .prompt"), "title") == ALL
    for button, does in (
        ("open", "Failed, show it"),
        ("reuse", "Reuse"),
        ("reuse-more", "Reuse a part of"),
        ("favourite", "Favourite"),
        ("delete", "Delete"),
    ):
        assert names_of(page.locator(f".card .{button}")) == [f"{does}: {text}" for text in ALL]
    assert texts_of(page.locator("[name=model_id] option:not(:first-child)")) == ALL
    page.locator(".card .delete").evaluate_all("(buttons) => buttons.forEach((button) => button.click())")
    assert texts_of(page.locator(".undos .undo span")) == [f"Deleted {text}" for text in ALL]
    server.cards = [card | {"deleted": True} for card in server.cards]
    show(page)
    expect(page.locator(".card .put-back")).to_have_count(len(ALL))
    assert names_of(page.locator(".card .put-back")) == [f"Put back: {text}" for text in ALL]
    page.locator(".card .put-back").evaluate_all("(buttons) => buttons.forEach((button) => button.click())")
    assert texts_of(page.locator(".undos .undo span")) == [f"Put back {text}" for text in ALL]
    page.evaluate("(names) => names.forEach((name, id) => studio.tellOfWorkspace({ id: `w${id}`, name }))", ALL)
    told = page.locator(".undos .undo[data-job^=w] span")
    assert texts_of(told) == [f"Deleted the workspace {text}" for text in ALL]
    page.evaluate("(refused) => studio.tellOfWorkspace({ id: 'w', refused })", JOINED)
    assert texts_of(page.locator(".undos .undo[data-job=w]")) == [JOINED]
    server.cards, server.search = [], JOINED
    show(page)
    expect(page.get_by_text("No job matches")).to_be_visible()
    assert texts_of(page.locator(".gallery .empty q")) == [JOINED]


def test_stage_and_queue_show_every_hostile_text_as_it_was_written(page: Page, server: Server) -> None:
    server.queue = [hostile_card(index, text, status="running") for index, text in enumerate(ALL)]
    server.targets = [{"model_id": "pattern", "parameter": "image", "label": text, "kind": "image"} for text in ALL]
    names = [f"Cancel: {text}"[:90] for text in ALL]
    server.job = hostile_card(100, JOINED, status="running")
    show(page)
    expect(page.locator(".work-text")).to_have_text(JOINED)
    assert texts_of(page.locator(".queue .prompt")) == ALL
    assert texts_of(page.locator(".queue .meta")) == [f"{text} · {text}" for text in ALL]
    assert names_of(page.locator(".queue [data-do=cancel]")) == names
    assert names_of(page.locator(".queue [data-do=cancel]"), "title") == names
    server.job = hostile_card(100, JOINED)
    show(page)
    expect(page.locator(".scene .problem")).to_have_text(JOINED)
    server.job = hostile_card(100, JOINED, status="completed", result={"url": "/x", "kind": "image", "name": JOINED})
    show(page)
    expect(page.locator(".send-on")).to_be_visible()
    for part in (".prompt", ".meta span"):
        assert texts_of(page.locator(f".scene {part}"))[0] == JOINED
    assert texts_of(page.locator(".stage > p[role=status]")) == [f"{JOINED}: Done"]
    page.locator(".send-on").click()
    assert texts_of(page.get_by_role("menuitem")) == ALL
    assert names_of(page.locator(".scene .result"), "alt") == [f"Result: {JOINED}"]
    assert names_of(page.locator(".scene [download]"), "download") == [JOINED]


def test_details_menu_table_and_notice_show_every_hostile_text_as_it_was_written(page: Page, server: Server) -> None:
    server.cards = [hostile_card(1, JOINED)]
    show(page)
    details = details_of(page)
    expect(details.locator(".problem")).to_have_text(JOINED)
    assert texts_of(details.locator("h2, .details-prompt p")) == [JOINED] * 3
    assert texts_of(details.locator("section:first-of-type dt")) == ALL
    assert texts_of(details.locator("section:first-of-type dd")) == ALL
    assert texts_of(details.locator(".causes dt")) == texts_of(details.locator(".ran dd")) == ALL
    expect(details.locator(".log pre")).to_be_hidden()
    details.locator(".log summary").click()
    assert texts_of(details.locator(".log pre")) == [JOINED]
    assert details.locator("a, img, video, audio").count() == 0
    page.keyboard.press("Escape")

    layout = {
        "models": [(text, "image", text) for text in ALL],
        "fields": {},
        "showing": {},
        "chosen": {},
        "later": ALL,
    }
    page.evaluate("(layout) => studio.form.setLayout(layout, () => {})", layout)
    page.locator(".card .reuse-more").click()
    targets = [{"model_id": f"model-{index}", "name": text, "inputs": 1, "of": 2} for index, text in enumerate(ALL)]
    page.evaluate("(targets) => { answers.list_targets = async () => targets; }", targets)
    page.get_by_role("menuitem", name="In another model…").click()
    names = page.locator(".reuse-menu [role=menuitem] span:first-child")
    expect(names).to_have_count(len(ALL))
    assert texts_of(names) == ALL
    page.keyboard.press("Escape")

    value = [{"kind": "text", "text": text, "url": foreign(text), "urls": [foreign(text)]} for text in ALL]
    about = [{"name": f"n{index}", "label": text, "differs": True} for index, text in enumerate(ALL)]
    rows = [
        {**one, "parents": ["n0"] if index else [], "now": value[index], "then": value[index]}
        for index, one in enumerate(about)
    ]
    compared = {"model_id": "pattern", "model_name": JOINED, "rows": rows}
    page.evaluate(
        "(compared) => modules['form/choose.js'].choose({ job_id: 'job-1' }, compared, { then: 'In the job' })",
        compared,
    )
    table = page.locator("dialog.choose")
    expect(table.locator("h2")).to_have_text(f"Reuse in {JOINED}")
    for part in ("th[scope=row]", "td[data-head=Now]", "td[data-head='In the job']"):
        assert texts_of(table.locator(part)) == ALL
    assert names_of(table.locator("tbody input")) == ALL
    table.locator("tbody input").first.dispatch_event("click")
    assert texts_of(table.locator(".choose-hint")) == [f"Left out too: {', '.join(ALL[1:])}"]
    page.keyboard.press("Escape")

    lines = [{"label": text, "outcome": "removed", "detail": text} for text in ALL]
    page.evaluate("(said) => studio.say(said)", {"text": JOINED, "what": "job", "lines": lines, "kept": ALL})
    assert texts_of(page.locator(".notice-words")) == [JOINED]
    assert texts_of(page.locator(".notice-lines li span:last-child")) == ALL
    assert texts_of(page.locator(".notice-kept").first) == [f"As in the job: {' · '.join(ALL)}"]


def details_of(page: Page) -> Locator:
    """The details of the first job, opened beside the stage."""
    page.locator(".card .open").first.click()
    page.locator(".scene .details-toggle").click()
    details = page.locator("dialog.job-details")
    expect(details).to_be_visible()
    return details


def text_input(name: str, text: str, resolved: str | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.title(),
        "kind": "text",
        "text": text,
        "resolved": resolved,
        "url": None,
        "urls": [],
    }


def test_details_show_each_text_as_written_and_resolved_and_the_prompt_once(page: Page, server: Server) -> None:
    server.cards = [card(1, prompt="{a|a} hat", resolved="a hat", has_resolved_texts=True)]
    server.inputs = [
        text_input("prompt", "{a|a} hat", "a hat"),
        text_input("negative", "{a|a} hat", "a hat"),
        text_input("caption", "{|}{|}", ""),
        text_input("note", "plain"),
    ]
    show(page)
    details = details_of(page)
    expect(details.locator(".details-prompt p")).to_have_text(["{a|a} hat", "a hat"])
    found = details.locator("section:first-of-type")
    labels = ["Negative", "Negative, as resolved", "Caption", "Caption, as resolved", "Note"]
    expect(found.locator("dt")).to_have_text(labels)
    expect(found.locator("dd")).to_have_text(["{a|a} hat", "a hat", "{|}{|}", "", "plain"])


@pytest.mark.parametrize(
    ("resolved", "has_resolved_texts", "offered"),
    [
        (None, False, []),
        (None, True, ["Everything, as resolved"]),
        ("a hat", True, ["Prompt only, as resolved", "Everything, as resolved"]),
    ],
)
def test_the_menu_offers_resolved_texts(
    page: Page, server: Server, resolved: str | None, has_resolved_texts: bool, offered: list[str]
) -> None:
    server.cards = [card(1, resolved=resolved, has_resolved_texts=has_resolved_texts)]
    show(page)
    page.locator(".card .reuse-more").click()
    expect(page.get_by_role("menuitem", name="as resolved")).to_have_text(offered)
    for label in offered[-1:]:
        page.get_by_role("menuitem", name=label).click()
        assert page.evaluate("asked[0][1].text") == "resolved"


def test_every_button_has_a_name_and_a_tooltip(page: Page) -> None:
    show(page)
    buttons = page.locator(".card button:not(.open)")
    expect(buttons).to_have_count(15)
    for button in buttons.all():
        assert button.get_attribute("aria-label")
        assert button.get_attribute("title")


def test_reuse_is_busy_from_the_click_until_the_page_says_done(page: Page, server: Server) -> None:
    show(page)
    reuse = page.locator(".card .reuse").first
    reuse.click()
    expect(reuse).to_have_attribute("aria-busy", "true")
    page.evaluate("window.studio.reuseDone('job-3')")
    expect(reuse).not_to_have_attribute("aria-busy", "true")
    expect(reuse).to_have_attribute("data-end", "done")
    assert page.evaluate("asked") == [["reuse_job", {"job_id": "job-3", "seed": None, "instead": None}]]


def test_of_two_reuse_clicks_the_last_one_is_wanted(page: Page, server: Server) -> None:
    show(page)
    page.evaluate("document.querySelectorAll('.card .reuse').forEach((button, index) => index < 2 && button.click())")
    busy = page.locator(".card [aria-busy=true]")
    expect(busy).to_have_count(1)
    expect(page.locator(".card[data-job=job-2] .reuse")).to_have_attribute("aria-busy", "true")
    assert page.evaluate("asked.map(([, { job_id }]) => job_id)") == ["job-3", "job-2"]
    page.evaluate("window.studio.reuseDone('job-3')")
    expect(busy).to_have_count(1)


def test_a_live_update_keeps_the_focus_and_the_nodes(page: Page, server: Server) -> None:
    show(page)
    page.locator(".card[data-job=job-1] .reuse").focus()
    page.evaluate("document.querySelector('[data-job=job-1]').mark = 'same'")
    server.cards = [card(4), *server.cards[:2], card(1, status="failed", error="No memory")]
    page.evaluate("document.getElementById('tick').click()")
    expect(page.locator(".card")).to_have_count(4)
    expect(page.locator("[data-job=job-1] .why")).to_have_text("No memory")
    assert page.locator(".card").evaluate_all("nodes => nodes.map((node) => node.dataset.job)") == [
        "job-4",
        "job-3",
        "job-2",
        "job-1",
    ]
    assert page.evaluate("document.activeElement.closest('.card').mark") == "same"


def test_a_deleted_job_can_be_brought_back_from_the_bar_at_once(page: Page, server: Server) -> None:
    page.evaluate("() => { answers.delete_job = () => new Promise((resolve) => { window.done = resolve; }); }")
    show(page)
    delete = page.locator("[data-job=job-2] .delete")
    delete.focus()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(undo).to_have_count(0)
    expect_asked(page, ["delete_job", {"job_id": "job-2"}])
    page.evaluate("done()")
    expect_asked(page, ["delete_job", {"job_id": "job-2"}], ["undelete_job", {"job_id": "job-2"}])


def test_what_is_refused_of_a_job_is_said_where_it_would_be_undone(page: Page) -> None:
    page.evaluate("() => { answers.delete_job = async () => { throw new Error('It is away.'); }; }")
    show(page)
    page.locator("[data-job=job-2] .delete").click()
    expect(page.locator(".undos .undo")).to_have_text(["It is away."])


def test_a_card_in_the_bin_has_put_back_where_delete_stands_and_that_can_be_undone(page: Page, server: Server) -> None:
    server.cards, server.trashed = [card(2, deleted=True), card(1, deleted=True)], True
    show(page)
    expect(page.locator(".gallery .count")).to_have_text("2 deleted jobs, kept for 30 days")
    expect(page.get_by_role("list", name="Deleted jobs, newest first")).to_be_visible()
    expect(page.locator(".card .delete")).to_have_count(0)
    page.evaluate("() => { answers.undelete_job = async () => null; }")
    put_back = page.get_by_role("button", name="Put back: study 2")
    page.locator("[data-job=job-2] .open").focus()
    page.keyboard.press("Tab")
    expect(put_back).to_be_focused()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect_asked(page, ["undelete_job", {"job_id": "job-2"}], ["delete_job", {"job_id": "job-2"}])


def test_a_card_that_leaves_the_bin_or_comes_into_it_has_the_other_button(page: Page, server: Server) -> None:
    server.cards = [card(1)]
    for deleted in (True, False):
        server.cards = [card(1, deleted=deleted)]
        show(page)
        expect(page.locator(".card .put-back")).to_have_count(int(deleted))
        expect(page.locator(".card .delete")).to_have_count(int(not deleted))


def test_an_empty_bin_says_how_long_deleted_jobs_are_kept(page: Page, server: Server) -> None:
    server.cards, server.trashed = [], True
    show(page)
    expect(page.get_by_text("Nothing deleted")).to_be_visible()
    expect(page.get_by_text("Deleted jobs are kept for 30 days, and can be put back from here.")).to_be_visible()
    server.search = "fox"
    show(page)
    expect(page.get_by_text("No job matches")).to_be_visible()
    expect(page.get_by_text("Nothing deleted")).to_be_hidden()


def test_a_workspace_that_cannot_be_deleted_is_said_once_and_a_deleted_one_can_be_put_back(
    page: Page, server: Server
) -> None:
    show(page)
    page.evaluate("() => { answers.undelete_workspace = async () => null; }")
    said = page.locator(".undos .undo")
    for _ in range(3):
        page.evaluate("studio.tellOfWorkspace({ id: 'w', refused: 'It still has a job.' })")
    expect(said).to_have_text(["It still has a job."])
    page.evaluate("studio.tellOfWorkspace({ id: 'w', name: 'Work' })")
    expect(said).to_have_text(["Deleted the workspace WorkUndo"])
    page.get_by_role("button", name="Undo").click()
    expect(said).to_have_count(0)
    expect_asked(page, ["undelete_workspace", {"workspace_id": "w"}])
    expect_told(page, server, [("go_to", "w")])


def test_favourite_shows_at_once_and_falls_back_to_what_the_server_says(page: Page, server: Server) -> None:
    show(page)
    heart = page.locator("[data-job=job-3] .favourite")
    heart.focus()
    heart.press("Space")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect_asked(page, ["set_favourite", {"job_id": "job-3", "favourite": True}])
    expect(heart).to_have_attribute("aria-pressed", "false", timeout=6000)


GROW = """(pages) => {
  window.answers.list_jobs = ({ cursor }) => pages[cursor] ?? new Promise(() => {});
}"""


def page_of(numbers: range, following: str | None = None, previous: str | None = None) -> dict[str, Any]:
    return {"jobs": [card(number) for number in numbers], "next": following, "previous": previous}


def test_what_comes_next_is_there_before_it_is_asked_for_and_what_is_far_is_not_in_the_page(
    page: Page, server: Server
) -> None:
    server.cards = [card(number) for number in range(400, 376, -1)]
    server.next = "c1"
    page.evaluate(GROW, {"c1": page_of(range(376, 316, -1), "c2"), "c2": page_of(range(316, 0, -1))})
    page.set_viewport_size({"width": 1440, "height": 500})
    show(page)
    page.wait_for_function("studio.gallery.near() && asked.length > 0")
    names = page.locator(".card .prompt")
    column = page.locator(".studio-gallery")
    for _ in range(100):
        column.evaluate("(column) => column.scrollTo(0, 1e6)")
        page.wait_for_timeout(50)
        if names.last.text_content() == "study 1":
            break
    expect(names.last).to_have_text("study 1")
    assert 24 <= names.count() < 200
    assert column.evaluate("(column) => column.scrollHeight - column.clientHeight - column.scrollTop") < 2
    near = page.evaluate("studio.gallery.near()")
    assert near["oldest"] is None
    assert page.locator(".gallery-more").locator("visible=true").count() == 0


def test_a_page_that_does_not_come_is_asked_for_again_by_a_button(page: Page, server: Server) -> None:
    server.next = "c1"
    page.evaluate("() => { answers.list_jobs = () => { throw new Error('It is away.'); }; }")
    show(page)
    expect(page.get_by_text("It is away.")).to_be_visible()
    page.evaluate(GROW, {"c1": page_of(range(0, -2, -1))})
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card")).to_have_count(5)
    expect(page.get_by_text("It is away.")).to_be_hidden()


def test_an_empty_workspace_says_what_will_appear(page: Page, server: Server) -> None:
    server.cards = []
    show(page)
    expect(page.get_by_text("No jobs yet")).to_be_visible()
    expect(page.get_by_text("Make something")).to_be_visible()


def test_the_details_open_again_after_escape_and_stay_for_the_next_job(page: Page, server: Server) -> None:
    show(page)
    for _ in range(2):
        details = details_of(page)
        page.keyboard.press("Escape")
        expect(details).to_be_hidden()
    expect(page.locator(".scene .details-toggle")).to_be_focused()
    page.keyboard.press("i")
    expect(details).to_have_attribute("data-job", "job-3")
    server.cards = server.cards[1:]
    page.keyboard.press("ArrowRight")
    expect(page.locator(".scene")).to_have_attribute("data-job", "job-2")
    expect(details).to_have_attribute("data-job", "job-2")


def test_progress_moves_without_a_new_scene_and_cancel_names_the_job(page: Page, server: Server) -> None:
    server.job = card(9, status="running", progress=0.25, progress_text="Drawing")
    show(page)
    cancel = page.locator(".stage .cancel")
    cancel.evaluate("node => { node.mark = 'same'; }")
    server.job |= {"progress": 0.5}
    show(page)
    expect(page.locator(".stage .progress").first).to_have_attribute("aria-valuenow", "50")
    assert cancel.evaluate("node => node.mark") == "same"
    cancel.click()
    expect(cancel).to_be_disabled()
    expect_asked(page, ["cancel_job", {"job_id": "job-9"}])


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(page: Page, server: Server, width: int) -> None:
    server.cards = [card(1, prompt="x" * 2000, model_name="m" * 200), card(2, prompt="שקיעה " * 40)]
    server.job = server.cards[0]
    page.set_viewport_size({"width": width, "height": 800})
    show(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
